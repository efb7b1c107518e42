/**
 * Writes `docs/damages.md`, with damages to tables and the kit's reports. Run it with `PROOFS=full deno run -A
 * tests/damages/document.ts`.
 */
import { spawnSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import process from "node:process";
import { damages } from "./damages.ts";
import { judged } from "./outcomes.ts";
import type { Came } from "./run.ts";
import { onDeno } from "../helpers/runs.ts";

const allowed = onDeno ? ["run", "--no-check", "-A"] : [];
const { stdout, stderr } = spawnSync(process.execPath, [...allowed, "tests/damages/run.ts"], {
  encoding: "utf8",
  maxBuffer: 2 ** 28,
});
if (!stdout) throw new Error(stderr);
const [good, ...came]: Came[] = stdout.trimEnd().split("\n").map((line) => JSON.parse(line));

/** A line of output as code in a cell of a table; long lines are cut. */
function line(text: string): string {
  const whole = Array.from(text.trim(), (letter) => letter < " " || /[\u200b\ufeff]/.test(letter) ? escape(letter) : letter).join(
    "",
  );
  const short = whole.length <= 200 ? whole : `${whole.slice(0, 199)}…`;
  return short === "" ? "" : `\`${short.replaceAll("`", "'").replaceAll("|", "\\|")}\``;
}

function escape(letter: string): string {
  return `\\u${letter.charCodeAt(0).toString(16).padStart(4, "0")}`;
}

let open = 0;
const rows = damages.map((damage) => {
  const all = came.filter(({ names }) => names.length === 1 && names[0] === damage.name).map((one) => judged(damage, one, good));
  const wrong = all.find(({ wrong }) => wrong), { came: outcome = "", line: said } = wrong ?? all[0];
  if (wrong) open++;
  return `| ${damage.name.replaceAll("|", "\\|")} | ${
    wrong ? `**open**: ${wrong.wrong!.replace(/ say .*/, " say it")}` : outcome
  } | ${line(said)} |`;
});

writeFileSync(
  "docs/damages.md",
  `<!-- deno-fmt-ignore-file -->
# Damaged tables

A promise about misread data is no promise. So a good table of 1,200 rows is damaged in ${damages.length} ways that happen in spreadsheets,
exports, merges, downloads and joins, and the command line trains on each. The expected answer was written down first:

- **repaired**: the verdict has the same bits as for the good table, and a line says what was changed;
- **refused**: exit code 2, and the message names the place and a cure;
- **told**: training goes on, and a line that names the column or the rows says what is odd;
- **told in the verdict**: the same, beside the verdict, because the damage changes what a promise is about: rows without a group, rows left out,
  rows that are there twice;
- **harmless**: the data are the same, and so is the verdict.

A damage may have more than one acceptable answer. Silence is a failure, and so is a message without a place or a cure.
\`tests/damages/damages_test.ts\` tries a sixth of the damages in every run of the tests; \`deno task damages\` tries each at up to two places, and
200 pairs. ${open === 0 ? `The kit handles all ${damages.length} as declared.` : `Of the ${damages.length}, ${open} are open.`}

## What no reader can see

Some damages leave a table that might be as good as any. Two levels of a group are swapped in a few rows, or a label is flipped by chance.
Half of the rows are lost at the end of a line, or a column is shuffled. The sample is not of the people to whom the model will be applied.
No reader can tell of these, and a promise does not cover them. Look at the counts in the description of the data, and compare them with
what you know.

## What is said

The table is written by \`PROOFS=full deno run -A tests/damages/document.ts\`; each line is the message for the first damaged place.

| Damage | What happens | What is said |
| --- | --- | --- |
${rows.join("\n")}
`,
);
console.log(`${damages.length} damages, ${open} open`);

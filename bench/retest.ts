/**
 * Rows until a test in sequence passes, beside a test of a fixed number of rows at the same delta, and what looking again and
 * again with that one does: `deno run bench/retest.ts [--streams 400]`. Decisions are drawn with known rates. The monitor's
 * evidence with the sign turned is of the same rows.
 * @module
 */
import { parseArgs } from "node:util";
import { bounds, constraint, samplesNeeded } from "../mod.ts";
import { uniformFloat64 } from "../deps.ts";
import { linearForm } from "../seldonian/constraints/linear.ts";
import { eValueOf } from "../seldonian/monitoring/e_process.ts";
import { FormEvidence } from "../seldonian/monitoring/evidence.ts";
import { FormWatch, type Part, partsOf } from "../seldonian/monitoring/form_watch.ts";
import { randomStream } from "../seldonian/random.ts";

const { values: flags } = parseArgs({ options: { streams: { type: "string", default: "400" } } });
const streams = Number(flags.streams), delta = 0.05, known = { exclusive: [["M", "F"]], classes: 2 };

/** A promise on decisions, its rates where it is at the edge, and how a rate moves to keep it by `spare`. */
interface Case {
  text: string;
  /** The rate of each group's decisions, and its part of the rows. */
  rates: (spare: number) => { name: string; rate: number; part: number }[];
}
const gap = (part: number) => (spare: number) => [
  { name: "PR | [M]", rate: 0.6 - spare, part },
  { name: "PR | [F]", rate: 0.45, part: 1 - part },
];
const cases: Case[] = [
  { text: "ACC >= 0.8", rates: (spare) => [{ name: "ACC", rate: 0.8 + spare, part: 1 }] },
  { text: "ACC >= 0.5", rates: (spare) => [{ name: "ACC", rate: 0.5 + spare, part: 1 }] },
  { text: "(PR | [M]) - (PR | [F]) <= 0.15", rates: gap(0.5) },
  { text: "(PR | [M]) - (PR | [F]) <= 0.15", rates: gap(0.2) },
];

/** Rows of a case until the evidence reaches 1 / delta, a look of `look` rows at a time; `most` if it does not. */
function rowsUntil({ text, rates }: Case, spare: number, look: number, most: number, kind: "none" | "guess" | "monitor") {
  const form = linearForm(constraint(text).g, () => [0, 1])!, parts = partsOf(form, known, () => [0, 1]), groups = rates(spare);
  const negated = {
    constant: -form.constant,
    terms: form.terms.map(({ leaf, coefficient }) => ({ leaf, coefficient: -coefficient })),
  };
  const evidence = new FormEvidence(form, parts), watch = new FormWatch(negated, partsOf(negated, known, () => [0, 1]), known);
  const place = (part: Part) => groups.findIndex(({ name }) => name === `${part.terms[0].leaf}`), places = parts.map(place);
  const guesses = parts.map(({ terms: [{ coefficient }] }, i) => [200, coefficient * groups[places[i]].rate] as const);
  return Array.from({ length: streams }, (_, stream) => {
    const random = randomStream(stream, "draws"), u = () => uniformFloat64(random);
    const state = evidence.initial(kind === "guess" ? guesses : null), watched = watch.initial();
    let rows = 0;
    while (rows < most) {
      const values: number[][] = parts.map(() => []);
      for (let i = 0; i < look; i++) {
        const group = groups.length === 1 || u() < groups[0].part ? 0 : 1, i = places.indexOf(group);
        values[i].push(parts[i].terms[0].coefficient * (u() < groups[group].rate ? 1 : 0));
        if (kind === "monitor") watch.add(watched, parts.map((_, j) => j === i ? -values[i].at(-1)! : null));
      }
      rows += look;
      if (kind !== "monitor") evidence.look(state, values);
      if ((kind === "monitor" ? eValueOf(watched.capital) : evidence.eValue(state)) >= 1 / delta) return { rows, passed: true };
    }
    return { rows, passed: false };
  });
}

const count = (n: number) => Math.round(n).toLocaleString("en");
const mean = (found: { rows: number }[]) => count(found.reduce((sum, { rows }) => sum + rows, 0) / found.length);
const part = (found: { rows: number }[], q: number) =>
  count(found.map(({ rows }) => rows).sort((a, b) => a - b)[Math.floor(q * found.length)]);

console.log(
  `${streams} streams of decisions, delta ${delta}; a look is of 25 rows at a spare of 0.1, 50 at 0.05, and 200 at 0.02\n`,
);
console.log(
  "| promise | g | fixed, power 0.5 | 0.9 | in sequence, mean | 90 % of streams | with a guess, mean | 90 % | monitor's evidence, mean |",
);
console.log(`| --- | ${"--: | ".repeat(8)}`);
for (const one of cases) {
  for (const [spare, look] of [[0.1, 25], [0.05, 50], [0.02, 200]] as const) {
    const groups = one.rates(spare), rates = Object.fromEntries(groups.map(({ name, rate, part }) => [name, { rate, part }]));
    // Exact tests of two groups of so many rows take hours.
    const isLong = groups.length > 1 && spare < 0.05;
    const fixed = [0.5, 0.9].map((power) => isLong ? "" : count(samplesNeeded(one.text, { delta, rates, power, draws: 100 })));
    const most = 400 / spare ** 2 * 0.2,
      found = (["none", "guess", "monitor"] as const).map((kind) => rowsUntil(one, spare, look, most, kind));
    const cells = [...fixed, mean(found[0]), part(found[0], 0.9), mean(found[1]), part(found[1], 0.9), mean(found[2])];
    console.log(`| \`${one.text.replaceAll("|", "\\|")}\`, M ${groups[0].part} | -${spare} | ${cells.join(" | ")} |`);
  }
}

console.log("\nAt the very edge, 20 looks of 50 rows, stopping at the first pass:");
for (const one of [cases[0], cases[1]]) {
  const ever = rowsUntil(one, 0, 50, 1000, "none").filter(({ passed }) => passed).length / streams;
  const guessed = rowsUntil(one, 0, 50, 1000, "guess").filter(({ passed }) => passed).length / streams;
  const [{ rate }] = one.rates(0);
  let peeked = 0;
  for (let stream = 0; stream < streams; stream++) {
    const random = randomStream(stream, "draws"), z: number[] = [];
    for (let look = 0; look < 20; look++) {
      for (let i = 0; i < 50; i++) z.push(uniformFloat64(random) < rate ? 1 : 0);
      if (bounds.lowerBound(z, { method: "clopper-pearson", delta, range: [0, 1] }) < rate) continue;
      peeked++;
      break;
    }
  }
  console.log(
    `${one.text}: in sequence ${ever}, with a guess ${guessed}; the fixed test (Clopper and Pearson's) at every look ${
      peeked / streams
    }`,
  );
}

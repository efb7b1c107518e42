/**
 * The long form: `deno run -A tests/adversary/run.ts [--questions 2000] [--seed 1] [--minutes 20] [--kit ../../mod.ts]` prints a
 * tally, and exits with 1 if a model that breaks its promise passed more often than delta allows. `--processes 2` runs two
 * processes, `--only 17` asks one question again, and `--theme costs` asks the questions of a theme.
 */
import { spawn } from "node:child_process";
import process from "node:process";
import { pathToFileURL } from "node:url";
import { parseArgs } from "node:util";
import { type Found, questionsOf, reproducer, tried } from "./adversary.ts";
import type { Kit } from "./trial.ts";
import { onDeno } from "../helpers/runs.ts";

const { values: flags } = parseArgs({
  options: {
    questions: { type: "string", default: "2000" },
    seed: { type: "string", default: "1" },
    minutes: { type: "string", default: "20" },
    kit: { type: "string" },
    processes: { type: "string", default: "2" },
    part: { type: "string" },
    only: { type: "string" },
    theme: { type: "string" },
  },
});
const seed = Number(flags.seed),
  count = Number(flags.questions),
  begun = performance.now(),
  budget = 60000 * Number(flags.minutes);

/** The line that a part of the suite prints for a question. */
interface Told {
  number: number;
  theme: string;
  trials: number;
  passes: number;
  approximate: number;
  refused: number;
  refusals: Record<string, number>;
  milliseconds: number;
  /** The reproducer of an alarm. */
  alarm: string | null;
  /** The reproducer of a crash. */
  crash: string | null;
}

if (flags.part === undefined && flags.only === undefined) await together(Number(flags.processes));
else await part(...(flags.part ?? "0/1").split("/").map(Number) as [number, number]);

/** Asks every `of`-th question from `first` on, and prints a line for each. */
async function part(first: number, of: number) {
  const url = flags.kit === undefined ? new URL("../../mod.ts", import.meta.url) : pathToFileURL(flags.kit);
  const kit: Kit = await import(`${url}`), all = questionsOf(count, seed);
  const mine = flags.only !== undefined
    ? all.filter(({ number }) => number === Number(flags.only))
    : all.filter(({ number, theme }) => number % of === first && (flags.theme ?? theme) === theme);
  for (const question of mine) {
    const left = budget - (performance.now() - begun);
    if (left < 0) break;
    const found = await tried(kit, question, seed, {
      among: count,
      most: Math.min(question.theme === "tuned" ? 60000 : 25000, left),
    });
    if (flags.only !== undefined) console.log(reproducer(found, seed), found.refusals, found.crash ?? "");
    else console.log(JSON.stringify(told(found)));
  }
}

function told(found: Found): Told {
  const { question: { number, theme }, trials, passes, approximate, refused, refusals, milliseconds, alarm, crash } = found;
  return {
    number,
    theme,
    trials,
    passes,
    approximate,
    refused,
    refusals,
    milliseconds,
    alarm: alarm ? reproducer(found, seed) : null,
    crash: crash === null ? null : `${reproducer(found, seed)}\n${crash}`,
  };
}

/** Runs the parts in separate processes, and adds up their results. */
async function together(processes: number) {
  const [, script] = process.argv, all: Told[] = [];
  const own = onDeno ? ["run", "-A", "--no-check", script] : [script];
  const codes = await Promise.all(Array.from({ length: processes }, (_, i) =>
    new Promise<number>((resolve) => {
      const child = spawn(process.execPath, [...own, ...process.argv.slice(2), "--part", `${i}/${processes}`], {
        stdio: ["ignore", "pipe", "inherit"],
      });
      let rest = "";
      child.stdout.on("data", (piece) => {
        const lines = (rest + piece).split("\n");
        rest = lines.pop()!;
        for (const line of lines) {
          const one: Told = JSON.parse(line);
          all.push(one);
          if (one.alarm !== null) console.log(`ALARM ${one.alarm}\n`);
          if (one.crash !== null) console.log(`CRASH ${one.crash}\n`);
        }
      });
      child.on("close", (code) => resolve(code ?? 1));
    })));
  report(all);
  if (codes.some((code) => code !== 0)) console.log("a process ended with an error: not all questions were asked");
  process.exit(codes.some((code) => code !== 0) || all.some(({ alarm, crash }) => alarm !== null || crash !== null) ? 1 : 0);
}

function report(all: readonly Told[]) {
  const sum = (some: readonly Told[], of: (told: Told) => number) => some.reduce((sum, told) => sum + of(told), 0);
  const row = (name: string, some: readonly Told[]) => {
    const trials = sum(some, ({ trials }) => trials),
      percent = (x: number, of: number) => `${(100 * x / Math.max(1, of)).toFixed(1)} %`;
    console.log(
      [
        name.padEnd(20),
        `${some.length} questions`.padStart(16),
        `${trials} trials`.padStart(16),
        `passed ${percent(sum(some, ({ passes }) => passes), trials)}`.padStart(15),
        `approximate ${percent(sum(some, ({ approximate }) => approximate), trials)}`.padStart(20),
        `refused ${percent(some.filter(({ trials, refused }) => refused === trials).length, some.length)}`.padStart(17),
        `${some.filter(({ alarm }) => alarm !== null).length} alarms`.padStart(11),
        `${some.filter(({ crash }) => crash !== null).length} crashes`.padStart(12),
        `${(sum(some, ({ milliseconds }) => milliseconds) / 1000).toFixed(0)} s`.padStart(8),
      ].join(""),
    );
  };
  for (const theme of new Set(all.map(({ theme }) => theme))) row(theme, all.filter((told) => told.theme === theme));
  row("all", all);
  const kinds: Record<string, number> = {};
  for (const { refusals } of all) for (const [kind, times] of Object.entries(refusals)) kinds[kind] = (kinds[kind] ?? 0) + times;
  for (const [kind, times] of Object.entries(kinds).sort((a, b) => b[1] - a[1]).slice(0, 25)) {
    console.log(`refused ${times} times: ${kind}`);
  }
}

/**
 * Times the kit, and with `--peers` its peers: `deno task bench`, `deno task bench:peers`. In every round each contender answers
 * a case in turn, in a separate process that sleeps while others run; a figure is the median over rounds of the medians of their
 * runs. Before timing, answers are compared: the same input must give the same numbers.
 *
 *   deno run -A bench/run.ts [--peers] [--only TEXT] [--rounds N] [--jobs] [--json FILE]
 *
 * @module
 */
import { writeFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { type Case, cases, tolerance } from "./cases.ts";
import { type Check, own, peers, Running } from "./contenders.ts";
import { type Job, runJobs } from "./jobs.ts";
import { describeMachine, spinGain } from "./machine.ts";

const { values: flags } = parseArgs({
  options: {
    peers: { type: "boolean", default: false },
    only: { type: "string", default: "" },
    rounds: { type: "string", default: "7" },
    jobs: { type: "boolean", default: false },
    json: { type: "string" },
  },
});

/** A contender's time for a case. */
interface Row extends Case {
  contender: string;
  milliseconds: number;
  /** Fastest and slowest round. */
  least: number;
  most: number;
}

const machine = describeMachine();
console.log(machine.join("\n") + "\n");
const contenders = [...own, ...(flags.peers ? peers : [])].map((contender) => new Running(contender));
const rows: Row[] = [];
try {
  for (const one of cases.filter(({ name }) => name.includes(flags.only))) rows.push(...await timed(one));
} finally {
  await Promise.all(contenders.map((contender) => contender.stop()));
}

const jobs: Job[] = [];
for await (const job of flags.jobs ? runJobs(flags.peers) : []) {
  const { name, contender, seconds, megabytes, note } = job;
  jobs.push(job);
  console.log(
    `${name.padEnd(28)} ${contender.padEnd(24)} ${seconds.toFixed(2).padStart(9)} s ${
      megabytes.toFixed(0).padStart(8)
    } MB  ${note}`,
  );
}
const spin = await spinGain();
console.log(
  spin === null
    ? "\nWithout python3 there is no native gain to compare with."
    : `\nTwo native processes gain ${spin.toFixed(2)} x on these cores.`,
);
const [alone, together] = own.map(({ name }) =>
  rows.find((row) => row.contender === name && row.name === "step" && row.size === 150)
);
if (alone && together && spin !== null) {
  const gain = alone.milliseconds / together.milliseconds;
  console.log(`The kit's step gains ${gain.toFixed(2)} x, ${(gain / spin).toFixed(2)} of that.`);
}
if (flags.json !== undefined) {
  writeFileSync(flags.json, `${JSON.stringify({ date: new Date().toISOString(), machine, spin, rows, jobs }, null, 2)}\n`);
}

/** Asks every contender in turn, round after round, and prints a line for each. */
async function timed(one: Case): Promise<Row[]> {
  const { name, size, runs, flops } = one, times = contenders.map(() => [] as number[]);
  let wanted: Check | undefined;
  for (let round = 0; round < Number(flags.rounds); round++) {
    for (const [i, running] of contenders.entries()) {
      const answer = await running.ask(name, size, round === 0 ? 1 : runs);
      if ("unknown" in answer) continue;
      if (round === 0) requireSame(one, running.contender.name, answer.check, wanted ??= answer.check);
      else times[i].push(median(answer.milliseconds));
    }
  }
  const found = contenders.flatMap(({ contender }, i) =>
    times[i].length === 0 ? [] : [{
      ...one,
      contender: contender.name,
      milliseconds: median(times[i]),
      least: Math.min(...times[i]),
      most: Math.max(...times[i]),
    }]
  );
  for (const { contender, milliseconds, least, most } of found) {
    // Compares with the peer with the same number of threads.
    const threads = contender.includes("2 threads") ? "2 threads" : "1 thread";
    const peer = found.find((row) => row.contender === `PyTorch, ${threads}`);
    const ratio = peer === undefined || peer.contender === contender
      ? ""
      : `${(milliseconds / peer.milliseconds).toFixed(2)} x PyTorch`;
    const speed = flops === undefined ? "" : `${(flops / milliseconds / 1e6).toFixed(0)} GFLOP/s`;
    console.log(
      `${`${name}${size === undefined ? "" : ` ${size}`}`.padEnd(28)} ${contender.padEnd(24)} ${
        milliseconds.toFixed(2).padStart(9)
      } ms ` +
        `(${least.toFixed(2)} to ${most.toFixed(2)})`.padEnd(22) + speed.padStart(12) + ratio.padStart(18),
    );
  }
  return found;
}

/** @throws {Error} if sums differ by more than rounding, relative to the magnitudes of their terms */
function requireSame({ name }: Case, contender: string, found: Check, wanted: Check): void {
  const same = found.length === wanted.length &&
    found.every(([sum, magnitudes], i) => Math.abs(sum - wanted[i][0]) <= tolerance * Math.max(magnitudes, wanted[i][1]));
  if (!same) throw new Error(`${contender} does other work in "${name}": it found ${found}, wanted ${wanted}`);
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b), middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

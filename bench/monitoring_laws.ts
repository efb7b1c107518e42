// How often alarms ring in worlds that meet the conditions of a monitor's promise, and in worlds that do not: streams of 10,000
// outcomes at the limit, alpha 0.05. "docs/monitoring.md" has the table.
//
//   deno run -A bench/monitoring_laws.ts [streams]
import { Monitor, type Outcome } from "../seldonian/monitoring/mod.ts";
import { uniforms } from "./uniforms.ts";

const streams = Number(Deno.args[0] ?? 500), length = 10_000, limit = 0.1;
const { PI, floor, round, sin } = Math;
type Random = () => number;
/** Outcomes as they become known, or what is done with a monitor instead. */
type World = [name: string, text: string, outcomes: (random: Random) => Iterable<Outcome | ((monitor: Monitor) => void)>];

const times = Array.from({ length }, (_, t) => t);
const turn = (t: number, of: number) => floor(t / of) % 2 === 0;

/** Rows of a rate that may move. */
const rate = (of: (t: number) => number): World[2] => (random) => times.map((t) => ({ output: random() < of(t) ? 1 : 0 }));

/** Rows of A, a limit above B, with a share and a base rate that may move. */
const groups = (share: (t: number) => number, base: (t: number) => number): World[2] => (random) =>
  times.map((t) => row(random() < share(t), random, base(t)));
const row = (A: boolean, random: Random, base: number): Outcome => ({
  output: random() < base + (A ? limit : 0) ? 1 : 0,
  columns: { A, B: !A },
});

/** Labelled rows, which err at a rate; each is told after a delay, or never. */
const delayed = (delay: (error: boolean, random: Random) => number): World[2] => (random) =>
  times.map((t) => {
    const error = random() < limit;
    return { at: t + delay(error, random), told: { output: 1, label: error ? 0 : 1 } };
  }).filter(({ at }) => at < Infinity).sort((a, b) => a.at - b.at).map(({ told }) => told);

/** The first reports of labels that are corrected at a later time. */
const corrected = (first: (error: boolean, random: Random) => boolean, when: (t: number) => number): World[2] =>
  function* (random) {
    const told = (error: boolean): Outcome => ({ output: 1, label: error ? 0 : 1 }), open: [number, Outcome, Outcome][] = [];
    for (const t of times) {
      const error = random() < limit, seen = first(error, random);
      if (seen !== error) open.push([when(t), told(seen), told(error)]);
      yield told(seen);
      while (open.length > 0 && open[0][0] <= t) {
        const [, old, now] = open.shift()!;
        yield (monitor) => void monitor.correct(old, now);
      }
    }
  };

const difference = `(PR | [A]) - (PR | [B]) <= ${limit}`,
  up = (from: number, to: number) => (t: number) => from + (to - from) * t / length;
const worlds: World[] = [
  ["base rates of two groups rise from 0.2 to 0.7, their difference at the limit", difference, groups(() => 0.5, up(0.2, 0.7))],
  ["the same, while the share of one group rises from 0.1 to 0.9", difference, groups(up(0.1, 0.9), up(0.2, 0.7))],
  ["base rates jump by 0.7 every 10 outcomes", difference, groups(() => 0.5, (t) => turn(t, 10) ? 0.1 : 0.8)],
  [
    "groups that overlap: base rates rise by 0.6, the share of one from 0.1 to 0.7",
    `(PR | [O]) - PR <= ${limit / 2}`,
    (random) =>
      times.map((t) => {
        const share = up(0.1, 0.7)(t), O = random() < share;
        return { output: random() < up(0.1, 0.7)(t) + (O ? limit / 2 / (1 - share) : 0) ? 1 : 0, columns: { O } };
      }),
  ],
  [
    "a rate that moves between a fifth of the limit and the limit",
    `PR <= ${limit}`,
    rate((t) => limit * (0.6 + 0.4 * sin(2 * PI * t / 1000))),
  ],
  ["delays of up to 1,000 outcomes, whatever the outcome", `ER <= ${limit}`, delayed((_, random) => 1000 * random())],
  [
    "a third of the errors is never known",
    `ER <= ${limit}`,
    delayed((error, random) => error && random() < 1 / 3 ? Infinity : 0),
  ],
  [
    "95 % of one group, then of the other, turns of 250, base rates 0.5 apart",
    difference,
    groups((t) => turn(t, 250) ? 0.95 : 0.05, (t) => turn(t, 250) ? 0.7 : 0.2),
  ],
  ["the same without any of the other group", difference, groups((t) => turn(t, 250) ? 1 : 0, (t) => turn(t, 250) ? 0.7 : 0.2)],
  ["a rate of 0.05 and 0.15 by turns of 250, the limit is 0.1", `PR <= ${limit}`, rate((t) => turn(t, 250) ? 0.05 : 0.15)],
  ["a rate of 0.05 and 0.15 by turns of 10", `PR <= ${limit}`, rate((t) => turn(t, 10) ? 0.05 : 0.15)],
  [
    "every outcome comes three times",
    `PR <= ${limit}`,
    (random) => [...rate(() => limit)(random)].flatMap((one) => [one, one, one]).slice(0, length),
  ],
  [
    "errors are known at once, successes up to 1,000 outcomes later",
    `ER <= ${limit}`,
    delayed((error, random) => error ? 0 : 1000 * random()),
  ],
  [
    "labels are known only where the output is yes, which errs more",
    `ER <= ${limit}`,
    (random) =>
      times.map((): Outcome => {
        const yes = random() < 0.5, error = random() < limit * (yes ? 1.5 : 0.5);
        return { output: yes ? 1 : 0, ...(yes && { label: error ? 0 : 1 }) };
      }),
  ],
  [
    "one group is served until its mean is above its rate, then three of the other",
    difference,
    function* (random) {
      for (let n = 0; n < length;) {
        for (let rows = 0, sum = 0; n < length && (rows === 0 || sum <= (0.4 + limit) * rows); rows++, n++) {
          const one = row(true, random, 0.4);
          sum += one.output as number;
          yield one;
        }
        for (let k = 0; k < 3 && n < length; k++, n++) yield row(false, random, 0.4);
      }
    },
  ],
  [
    "a third of the errors seen as such only 500 outcomes later",
    `ER <= ${limit}`,
    corrected((error, random) => error && random() >= 1 / 3, (t) => t + 500),
  ],
  [
    "all errors reported right at first, corrected in bulk every 100",
    `ER <= ${limit}`,
    corrected(() => false, (t) => 100 * floor(t / 100) + 99),
  ],
  [
    "a tenth of the right answers reported wrong at first, corrected later",
    `ER <= ${limit}`,
    corrected((error, random) => error || random() < 0.1, (t) => t + 500),
  ],
];

console.log(`| outcomes, ${streams} streams of ${length} | false alarms |\n| --- | --- |`);
for (const [name, text, outcomes] of worlds) {
  let rung = 0;
  for (let stream = 0; stream < streams; stream++) {
    const monitor = new Monitor([text], { exclusive: [["A", "B"]] });
    let some: Outcome[] = [];
    const add = () => some.length > 0 && (monitor.add(some), some = []);
    for (const one of outcomes(uniforms(stream + 1))) {
      if (typeof one === "function") {
        add();
        one(monitor);
      } else if (some.push(one) === 250) {
        add();
        if (monitor.report().alarm !== null) break;
      }
    }
    add();
    if (monitor.report().alarm !== null) rung++;
  }
  console.log(`| ${name} | ${round(1000 * rung / streams) / 10} % |`);
}

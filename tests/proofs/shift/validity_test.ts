/**
 * The promise for populations with other proportions of groups: how often a safety test passes a model that breaks it by a hair in
 * the worst of them. `PROOFS=full` runs 2,000 trials of each case and prints a table; the short form runs 40.
 */
import { ok } from "node:assert/strict";
import { test } from "node:test";
import { DataSet, safetyTest, type SafetyTestOptions, tensor } from "../../../mod.ts";
import { type RandomGenerator, uniformFloat64 } from "../../../deps.ts";
import { randomStream } from "../../../seldonian/random.ts";
import { atLeast } from "../../helpers/exact.ts";
import { echo } from "../../helpers/models.ts";
import { full } from "../../helpers/runs.ts";

const trials = full ? 2000 : 40, delta = 0.1, edge = 1e-6;
/** The most passes that chance allows if each has probability delta: more have probability below 1e-4. */
const most = Array.from({ length: trials + 1 }, (_, k) => k).find((k) => atLeast(k, trials, delta) < 1e-4)! - 1;

/** A stratum: its part of the data, the part of men in it, and the positive rates of women and men. */
interface Stratum {
  today: number;
  men: number;
  rates: readonly [F: number, M: number];
}

const abc = (...parts: (number | readonly [number, number])[]) => ({
  race: Object.fromEntries(parts.map((part, d) => ["abc"[d], part])),
});

/** E[PR | M], E[PR | F] and E[PR] in a population. */
function rates(strata: readonly Stratum[], p: readonly number[]): Record<"M" | "F" | "all", number> {
  const sum = (f: (one: Stratum) => number) => strata.reduce((total, one, d) => total + p[d] * f(one), 0);
  const M = sum(({ men, rates: [, m] }) => men * m) / sum(({ men }) => men);
  const F = sum(({ men, rates: [f] }) => (1 - men) * f) / sum(({ men }) => 1 - men);
  return { M, F, all: sum(({ men, rates: [f, m] }) => men * m + (1 - men) * f) };
}

const two: Stratum[] = [{ today: 0.85, men: 0.5, rates: [0.2, 0.2] }, { today: 0.15, men: 0.3, rates: [0.5, 0.6] }];
const three: Stratum[] = [
  { today: 0.6, men: 0.5, rates: [0.1, 0.15] },
  { today: 0.3, men: 0.6, rates: [0.3, 0.4] },
  { today: 0.1, men: 0.2, rates: [0.5, 0.3] },
];

/** Of two strata with equal rates and other parts of men, so that the difference is greatest inside of an interval. */
const apart: Stratum[] = [{ today: 0.85, men: 0.9, rates: [0.8, 0.8] }, { today: 0.15, men: 0.2, rates: [0.1, 0.1] }];

/** The population of two strata within limits of the first with the greatest difference of men and women. */
function worstOf(strata: readonly Stratum[], [low, high]: readonly [number, number]): number[] {
  const populations = Array.from({ length: 1001 }, (_, k) => low + (high - low) * k / 1000).map((p) => [p, 1 - p]);
  const gap = (p: readonly number[]) => rates(strata, p).M - rates(strata, p).F;
  return populations.reduce((worst, p) => gap(p) > gap(worst) ? p : worst);
}

interface Case {
  name: string;
  n: number;
  strata: readonly Stratum[];
  shift: NonNullable<SafetyTestOptions["shift"]>;
  /** The worst population. */
  worst: readonly number[];
  text(worst: Record<"M" | "F" | "all", number>): string;
  /** Whether outputs are probabilities that vary, instead of decisions. */
  smooth?: boolean;
  /** Today's population, of which a test without shift finds the promise kept. */
  today?: boolean;
}

const cases: Case[] = [
  {
    name: "everybody, known proportions",
    n: 200,
    strata: two,
    shift: abc(0.5, 0.5),
    worst: [0.5, 0.5],
    text: ({ all }) => `PR <= ${all - edge}`,
    today: true,
  },
  {
    name: "everybody, from below",
    n: 60,
    strata: two,
    shift: abc(0.95, 0.05),
    worst: [0.95, 0.05],
    text: ({ all }) => `PR >= ${all + edge}`,
  },
  {
    name: "everybody, intervals, three groups",
    n: 150,
    strata: three,
    shift: abc([0.3, 0.6], [0.2, 0.4], [0.1, 0.4]),
    worst: [0.3, 0.3, 0.4],
    text: ({ all }) => `PR <= ${all - edge}`,
    today: true,
  },
  {
    name: "probabilities, intervals",
    n: 100,
    strata: two,
    shift: abc([0.4, 0.9], [0.1, 0.6]),
    worst: [0.4, 0.6],
    text: ({ all }) => `PR <= ${all - edge}`,
    smooth: true,
    today: true,
  },
  {
    name: "a group, known proportions",
    n: 300,
    strata: two,
    shift: abc(0.4, 0.6),
    worst: [0.4, 0.6],
    text: ({ M }) => `(PR | [M]) <= ${M - edge}`,
    today: true,
  },
  {
    name: "a difference of groups, known proportions",
    n: 300,
    strata: three,
    shift: abc(0.2, 0.7, 0.1),
    worst: [0.2, 0.7, 0.1],
    text: ({ M, F }) => `(PR | [M]) - (PR | [F]) <= ${M - F - edge}`,
  },
  {
    name: "a group and everybody, probabilities",
    n: 200,
    strata: three,
    shift: abc(0.2, 0.3, 0.5),
    worst: [0.2, 0.3, 0.5],
    text: ({ M, all }) => `(PR | [M]) >= ${(M + edge) / all} * PR`,
    smooth: true,
  },
  {
    name: "a difference of groups, intervals, in pieces",
    n: 60,
    strata: apart,
    shift: abc([0.3, 0.9], [0.1, 0.7]),
    worst: worstOf(apart, [0.3, 0.9]),
    text: ({ M, F }) => `(PR | [M]) - (PR | [F]) <= ${M - F - edge}`,
  },
  {
    name: "a product, apart",
    n: 200,
    strata: two,
    shift: abc([0.4, 0.9], [0.1, 0.6]),
    worst: [0.4, 0.6],
    text: ({ M, F }) => `(PR | [M]) * (PR | [F]) <= ${M * F - edge}`,
  },
];

function dataOf({ n, strata, smooth }: Case, random: RandomGenerator): DataSet {
  const rows = Array.from({ length: n }, () => {
    let u = uniformFloat64(random), d = 0;
    while (d < strata.length - 1 && u >= strata[d].today) u -= strata[d++].today;
    const M = uniformFloat64(random) < strata[d].men ? 1 : 0, rate = strata[d].rates[M];
    const p = smooth
      ? Math.fround(rate + (uniformFloat64(random) - 0.5) * Math.min(rate, 1 - rate))
      : uniformFloat64(random) < rate
      ? 1
      : 0;
    return { race: "abc"[d], M, p };
  });
  const M = rows.map(({ M }) => M);
  return new DataSet({
    features: tensor(rows.map(({ p }) => [p])),
    columns: { race: rows.map(({ race }) => race), M, F: M.map((m) => 1 - m) },
    exclusive: [["M", "F"]],
  });
}

for (const one of cases) {
  test(`a model that breaks its promise in the worst population passes with probability at most delta: ${one.name}`, async () => {
    const { strata, shift, worst, smooth, today } = one, constraints = [{ text: one.text(rates(strata, worst)), delta }];
    const rate = smooth ? "expected" : "decided";
    let passed = 0, without = 0, asked = 0;
    for (let trial = 0; trial < trials; trial++) {
      const data = dataOf(one, randomStream(trial, "draws")),
        question = { model: echo, data, constraints, rates: rate } as const;
      // Data without one of the groups is refused.
      if (new Set(data.columns.get("race") as string[]).size < strata.length) continue;
      asked++;
      if ((await safetyTest({ ...question, shift })).passed) passed++;
      if (today && (await safetyTest(question)).passed) without++;
    }
    if (full) console.log(`${one.name}: ${passed} of ${trials} pass; without shift ${today ? without : "-"}`);
    ok(passed <= most, `${constraints[0].text}: ${passed} of ${trials} passed`);
    // The promise for today's population says nothing of the others.
    if (today) ok(without > 3 * most || without > 0.9 * asked, `${without} pass without shift`);
  });
}

import { deepEqual, equal, match, notDeepEqual, ok, rejects } from "node:assert/strict";
import { test } from "node:test";
import { DataSet, Sets, Tensor } from "../../../mod.ts";
import {
  constant,
  type Contender,
  experiment,
  fitted,
  penalized,
  seldonian,
  type TrialData,
} from "../../../seldonian/experiments/mod.ts";
import { model, objective, population, small } from "../../helpers/small_experiment.ts";

/** Half of the rows, moved, with a group. */
const there = new DataSet({
  features: Array.from({ length: 150 }, (_, i) => [Math.sin(5.3 * i) + 0.8, Math.cos(2.9 * i)]),
  labels: Array.from({ length: 150 }, (_, i) => i % 2),
  columns: { F: Array.from({ length: 150 }, (_, i) => Number(i % 3 === 0)) },
});

/** A contender that sees its data and finds nothing. */
function spy(see: (trial: TrialData) => void): Contender {
  return { settings: `${see}`, outputs: (trial) => (see(trial), Promise.resolve(null)) };
}

const asked = { ...small, others: { there }, constraints: [{ text: "(PR | there) <= 0.3", delta: 0.05 }] };

test("every contender gets the same rows of each data set, in proportion to the populations, or as its share says", async () => {
  const seen = new Map<string, string[]>();
  const watch = (name: string) =>
    spy(({ rows, others }) => {
      const told = [rows, others!.there.rows].map(({ size, rowNumbers }) => `${size}: ${rowNumbers.join()}`);
      seen.set(name, [...seen.get(name) ?? [], told.join("; ")]);
    });
  const run = async (more: Partial<typeof asked> | object) => {
    seen.clear();
    await experiment({ ...asked, contenders: { a: watch("a"), b: watch("b") }, sizes: [10], trials: 2, ...more });
    deepEqual(seen.get("a"), seen.get("b"));
    return seen.get("a")!;
  };
  const [first, second] = await run({});
  match(first, /^10: .*; 5: /);
  notDeepEqual(first, second);
  match((await run({ others: { there: { population: there, share: 0.2 } } }))[0], /^10: .*; 2: /);
  // The order in which data sets are named does not matter.
  deepEqual(await run({ others: { elsewhere: there, there } }), [first, second]);
});

test("paired data sets draw the same rows, others rows of their own; a function gets the number of its rows", async () => {
  const twice = { paired: ["there"], others: { there: population, alone: population } }, same: boolean[][] = [];
  const contenders = {
    a: spy(({ rows, others }) =>
      same.push(["there", "alone"].map((name) => others![name].rows.rowNumbers.join() === rows.rowNumbers.join()))
    ),
  };
  await experiment({ ...asked, ...twice, contenders, sizes: [20], trials: 2 });
  deepEqual(same, [[true, false], [true, false]]);
  const asks: [number, number][] = [];
  const made = { population: (n: number, seed: number) => (asks.push([n, seed]), there.take([0, 1])), truth: there, share: 0.5 };
  await experiment({ ...asked, others: { there: made, also: made }, contenders: { a: spy(() => {}) }, sizes: [20], trials: 1 });
  deepEqual(asks.map(([n]) => n), [10, 10]);
  ok(asks[0][1] !== asks[1][1]);
});

test("each data set's truth judges what constraints say about it, and the main one the performance", async () => {
  const tell = (main: number, other: number): Contender => ({
    settings: [main, other],
    outputs: ({ truth, others }) => {
      const filled = ({ size }: DataSet, value: number) => Tensor.from(new Float64Array(size).fill(value));
      return Promise.resolve(new Sets(filled(truth, main), { there: filled(others!.there.truth, other) }));
    },
  });
  const texts = ["(PR | there) <= 0.3", "PR - (PR | there[F]) <= 0"];
  const { trials: [kept, first, second] } = await experiment({
    ...asked,
    constraints: texts.map((text) => ({ text, delta: 0.05 })),
    performance: "NR",
    contenders: { kept: tell(0.25, 0.25), first: tell(0.5, 0.75), second: tell(0.75, 0.25) },
    sizes: [10],
    trials: 1,
  });
  deepEqual([kept, first, second].map(({ broken }) => broken), [false, true, true]);
  deepEqual([kept, first, second].map(({ performance }) => performance), [0.75, 0.5, 0.25]);
  ok(Math.abs(first.values[0]! - 0.45) < 1e-12 && Math.abs(second.values[1]! - 0.5) < 1e-12);
});

test("the kit and the penalty method learn a promise about another data set; a model without one breaks it", async () => {
  const constraints = [{ text: "(PR | there) <= 0.6", delta: 0.05 }];
  const { trials } = await experiment({
    ...asked,
    constraints,
    contenders: {
      promise: seldonian({ model, objective, constraints, optimizer: { inflation: 3 } }),
      penalty: penalized({ model, objective, constraints }),
      plain: fitted({ model, objective }),
      constant: constant(0.2),
    },
    sizes: [400],
    trials: 2,
  });
  const of = (name: string) => trials.filter(({ contender }) => contender === name);
  ok(of("promise").some(({ solution }) => solution) && of("promise").every(({ broken }) => !broken), JSON.stringify(trials));
  ok(trials.every(({ error }) => error === undefined));
  ok(of("plain").every(({ values: [g] }) => g! > 0.2));
  ok(of("penalty").every(({ values: [g] }) => g! < 0.05));
  ok(of("constant").every(({ values: [g] }) => Math.abs(g! + 0.4) < 1e-12));
});

test("outputs for the main data alone, and wrong questions, are errors that name the data set", async () => {
  const alone: Contender = {
    settings: 0,
    outputs: ({ truth }) => Promise.resolve(Tensor.from(new Float64Array(truth.size))),
  };
  const { trials: [{ error }] } = await experiment({ ...asked, contenders: { alone }, sizes: [10], trials: 1 });
  equal(error, 'Cannot judge no outputs for "there": wanted one for each of the 150 rows of the truth');
  const wrong = (more: object) => experiment({ ...asked, ...more } as typeof asked);
  await rejects(wrong({ others: {} }), /there is no data set "there" in others/);
  await rejects(wrong({ others: { there: { population: () => there } } }), /the population "there", so give `truth`/);
  await rejects(wrong({ others: { there: { population: there, share: 0 } } }), /draw from "there": share is 0/);
  await rejects(wrong({ others: { there: 3 } }), /draw from "there"/);
  await rejects(wrong({ paired: ["where"] }), /Cannot take "where" as paired: there is no such data set in others/);
  await rejects(wrong({ paired: ["there"] }), /Cannot pair the rows of "there" with those of the data: there are 150 and 300/);
});

import { deepEqual, equal, match, notDeepEqual, ok, rejects } from "node:assert/strict";
import { test } from "node:test";
import { DataSet, runHere, Tensor } from "../../../mod.ts";
import {
  constant,
  type Contender,
  experiment,
  experimentTrials,
  fitted,
  memoryStore,
  penalized,
  type TrialData,
  type TrialResult,
} from "../../../seldonian/experiments/mod.ts";
import { constraints, model, objective, optimizer, population, small } from "../../helpers/small_experiment.ts";

/** Results without their times. */
function timeless(trials: readonly TrialResult[]): unknown[] {
  return trials.map(({ seconds: _, ...rest }) => rest);
}

/** A contender that only looks at what it gets. */
function spy(see: (trial: TrialData) => Tensor | null = () => null): Contender {
  return { settings: `${see}`, outputs: (trial) => Promise.resolve(see(trial)) };
}

test("every contender gets the same rows in a trial, and other rows in other trials and sizes", async () => {
  const seen = new Map<string, string[]>();
  const watch = (name: string) => spy(({ rows }) => (seen.set(name, [...seen.get(name) ?? [], rows.rowNumbers.join()]), null));
  await experiment({ ...small, contenders: { a: watch("a"), b: watch("b") } });
  deepEqual(seen.get("a"), seen.get("b"));
  equal(new Set(seen.get("a")).size, 6);
});

test("draws are with replacement, uniform over rows, and of clusters where rows are in clusters", async () => {
  const counts = new Float64Array(10), ten = population.take([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
  const contenders = { a: spy(({ rows }) => (rows.rowNumbers.forEach((row) => counts[row]++), null)) };
  await experiment({ ...small, population: ten, contenders, sizes: [10], trials: 400 });
  // 4,000 draws of one of ten: within five standard deviations of 400.
  counts.forEach((count) => ok(Math.abs(count - 400) < 5 * Math.sqrt(4000 * 0.09), `${counts}`));
  const pairs = ten.clustered([0, 0, 1, 1, 2, 2, 3, 3, 4, 4]), sizes: number[] = [];
  await experiment({
    ...small,
    population: pairs,
    contenders: { a: spy(({ rows }) => (sizes.push(rows.size), null)) },
    sizes: [7],
  });
  deepEqual(sizes, Array.from({ length: 3 }, () => 14));
});

test("the truth judges: performance, values of constraints and broken promises are those of the outputs", async () => {
  const truth = new DataSet({ features: [[0], [0], [0], [0]], labels: [1, 1, 1, 0] });
  const told: Record<string, number[]> = { all: [1, 1, 1, 1], none: [0, 0, 0, 0], half: [0.5, 0.5, 0.5, 0.5] };
  const contenders = Object.fromEntries(
    Object.entries(told).map(([name, outputs]) => [name, spy(() => Tensor.from(Float64Array.from(outputs)))]),
  );
  const asked = { ...small, truth, performance: "ER" as const, contenders, sizes: [5], trials: 1 };
  const { trials } = await experiment(asked), of = (name: string) => trials.find(({ contender }) => contender === name)!;
  deepEqual([of("all").performance, of("all").broken], [0.25, false]);
  deepEqual([of("none").performance, of("none").broken], [0.75, true]);
  deepEqual([of("half").performance, of("half").broken], [0.5, true]);
  ok(Math.abs(of("none").values[0]! - 0.35) < 1e-12);
  const decided = await experiment({ ...asked, rates: "decided" });
  equal(decided.trials.find(({ contender }) => contender === "half")!.broken, false);
});

test("the same seed gives the same results, whatever runs the trials and in whatever order; another seed gives others", async () => {
  const here = await experiment(small), run = experimentTrials(small);
  const late = {
    ...runHere(run),
    count: 3,
    run: async (request: Parameters<typeof run>[0]) => {
      const result = await run(request);
      await new Promise((resolve) => setTimeout(resolve, 5 * ((7 * request.trial + request.size) % 3)));
      return result;
    },
  };
  deepEqual(timeless((await experiment({ ...small, runner: late })).trials), timeless(here.trials));
  notDeepEqual(timeless((await experiment({ ...small, seed: 1 })).trials), timeless(here.trials));
});

test("kept trials are not run again; more trials, sizes and contenders are added; changed settings are run anew", async () => {
  const store = memoryStore();
  let runs = 0;
  const asked = { ...small, store, onTrial: () => runs++ };
  const again = async (more: Partial<typeof small>) => {
    runs = 0;
    await experiment({ ...asked, ...more });
    return runs;
  };
  equal(await again({}), 18);
  equal(await again({}), 0);
  equal(await again({ trials: 4 }), 6);
  equal(await again({ sizes: [40, 60] }), 9);
  const { plain, promise } = small.contenders;
  equal(await again({ contenders: { plain, promise, other: constant(1) } }), 6);
  equal(
    await again({ contenders: { plain: fitted({ model, objective, optimizer: { ...optimizer, epochs: 41 } }), promise } }),
    6,
  );
  equal(await again({ constraints: [{ text: "ACC >= 0.61", delta: 0.05 }] }), 18);
  equal(await again({ seed: 3 }), 18);
  equal(await again({ population: population.take(population.rowNumbers.slice(1)) }), 18);
});

test("a failing contender is a failed trial with its text, and the others go on", async () => {
  const failing: Record<string, Contender> = {
    throws: spy(() => {
      throw new Error("no luck");
    }),
    few: spy(() => Tensor.from(new Float64Array(3))),
    wrong: spy(({ truth }) => Tensor.from(new Float64Array(truth.size).fill(1.5))),
    nan: spy(({ truth }) => Tensor.from(new Float64Array(truth.size).fill(NaN))),
  };
  const results = await experiment({ ...small, contenders: { ...failing, constant: constant(1) }, sizes: [40], trials: 1 });
  const errors = Object.fromEntries(results.trials.map(({ contender, error }) => [contender, error]));
  match(errors.throws!, /^no luck$/);
  match(errors.few!, /\[3\].*wanted one for each of the 300 rows/);
  match(errors.wrong!, /1\.5/);
  match(errors.nan!, /NaN in row 0/);
  equal(errors.constant, undefined);
  ok(results.trials.every(({ error, solution, performance }) => error === undefined || (!solution && performance === null)));
  match(`${results}`, /throws +1 \(1 failed\)/);
});

test("a penalty method always hands out a model, which keeps constraints better than one without", async () => {
  const asked = [{ text: "(PR | [M]) <= 0.2", delta: 0.05 }], how = { ...optimizer, epochs: 200 };
  const { trials } = await experiment({
    ...small,
    constraints: asked,
    contenders: {
      plain: fitted({ model, objective, optimizer: how }),
      penalty: penalized({ model, objective, constraints: asked, optimizer: how }),
    },
    sizes: [200],
    trials: 4,
  });
  const worst = (name: string) =>
    Math.max(...trials.filter(({ contender }) => contender === name).map(({ values }) => values[0]!));
  ok(trials.every(({ solution }) => solution));
  ok(worst("penalty") < worst("plain") - 0.1, `${worst("penalty")}, ${worst("plain")}`);
});

test("wrong questions are errors before any trial", async () => {
  const wrong = (more: object) => experiment({ ...small, ...more } as typeof small);
  await rejects(wrong({ sizes: [] }), /sizes is a list; wanted a list of numbers of rows/);
  await rejects(wrong({ sizes: [0.5] }), /sizes/);
  // The same trials would count twice.
  await rejects(wrong({ sizes: [100, 50, 100] }), /wanted a list of numbers of rows, such as \[100, 300, 1000\], each once/);
  await rejects(wrong({ trials: 0 }), /trials is 0/);
  await rejects(wrong({ contenders: {} }), /contenders/);
  await rejects(wrong({ contenders: { a: 3 } }), /contenders/);
  await rejects(wrong({ population: 3 }), /population is 3; wanted a DataSet/);
  await rejects(wrong({ population: () => population }), /without a truth/);
  await rejects(wrong({ trails: 3 }), /no option "trails".*trials/);
  await rejects(wrong({ constraints: [{ text: "ACC >= ", delta: 0.05 }] }), /ACC >=/);
  await rejects(wrong({ store: "results.txt" }), /Cannot keep results in results\.txt: wanted a name that ends with/);
  await rejects(wrong({ workers: { count: 1, start: () => 3 }, runner: runHere(() => Promise.resolve(3)) }), /give one/);
  await rejects(experiment({ ...small, constraints: [] }), /Cannot promise nothing/);
  equal(constraints.length, 1);
});

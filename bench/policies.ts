// Policies: how wide bounds on returns are, how often they miss, how often a solution is found, and how long it takes.
//
//   deno run -A bench/policies.ts [--trials N] [--sizes 500,1000] [--limits 2,3,Infinity] [--widths]
import { parseArgs } from "node:util";
import { type DataSet, nn, train } from "../mod.ts";
import { lower } from "../seldonian/bounds/bound.ts";
import { empiricalBernstein } from "../seldonian/bounds/empirical_bernstein.ts";
import { student } from "../seldonian/bounds/student.ts";
import {
  episodes,
  Gridworld,
  J_pi_new_IS,
  logarithmicSmoothing,
  maximize,
  measures,
  type Policy,
  type RecordedEpisode,
  runEpisodes,
  SoftmaxTable,
  Uniform,
  WeightLimited,
} from "../seldonian/policies/mod.ts";

const { values: flags } = parseArgs({
  options: {
    trials: { type: "string", default: "50" },
    sizes: { type: "string", default: "300,500,750,1000,1500" },
    limits: { type: "string", default: "2,3,Infinity" },
    widths: { type: "boolean", default: false },
  },
});
const trials = Number(flags.trials), [sizes, limits] = [flags.sizes, flags.limits].map((list) => list.split(",").map(Number));
const discount = 0.9, range = [-8.1, 0.729] as const, behaviour = nn.initialize(new Uniform(4), 0);
const run = (policy: Policy, count: number, seed: number) =>
  episodes(runEpisodes({ environment: () => new Gridworld(), policy, count, seed }), { discount });
const meanOf = (values: ArrayLike<number>) => Array.from(values).reduce((sum, value) => sum + value, 0) / values.length;
const limited = (most: number) => new WeightLimited(new SoftmaxTable(9, 4), behaviour, most);

/** The result of a training on the gridworld. */
async function trained<P extends Policy>(data: DataSet, model: P, proven: boolean, seed: number) {
  return await train({
    data,
    model,
    measures,
    objective: maximize(J_pi_new_IS),
    constraints: [{ text: "J_pi_new_IS >= -0.25", delta: 0.05 }],
    ranges: proven ? { J_pi_new_IS: range } : {},
    optimizer: { thetaRate: 0.1, epochs: 30, replay: true },
    seed,
  });
}

if (flags.widths) await widths();
else await trainings();

async function widths() {
  console.log("Lower bounds on the return of one policy at delta 0.05: mean of 40 samples, and how often they miss its return\n");
  console.log("| policy | episodes | bound | mean lower bound | return | missed |\n| --- | --- | --- | --- | --- | --- |");
  for (const most of limits) {
    const model = most === Infinity ? new SoftmaxTable(9, 4) : limited(most);
    const result = await trained(run(behaviour, 3000, 1), model, most !== Infinity, 1);
    if (!result.passed) throw new Error(`no policy: ${result}`);
    const policy = result.model as Policy, truth = meanOf(run(policy, 40000, 2).labels);
    for (const n of [100, 300, 1000, 3000]) {
      const found = new Map<string, number[]>();
      for (let sample = 0; sample < 40; sample++) {
        const data = run(behaviour, n, 100 + sample), columns = new Map(), arrays = new Map();
        const predictions = policy.forward(data.whole().features as RecordedEpisode[]);
        const outcomes = { predictions, labels: predictions, columns, arrays }, { measure } = J_pi_new_IS;
        const sided = measure.sided!("lower", range, outcomes, []), z = Float64Array.from(sided.values(outcomes, []).data);
        const note = (name: string, bound: number) => found.set(name, [...found.get(name) ?? [], bound]);
        note(sided.bound.name, lower(sided.bound, z, { delta: 0.05, range: sided.range }));
        if (most === Infinity) {
          note("logarithmic-smoothing", lower(logarithmicSmoothing(8), z, { delta: 0.05, range: sided.range }));
        } else note(empiricalBernstein.name, lower(empiricalBernstein, z, { delta: 0.05, range: sided.range }));
        const plain = Float64Array.from(measure.values(outcomes, []).data);
        note("student", lower(student, plain, { delta: 0.05, range: [-Infinity, Infinity] }));
      }
      for (const [name, bounds] of found) {
        const missed = bounds.filter((bound) => bound > truth).length / bounds.length;
        console.log(`| weights to ${most} | ${n} | ${name} | ${meanOf(bounds).toFixed(3)} | ${truth.toFixed(3)} | ${missed} |`);
      }
    }
  }
}

async function trainings() {
  console.log(`Trainings, ${trials} each: J_pi_new_IS >= -0.25, delta 0.05, half of the episodes for the test\n`);
  console.log("| weights | episodes | solutions | broken | mean return | seconds |\n| --- | --- | --- | --- | --- | --- |");
  for (const n of sizes) {
    for (const most of limits) {
      let broken = 0, seconds = 0;
      const returns: number[] = [];
      for (let trial = 0; trial < trials; trial++) {
        const data = run(behaviour, n, 1000 + trial), begin = performance.now();
        const result = await trained(data, most === Infinity ? new SoftmaxTable(9, 4) : limited(most), most !== Infinity, trial);
        seconds += (performance.now() - begin) / 1000 / trials;
        if (!result.passed) continue;
        returns.push(meanOf(run(result.model as Policy, 1000, 9000 + trial).labels));
        if (returns.at(-1)! < -0.25) broken++;
      }
      const found = [returns.length / trials, broken, meanOf(returns).toFixed(3), seconds.toFixed(2)];
      console.log(`| ${most === Infinity ? "any, Student's" : `to ${most}`} | ${n} | ${found.join(" | ")} |`);
    }
  }
}

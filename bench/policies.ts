// Policies: how wide bounds on returns are, how often they miss, how often a solution is found, and how long it takes.
//
//   deno run -A bench/policies.ts [--widths | --beside PYTHON] [--world gridworld] [--sizes 500,1000] [--limits 2,3,Infinity] [--trials 50]
//     [--objective PDIS] [--test 0.7] [--inflation 1] [--rate 0.01] [--epochs 300] [--guesses] [--first 0] [--student]
//
// --guesses: the objective is doubly robust, with guesses fitted to candidate data. --first: the first trial's seed. --student: with
// Student's bound also where weights have a limit.
// --beside: lower bounds beside those of Vowpal Wabbit and obp; see peers/off_policy.py.
import { spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { nn, split, type Tensor, train } from "../mod.ts";
import { lower } from "../seldonian/bounds/bound.ts";
import type { Outcomes, SidedMeasure } from "../seldonian/constraints/measure.ts";
import { empiricalBernstein } from "../seldonian/bounds/empirical_bernstein.ts";
import { student } from "../seldonian/bounds/student.ts";
import {
  Bandit,
  type DiscretePolicy,
  DoublyRobust,
  type Environment,
  episodes,
  fitValues,
  FourierBasis,
  Gridworld,
  J_pi_new_IS,
  J_pi_new_PDIS,
  logarithmicSmoothing,
  maximize,
  measures,
  MountainCar,
  OneHot,
  type Policy,
  type RecordedEpisode,
  runEpisodes,
  Softmax,
  SoftmaxTable,
  Uniform,
  WeightLimited,
} from "../seldonian/policies/mod.ts";

const { values: flags } = parseArgs({
  options: {
    widths: { type: "boolean", default: false },
    beside: { type: "string" },
    world: { type: "string", default: "gridworld" },
    sizes: { type: "string", default: "300,500,750,1000,1500" },
    limits: { type: "string", default: "2,3,Infinity" },
    trials: { type: "string", default: "50" },
    objective: { type: "string", default: "IS" },
    test: { type: "string", default: "0.5" },
    inflation: { type: "string", default: "2" },
    rate: { type: "string" },
    epochs: { type: "string", default: "30" },
    guesses: { type: "boolean", default: false },
    first: { type: "string", default: "0" },
    student: { type: "boolean", default: false },
  },
});
const trials = Number(flags.trials), [sizes, limits] = [flags.sizes, flags.limits].map((list) => list.split(",").map(Number));

/** A world, the behaviour policy's actions in it, and what is promised: about its return. */
interface World {
  environment: () => Environment;
  actions: readonly number[];
  discount: number;
  range: readonly [number, number];
  baseline: number;
  least: number;
  model(): DiscretePolicy;
  /** What guesses are linear in. */
  features: nn.Module<Tensor>;
  thetaRate: number;
}

const basis = new FourierBasis(2, [[-1.2, 0.5], [-0.07, 0.07]]), pushes = [-1, 0, 1];
const worlds: Record<string, World> = {
  gridworld: {
    environment: () => new Gridworld(),
    actions: [0, 1, 2, 3],
    discount: 0.9,
    range: [-8.1, 0.729],
    baseline: 0,
    least: -0.25,
    model: () => new SoftmaxTable(9, 4),
    features: new OneHot(9),
    thetaRate: 0.1,
  },
  mountain_car: {
    environment: () => new MountainCar(20),
    actions: pushes,
    discount: 1,
    range: [-1000, 0],
    baseline: -500,
    least: -530,
    model: () => new Softmax(new nn.Sequential(basis, new nn.Linear(basis.size, pushes.length)), pushes),
    features: basis,
    thetaRate: 0.05,
  },
  bandit: {
    environment: () => new Bandit([[0.3, 0.6, 0.2], [0.4, 0.3, 0.5], [0.2, 0.3, 0.4]]),
    actions: [0, 1, 2],
    discount: 1,
    range: [0, 1],
    baseline: 0.4,
    least: 0.356,
    model: () => new SoftmaxTable(3, 3),
    features: new OneHot(3),
    thetaRate: 0.1,
  },
};

const { environment, actions, discount, range, baseline, least, model, features, thetaRate } = worlds[flags.world];
const behaviour = nn.initialize(new Uniform(actions), 0);
const run = (policy: Policy, count: number, seed: number) =>
  episodes(runEpisodes({ environment, policy, count, seed }), { discount, baseline });
const meanOf = (values: ArrayLike<number>) => Array.from(values).reduce((sum, value) => sum + value, 0) / values.length;

/** A training on so many episodes; without a limit of weights, with Student's bounds. */
async function trained(most: number, size: number, seed: number) {
  const safetyFraction = Number(flags.test), data = split(run(behaviour, size, 1000 + seed), { safetyFraction, seed });
  const begin = performance.now(), isProven = most < Infinity && !flags.student;
  const plain = most === Infinity ? model() : new WeightLimited(model(), behaviour, most);
  const guessed = () => fitValues(data.candidate, { policy: behaviour, features });
  const result = await train<Policy>({
    data,
    // Room for all that guesses may add: the promise is about whole weights, without them.
    model: flags.guesses ? new DoublyRobust<DiscretePolicy | WeightLimited>(plain, guessed(), { room: 1e6, behaviour }) : plain,
    measures,
    objective: maximize(flags.objective === "PDIS" ? J_pi_new_PDIS : J_pi_new_IS),
    constraints: [{ text: `J_pi_new_IS >= ${least}`, delta: 0.05 }],
    ranges: isProven ? { J_pi_new_IS: range } : {},
    optimizer: { thetaRate: Number(flags.rate ?? thetaRate), epochs: Number(flags.epochs), inflation: Number(flags.inflation) },
    seed,
  });
  return { result, seconds: (performance.now() - begin) / 1000 };
}

if (flags.beside !== undefined) await beside(flags.beside);
else if (flags.widths) await widths();
else await trainings();

/** The bound that "auto" chooses for a measure alone, by its name. */
function ownBound(
  { bound, alone, range: ends, values }: SidedMeasure,
  outcomes: Outcomes,
  delta: number,
): Record<string, number> {
  const found = (alone?.values ?? values)(outcomes, []).data as Float64Array;
  if (alone === undefined) return { [bound!.name]: lower(bound!, found, { delta, range: ends }) };
  return { [alone.functional!.name]: alone.functional!.lower(found, NaN, { delta, range }) };
}

/** A policy for each limit of weights, its return, and each number of episodes. */
async function* cells() {
  for (const most of limits) {
    const { result } = await trained(most, 3000, 1);
    if (!result.passed) throw new Error(`no policy: ${result}`);
    const policy: Policy = result.model, truth = meanOf(run(policy, 20000, 2).labels);
    for (const n of sizes) yield { most, policy, truth, n };
  }
}

/** Episodes of the behaviour policy, what the policy makes of them, and Student's bound. */
function drawn(policy: Policy, n: number, sample: number, delta: number) {
  const data = run(behaviour, n, 100 + sample), predictions = policy.forward(data.whole().features as RecordedEpisode[]);
  const outcomes = { predictions, labels: predictions, columns: new Map(), arrays: new Map() }, { measure } = J_pi_new_IS;
  const plain = Float64Array.from(measure.values(outcomes, []).data);
  const byStudent = lower(student, plain, { delta, range: [-Infinity, Infinity] });
  return { data, predictions, outcomes, sided: measure.sided!("lower", range, outcomes, []), byStudent };
}

/** Adds a sample's bounds, by name. */
function keep(found: Map<string, number[]>, bounds: Record<string, number>) {
  for (const [name, bound] of Object.entries(bounds)) found.set(name, [...found.get(name) ?? [], bound]);
}

/** A row of a table for each bound: how high it is on average, and how often something is so. */
function print(
  { most, n, truth }: { most: number; n: number; truth: number },
  found: Map<string, number[]>,
  is: ((bound: number) => boolean)[],
) {
  const digits = range[1] - range[0] > 100 ? 0 : 3;
  for (const [name, bounds] of found) {
    const numbers = [meanOf(bounds), truth].map((x) => x.toFixed(digits));
    const rates = is.map((one) => bounds.filter(one).length / bounds.length);
    console.log(`| ${most === Infinity ? "any" : `to ${most}`} | ${n} | ${name} | ${[...numbers, ...rates].join(" | ")} |`);
  }
}

/** Own lower bounds and those of others, in turn, on the same samples. */
async function beside(python: string) {
  const child = spawn(python, [fileURLToPath(new URL("peers/off_policy.py", import.meta.url))], {
    stdio: ["pipe", "pipe", "inherit"],
  });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator](), delta = 0.05;
  console.log(`${flags.world}: lower bounds at delta ${delta} of ${trials} samples; the promise is ${least}\n`);
  console.log("| weights | episodes | bound | mean lower bound | return | missed | promise shown |\n|" + " --- |".repeat(7));
  for await (const cell of cells()) {
    const { policy, truth, n } = cell, found = new Map<string, number[]>();
    for (let sample = 0; sample < trials; sample++) {
      const { data, predictions, outcomes, sided, byStudent } = drawn(policy, n, sample, delta), width = predictions.shape[1];
      const weights = Array.from({ length: n }, (_, i) => predictions.data[i * width]);
      keep(found, { ...ownBound(sided, outcomes, delta), student: byStudent });
      child.stdin.write(JSON.stringify({ weights, returns: [...data.labels], range, delta }) + "\n");
      keep(found, JSON.parse((await lines.next()).value!));
    }
    print(cell, found, [(bound) => bound > truth, (bound) => bound >= least]);
  }
  child.stdin.end();
}

async function widths() {
  const delta = 0.05;
  console.log(`${flags.world}: lower bounds at delta ${delta}, mean of 40 samples, and how often they miss the return\n`);
  console.log("| weights | episodes | bound | mean lower bound | return | missed |\n| --- | --- | --- | --- | --- | --- |");
  for await (const cell of cells()) {
    const { most, policy, truth, n } = cell, found = new Map<string, number[]>();
    for (let sample = 0; sample < 40; sample++) {
      const { outcomes, sided, byStudent } = drawn(policy, n, sample, delta),
        z = Float64Array.from(sided.values(outcomes, []).data);
      const other = most === Infinity ? logarithmicSmoothing(range[1] - range[0]) : empiricalBernstein;
      keep(found, ownBound(sided, outcomes, delta));
      for (const bound of most === Infinity ? [other] : [sided.bound!, other]) {
        keep(found, { [bound.name]: lower(bound, z, { delta, range: sided.range }) });
      }
      keep(found, { student: byStudent });
    }
    print(cell, found, [(bound) => bound > truth]);
  }
}

async function trainings() {
  console.log(
    `${flags.world}: ${trials} trainings each, J_pi_new_IS >= ${least}, delta 0.05, ${flags.test} of the episodes for the test, objective ${flags.objective}${
      flags.guesses ? " with guesses" : ""
    }, ` +
      `rate ${flags.rate ?? thetaRate}, ${flags.epochs} epochs\n`,
  );
  console.log("| weights | episodes | solutions | broken | mean return | seconds |\n| --- | --- | --- | --- | --- | --- |");
  for (const n of sizes) {
    for (const most of limits) {
      const returns: number[] = [];
      let time = 0;
      for (let trial = Number(flags.first), end = trial + trials; trial < end; trial++) {
        const { result, seconds } = await trained(most, n, trial);
        time += seconds / trials;
        if (result.passed) returns.push(meanOf(run(result.model, 1000, 9000 + trial).labels));
      }
      const broken = returns.filter((value) => value < least).length;
      const found = [returns.length / trials, broken, meanOf(returns).toFixed(3), time.toFixed(2)];
      console.log(
        `| ${most === Infinity ? "any" : `to ${most}`}${most === Infinity || flags.student ? ", Student's" : ""} | ${n} | ${
          found.join(" | ")
        } |`,
      );
    }
  }
}

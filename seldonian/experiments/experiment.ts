import {
  callable,
  checkOptions,
  ignored,
  type Kind,
  type Known,
  list,
  needed,
  positive,
  record,
  whole,
} from "../../autodiff/options.ts";
import { useThreads } from "../../autodiff/mod.ts";
import { DataSet } from "../data/data_set.ts";
import { objectiveKind, type ObjectiveName, promiseOptions } from "../problem/promise_kinds.ts";
import { problemOf } from "../problem/problem.ts";
import type { Objective, PromiseOptions } from "../problem/stated.ts";
import { runAll, runHere, type Runner } from "../runner/runner.ts";
import { runInThreads, serveWork, type Workers } from "../runner/threads.ts";
import { nameOfSet, Sets } from "../sets.ts";
import type { Contender } from "./contender.ts";
import { Results } from "./results.ts";
import { settingsDigest } from "./settings.ts";
import { memoryStore, storeAt, trialKey, type TrialStore } from "./store.ts";
import {
  type Drawn,
  type OtherPopulation,
  type Population,
  runTrial,
  type TrialRequest,
  type TrialResult,
  type TrialSetting,
} from "./trial.ts";

/** What is compared, on what. */
export interface Question extends Pick<PromiseOptions, "constraints" | "measures" | "rates" | "paired"> {
  /** The rows from which every trial draws its own, with replacement, or a function that makes them from a size and a seed. */
  population: Population;
  /** The rows that judge every model; default: the population. */
  truth?: DataSet;
  /** Other data sets that constraints name, as in `(ACC | name)`. Each draws rows of its own; `paired` ones draw the same rows. */
  others?: Readonly<Record<string, DataSet | OtherPopulation>>;
  /** What a model is worth, less is better: a loss or a measure. */
  performance: Objective | ObjectiveName;
  /** The contenders by name. */
  contenders: Readonly<Record<string, Contender>>;
  /** Default 0. */
  seed?: number;
}

/** The options of {@link experiment}. */
export interface ExperimentOptions extends Question {
  /** Numbers of rows. */
  sizes: readonly number[];
  /** Trials of each contender at each size, default 50. */
  trials?: number;
  /** Where results are kept, a store or its place as in {@link storeAt}; default: in memory. */
  store?: TrialStore | string;
  /** Worker threads that run trials, whose module calls {@link serveExperiment}; default: this thread. */
  workers?: Workers;
  /** Anything else that runs trials, such as `queueRunner`'s. */
  runner?: Runner<TrialRequest, TrialResult>;
  /** Runs only the trials whose place among all, from 0, leaves `index` when divided by `count`: the others run elsewhere. */
  part?: { index: number; count: number };
  /** Called with every result as it comes, and how many of all there are. */
  onTrial?: (result: TrialResult, done: number, all: number) => void;
  /** Ends the experiment; what is kept stays. */
  signal?: AbortSignal;
}

const populationKind: Kind = {
  wanted: "a DataSet, or a function that makes one from a size and a seed",
  holds: (value) => value instanceof DataSet || typeof value === "function",
};
const dataKind: Kind = { type: "object", wanted: "a DataSet", holds: (value) => value instanceof DataSet };
const otherOptions: Known<OtherPopulation> = { population: needed(populationKind), truth: dataKind, share: positive };
const contendersKind: Kind = {
  type: "object",
  wanted: "contenders by name, such as { kit: seldonian({ … }) }",
  holds: (value) =>
    typeof value === "object" && value !== null && Object.keys(value).length > 0 &&
    Object.values(value).every((one) => typeof one?.outputs === "function"),
};

const question: Known<Question> = {
  constraints: promiseOptions.constraints,
  measures: promiseOptions.measures,
  rates: promiseOptions.rates,
  population: needed(populationKind),
  truth: dataKind,
  others: record,
  paired: promiseOptions.paired,
  performance: needed(objectiveKind),
  contenders: needed(contendersKind),
  seed: whole(0),
};

const known: Known<ExperimentOptions> = {
  ...question,
  sizes: needed({
    ...list,
    wanted: "a list of numbers of rows, such as [100, 300, 1000]",
    holds: (value) => Array.isArray(value) && value.length > 0 && value.every((size) => Number.isInteger(size) && size > 0),
  }),
  trials: whole(1),
  store: {
    wanted: "a store, or its place, such as results.sqlite",
    holds: (value) => typeof value === "string" || value !== null,
  },
  workers: record,
  runner: record,
  part: {
    wanted: "a part such as { index: 0, count: 20 }, its index from 0 to count - 1",
    holds: (value) => {
      const { index, count } = (value ?? {}) as Record<string, unknown>;
      return Number.isInteger(index) && Number.isInteger(count) && 0 <= Number(index) && Number(index) < Number(count);
    },
  },
  onTrial: callable,
  signal: record,
};

/**
 * Answers what anybody asks before trusting a method: with how much data does it find a solution, how good is it, and how often does
 * it break its promise, beside what is used today? Every trial draws rows, each contender learns from the same ones, and the truth
 * judges what it hands out: constraints by their value there, without bounds.
 *
 * The same seed gives the same results, wherever trials run. A killed experiment goes on where it was, if its results are kept.
 *
 * @example
 * ```ts
 * import { DataSet, nn } from "@seldonian/kit";
 * import { experiment, fitted, seldonian } from "@seldonian/kit/experiments";
 * const features = Array.from({ length: 500 }, (_, i) => [Math.sin(7.1 * i)]), labels = features.map(([x]) => x > 0.1 ? 1 : 0);
 * const model = new nn.Sequential(new nn.Linear(1, 1), new nn.Sigmoid()), objective = nn.logLoss;
 * const constraints = [{ text: "ACC >= 0.7", delta: 0.05 }], optimizer = { epochs: 60, thetaRate: 0.1 };
 * const results = await experiment({
 *   population: new DataSet({ features, labels }),
 *   constraints,
 *   performance: objective,
 *   contenders: {
 *     "with a promise": seldonian({ model, objective, constraints, optimizer }),
 *     "logistic regression": fitted({ model, objective, optimizer }),
 *   },
 *   sizes: [50, 150],
 *   trials: 5,
 * });
 * console.log(`${results}`); // a table
 * ```
 * @throws {TypeError} for a wrong option
 */
export async function experiment(options: ExperimentOptions): Promise<Results> {
  const { sizes, trials = 50, store: given, workers, runner: own, part, onTrial, signal, ...rest } = checkOptions(
    "make an experiment",
    options,
    known,
  );
  if (own !== undefined && workers !== undefined) {
    throw new TypeError("Cannot make an experiment both in workers and by a runner: give one");
  }
  const setting = await settingOf(rest), names = Object.keys(rest.contenders), keys = await keysOf(rest);
  const asked = sizes.flatMap((size) =>
    names.flatMap((contender) =>
      Array.from({ length: trials }, (_, trial): TrialRequest => ({ contender, size, trial, setting: keys[contender] }))
    )
  ).filter((_, place) => part === undefined || place % part.count === part.index);
  const store = typeof given === "string" ? await storeAt(given) : given ?? memoryStore();
  try {
    const found = new Map<string, TrialResult>();
    for (const name of names) for (const result of await store.known(keys[name])) found.set(trialKey(result), result);
    const open = asked.filter((request) => !found.has(trialKey(request)));
    let done = asked.length - open.length;
    const runner = keeping(
      own ?? (workers === undefined ? runHere((request) => runTrial(setting, request)) : threadsOf(workers)),
      async (result) => {
        await store.keep(keys[result.contender], result);
        found.set(trialKey(result), result);
        onTrial?.(result, ++done, asked.length);
      },
    );
    try {
      await runAll(runner, open, { signal });
    } finally {
      await runner.end();
    }
    const texts = setting.problem.promises.map(({ constraint, delta }) => ({ text: `${constraint}`, delta }));
    const { objective } = setting.problem, name = typeof objective === "function" ? objective.name : `${objective}`;
    return new Results(asked.flatMap((request) => found.get(trialKey(request)) ?? []), texts, name || "performance");
  } finally {
    if (typeof given === "string") await store.close();
  }
}

/** The options of {@link experiment} do as a question, too. */
const served = { ...ignored(known), ...question };

/**
 * Runs an experiment's trials in a worker thread, whose module calls this with the same question, or with a promise of it: a module
 * that awaits something first would miss requests.
 */
export function serveExperiment(asked: Question | Promise<Question>): void {
  if (!(asked instanceof Promise)) checkOptions("serve an experiment", asked, served);
  // The threads of an experiment share the cores.
  useThreads(1);
  const run = Promise.resolve(asked).then(experimentTrials);
  // The first request tells the error.
  run.catch(() => {});
  serveWork<TrialRequest, TrialResult>(async (request) => await (await run)(request));
}

/**
 * What a trial needs, for a runner of one's own.
 * @returns a function that runs a trial. It rejects trials of another question, if they have a `setting`
 */
export function experimentTrials(asked: Question): (request: TrialRequest) => Promise<TrialResult> {
  checkOptions("run trials", asked, served);
  const own = questionIn(asked), setting = settingOf(own), keys = keysOf(own);
  return async (request) => {
    const key = (await keys)[request.contender];
    if (key === undefined || (request.setting ?? key) !== key) {
      throw new RangeError(
        `Cannot run a trial of ${request.contender}: the question here is another one; run the same program, on the same data, ` +
          `where trials are asked for and where they run`,
      );
    }
    return await runTrial(await setting, request);
  };
}

/** The question in the options of an experiment. */
function questionIn(asked: Question): Question {
  return Object.fromEntries(Object.entries(asked).filter(([name]) => Object.hasOwn(question, name))) as unknown as Question;
}

async function settingOf(
  { population, truth, others = {}, paired = [], constraints, measures, rates, performance, contenders, seed = 0 }: Question,
): Promise<TrialSetting> {
  const given = new Sets<DataSet | OtherPopulation>({ population, truth, share: 1 }, others);
  const sets = given.map((one, name): Drawn => {
    const own = one instanceof DataSet ? { population: one } : checkOptions(`draw from ${nameOfSet(name)}`, one, otherOptions);
    const judge = own.truth ?? own.population;
    if (!(judge instanceof DataSet)) {
      throw new TypeError(
        `Cannot judge models without a truth: a function makes the population${name === undefined ? "" : ` "${name}"`}, ` +
          "so give `truth`, rows that no trial draws",
      );
    }
    const share = typeof population === "function" || typeof own.population === "function"
      ? 1
      : own.population.size / population.size;
    return { share, ...own, truth: judge, paired: name === undefined || paired.includes(name) };
  });
  const problem = await problemOf(
    { constraints, measures, rates, paired, objective: performance },
    sets.map(({ truth }) => ({ data: truth })),
  );
  return { sets, problem, contenders, seed };
}

/** The key of each contender's results: a digest of everything but sizes and trials. */
async function keysOf({ contenders, ...shared }: Question): Promise<Record<string, string>> {
  const common = await settingsDigest({
    version: 1,
    ...shared,
    constraints: shared.constraints.map((one) => ({ ...one, text: `${one.text}` })),
  });
  const keys = Object.entries(contenders).map(async ([name, { settings }]) =>
    [name, await settingsDigest([common, name, settings])] as const
  );
  return Object.fromEntries(await Promise.all(keys));
}

function threadsOf({ count, start }: Workers): Runner<TrialRequest, TrialResult> {
  return runInThreads(count, start);
}

/** The same runner; every result is kept before it is handed on. */
function keeping(
  runner: Runner<TrialRequest, TrialResult>,
  keep: (result: TrialResult) => Promise<void>,
): Runner<TrialRequest, TrialResult> {
  return {
    count: runner.count,
    async run(request, signal) {
      const result = await runner.run(request, signal);
      await keep(result);
      return result;
    },
    end: () => runner.end(),
  };
}

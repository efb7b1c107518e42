import { checkOptions, shown } from "../../autodiff/options.ts";
import { inModule, servesHere } from "../runner/module_threads.ts";
import { runAll, runHere, type Runner } from "../runner/runner.ts";
import { runInThreads } from "../runner/threads.ts";
import { type ExperimentOptions, experimentOptions } from "./experiment_options.ts";
import { keysOf, settingOf } from "./question.ts";
import { Results } from "./results.ts";
import { serveExperiment } from "./serve_trials.ts";
import { shownSettings } from "./settings.ts";
import { memoryStore, resultIn, storeAt, trialKey } from "./store.ts";
import { runTrial, type TrialRequest, type TrialResult } from "./trial.ts";

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
  const { sizes, trials = 50, store: given, workers, runner: own, part, onTrial, signal, ...question } = checkOptions(
    "make an experiment",
    options,
    experimentOptions,
  );
  if (own !== undefined && workers !== undefined) {
    throw new TypeError("Cannot make an experiment both in workers and by a runner: give one");
  }
  const threads = typeof workers === "string" ? { module: workers } : workers;
  if (threads !== undefined && "module" in threads && await servesHere()) {
    serveExperiment(question);
    return await new Promise(() => {});
  }
  const setting = await settingOf(question), names = Object.keys(question.contenders), keys = await keysOf(question);
  const asked = sizes.flatMap((size) =>
    names.flatMap((contender) =>
      Array.from({ length: trials }, (_, trial): TrialRequest => ({ contender, size, trial, setting: keys[contender] }))
    )
  ).filter((_, place) => part === undefined || place % part.count === part.index);
  const promises = setting.problem.promises.map(({ constraint, delta }) => ({
    text: `${constraint}`,
    delta,
    ...(constraint.leaves.some(({ measure: { task } }) => task === "off_policy") && { rowsAre: "episodes" as const }),
  }));
  const { objective } = setting.problem, performance = typeof objective === "function" ? objective.name : `${objective}`;
  const made = {
    seed: setting.seed,
    contenders: Object.fromEntries(
      Object.entries(question.contenders).map(([name, { settings }]) =>
        [name, { settings: shownSettings(settings), digest: keys[name] }] as const
      ),
    ),
  };
  const store = typeof given === "string" ? await storeAt(given) : given ?? memoryStore();
  try {
    const found = new Map<string, TrialResult>();
    for (const name of names) for (const result of await store.known(keys[name])) found.set(trialKey(result), result);
    const soFar = () =>
      new Results(asked.flatMap((request) => found.get(trialKey(request)) ?? []), promises, performance || "performance", made);
    const open = asked.filter((request) => !found.has(trialKey(request)));
    let done = asked.length - open.length;
    const runner = keeping(
      own ??
        (threads === undefined
          ? runHere((request) => runTrial(setting, request))
          : "module" in threads
          ? await inModule(threads, open.length)
          : runInThreads(threads.count, threads.start)),
      async (result) => {
        await store.keep(keys[result.contender], result);
        found.set(trialKey(result), result);
        onTrial?.(result, ++done, asked.length, soFar);
      },
    );
    try {
      await runAll(runner, open, { signal });
    } finally {
      await runner.end();
    }
    return await soFar().drawn();
  } finally {
    if (typeof given === "string") await store.close();
  }
}

/** The same runner; every result is kept before it is handed on. */
function keeping(
  runner: Runner<TrialRequest, TrialResult>,
  keep: (result: TrialResult) => Promise<void>,
): Runner<TrialRequest, TrialResult> {
  return {
    count: runner.count,
    async run(request, signal) {
      const result = await runner.run(request, signal), { contender, size, trial } = request;
      // The store is closed by then.
      signal?.throwIfAborted();
      try {
        if (trialKey(resultIn(result)) !== trialKey(request)) throw new Error("it is another trial's");
      } catch (error) {
        const what = `trial ${trial} of ${contender} with ${size} rows, which is ${shown(result)}`;
        throw new TypeError(`Cannot use the runner's result of ${what}: ${(error as Error).message}`, { cause: error });
      }
      await keep(result);
      return result;
    },
    end: () => runner.end(),
  };
}

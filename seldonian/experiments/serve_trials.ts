import { useThreads } from "../../autodiff/mod.ts";
import { checkOptions, ignored } from "../../autodiff/options.ts";
import { serveWork } from "../runner/threads.ts";
import { experimentOptions } from "./experiment_options.ts";
import { keysOf, type Question, questionIn, questionOptions, settingOf } from "./question.ts";
import { runTrial, type TrialRequest, type TrialResult } from "./trial.ts";

/** The options of an experiment do as a question, too. */
const served = { ...ignored(experimentOptions), ...questionOptions };

/**
 * Runs an experiment's trials in a worker thread, whose module calls this with the same question, or with a promise of it. Until it
 * is called, trials wait.
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
 * What a trial needs, for a custom runner.
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

import { callable, checkArgument, checkOptions, type Kind, type Known, signal } from "../../autodiff/options.ts";

/** Where independent jobs run: here, in threads, or on other machines. */
export interface Runner<Request, Answer> {
  /** The number of jobs it runs at a time. */
  readonly count: number;
  /** Runs a job; called while fewer than `count` are running. The signal may end the wait, which then rejects. */
  run(request: Request, signal?: AbortSignal): Promise<Answer>;
  /** Ends everything it has started; a promise is awaited. */
  end(): unknown;
}

/** Options for running jobs. */
export interface RunOptions<Answer> {
  /** Called with every answer and its place, in the order of the requests, as soon as all earlier answers are there. */
  onAnswer?: (answer: Answer, place: number) => void;
  /** Stops further jobs and the wait for those that run; answers that come later are dropped. */
  signal?: AbortSignal;
}

/** Anything that runs jobs. */
export const runnerKind: Kind = {
  type: "object",
  wanted: "a Runner, such as runInThreads() returns, with a count of at least 1",
  holds: (value) => {
    const { count, run, end } = Object(value);
    return count >= 1 && typeof run === "function" && typeof end === "function";
  },
};

const known: Known<RunOptions<unknown>> = { onAnswer: callable, signal };

/** Runs jobs here, one after the other. */
export function runHere<Request, Answer>(work: (request: Request) => Promise<Answer>): Runner<Request, Answer> {
  return { count: 1, run: work, end() {} };
}

/**
 * Runs jobs, as many at a time as the runner allows.
 * @returns the answers in the order of the requests: all of them, or the first ones up to a gap if the signal came
 */
export async function runAll<Request, Answer>(
  runner: Runner<Request, Answer>,
  requests: readonly Request[],
  options: RunOptions<Answer> = {},
): Promise<Answer[]> {
  const { onAnswer, signal } = checkOptions<RunOptions<Answer>>("run jobs", options, known);
  // Without requests there may be no threads.
  if (requests.length > 0) checkArgument("run jobs", "the runner", runner, runnerKind);
  const found = new Map<number, Answer>(), answers: Answer[] = [];
  let next = 0;
  const take = async () => {
    while (next < requests.length && !signal?.aborted) {
      const place = next++;
      try {
        const answer = await runner.run(requests[place], signal);
        if (!signal?.aborted) found.set(place, answer);
      } catch (error) {
        // An interrupted job has no answer.
        if (!signal?.aborted) throw error;
      }
      if (signal?.aborted) return;
      for (let i; found.has(i = answers.length);) {
        answers.push(found.get(i)!);
        onAnswer?.(answers[i], i);
      }
    }
  };
  const all = Promise.all(Array.from({ length: Math.min(runner.count, requests.length) }, take));
  const stopped = Promise.withResolvers<void>(), stop = () => stopped.resolve();
  signal?.addEventListener("abort", stop);
  try {
    // A job may hang.
    await Promise.race([all, stopped.promise]);
  } finally {
    signal?.removeEventListener("abort", stop);
  }
  return answers;
}

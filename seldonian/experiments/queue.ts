import {
  anything,
  callable,
  checkArgument,
  checkOptions,
  type Known,
  positive,
  signal as stopping,
  text,
  whole,
} from "../../autodiff/options.ts";
import { loadPostgres, loadQueue, loadRedis, type QueueJob, type QueueLibrary, type QueuePlace } from "../../deps.ts";
import { sha256 } from "../data/digest.ts";
import type { Runner } from "../runner/runner.ts";
import { runInThreads, type Workers, workersKind } from "../runner/threads.ts";
import { reasonOf, shownUrl } from "./postgres_store.ts";
import { readResult } from "./store.ts";
import type { TrialRequest, TrialResult } from "./trial.ts";

/** What both ends of a queue have in common. */
export interface QueueOptions {
  /** The queue's name, the same at both ends, one for each question; default "seldonian". */
  name?: string;
  /** Called with errors of the connection, which is tried again, and if nobody works; default: nothing. */
  onError?: (error: Error) => void;
}

/** The options of {@link queueRunner}. */
export interface QueueRunnerOptions extends QueueOptions {
  /** How many trials are in the queue at a time, at least the number of all workers' threads; default 1000. */
  ahead?: number;
  /** Anything that workers need to know beside the trial, as JSON: their threads get it as the request's `about`. */
  about?: unknown;
}

/** The options of {@link serveQueue}. */
export interface ServeQueueOptions extends QueueOptions {
  /** After how many seconds without a sign of life a worker is given up and its trials are given to others; default 30. */
  lease?: number;
  /** Ends the worker after the trials that it has. */
  signal?: AbortSignal;
}

const common: Known<QueueOptions> = { name: text, onError: callable };
const runnerOptions: Known<QueueRunnerOptions> = { ...common, ahead: whole(1), about: anything };
const serveOptions: Known<ServeQueueOptions> = { ...common, lease: positive, signal: stopping };

/** How often a trial is given to another worker, after its own was lost. */
const retries = 3;
/** After how many milliseconds without news a trial is looked at, and put again into a queue that has lost it. */
const patience = 30_000;
const day = 86_400;

/**
 * Runs trials on other machines, by BullMQ: each is a job in Redis (`redis://…`) or Postgres (`postgres://…`), and workers that call
 * {@link serveQueue} take them. Results come back through the queue; only this process writes to the store.
 *
 * A job's id is a digest of trial and setting, so a trial that is asked for again, by a restarted program, is the same job. A trial
 * whose workers were lost several times is a failed result.
 * @throws {RangeError} where there is no such server
 */
export async function queueRunner(url: string, options: QueueRunnerOptions = {}): Promise<Runner<TrialRequest, TrialResult>> {
  const { name = "seldonian", onError, ahead = 1000, about } = checkOptions("run trials by a queue", options, runnerOptions);
  const { library, place, close } = await opened(url, name, 8), hear = onError ?? (() => {});
  const queue = new library.Queue(...place), events = new library.QueueEvents(...place);
  for (const part of [queue, events]) part.on("error", hear);
  // Everything that is waited for listens to the queue's end.
  queue.setMaxListeners(ahead + 10);
  await events.waitUntilReady();
  /** What is waited for, by its id. */
  const open = new Map<string, { job: QueueJob; stop: (why: unknown) => void }>();
  const waiting = new Set<Promise<TrialResult>>();
  let heard = Date.now(), stopped: AbortSignal | undefined, ended = false;
  const wait = async ({ contender, size, trial, setting }: TrialRequest, signal?: AbortSignal): Promise<TrialResult> => {
    if (signal !== stopped) {
      stopped = signal;
      signal?.addEventListener("abort", () => open.forEach(({ stop }) => stop(signal.reason)));
    }
    const request = { contender, size, trial, setting }, jobId = await sha256(JSON.stringify(request));
    for (;;) {
      if (ended) throw new Error("The queue is closed");
      const job = await queue.add("trial", { ...request, about }, { jobId, removeOnComplete: { age: day } });
      const stop = Promise.withResolvers<never>();
      open.set(jobId, { job, stop: stop.reject });
      let answer: string | undefined, why = "";
      try {
        answer = await Promise.race([job.waitUntilFinished(events, patience), stop.promise]);
        heard = Date.now();
      } catch (error) {
        signal?.throwIfAborted();
        if (ended) throw error;
        if (!await job.isFailed()) {
          // It is not finished yet, or the queue has lost it: adding it again changes nothing, or mends that.
          if (Date.now() - heard >= patience) {
            heard = Date.now();
            hear(new Error(`No trial was ended for ${patience / 1000} seconds: are there workers at ${shownUrl(url)}?`));
          }
          continue;
        }
        why = reasonOf(error);
      }
      open.delete(jobId);
      await job.remove().catch(hear);
      if (answer !== undefined) return readResult(answer, `a worker of ${shownUrl(url)}`);
      if (!/stalled more than/.test(why)) throw new Error(`Workers could not run trial ${trial} of ${contender}: ${why}`);
      const none = { solution: false, performance: null, values: [], broken: false, seconds: 0 };
      return { contender, size, trial, ...none, error: `its workers ended without an answer, ${retries + 1} times` };
    }
  };
  return {
    count: ahead,
    run(request, signal) {
      const answer = wait(request, signal), done = () => waiting.delete(answer);
      waiting.add(answer);
      answer.then(done, done);
      return answer;
    },
    async end() {
      // Nothing may be on its way when the connection is closed.
      ended = true;
      open.forEach(({ stop }) => stop(new Error("The queue is closed")));
      await Promise.allSettled(waiting);
      // What nobody waits for need not run. A job that runs is locked, and stays.
      await Promise.all(Array.from(open.values(), ({ job }) => job.remove().catch(() => {})));
      await Promise.all([queue.close(), events.close()]);
      await close();
    },
  };
}

/**
 * Takes trials from a queue and runs them in worker threads, whose module calls `serveExperiment()` with the question. So this thread
 * is free to tell the queue that it lives, however long a trial computes; BullMQ calls this a sandboxed processor.
 *
 * It ends with the signal. A thread that cannot run a trial, such as one of another question, ends it with an error, and the experiment too:
 * nothing is lost, and the next run goes on.
 * @throws {RangeError} where there is no such server
 */
export async function serveQueue(url: string, workers: Workers, options: ServeQueueOptions = {}): Promise<void> {
  const { name = "seldonian", onError, lease = 30, signal } = checkOptions("serve a queue", options, serveOptions);
  checkArgument("serve a queue", "the workers", workers, workersKind);
  const threads = runInThreads<unknown, TrialResult>(workers.count, workers.start);
  const { library, place: [, place, backend], close } = await opened(url, name, 4);
  const failed = Promise.withResolvers<never>(), told = Promise.withResolvers<void>();
  const worker = new library.Worker(
    name,
    async ({ data }) => {
      try {
        // As text: Postgres' JSON has no character 0, which an error's text may have.
        return JSON.stringify(await threads.run(data));
      } catch (error) {
        failed.reject(error);
        throw error;
      }
    },
    {
      ...place,
      concurrency: workers.count,
      lockDuration: 1000 * lease,
      stalledInterval: 1000 * lease,
      maxStalledCount: retries,
    },
    backend,
  );
  worker.on("error", onError ?? (() => {}));
  signal?.addEventListener("abort", () => told.resolve());
  if (signal?.aborted) told.resolve();
  try {
    await Promise.race([failed.promise, told.promise]);
  } finally {
    await worker.close();
    await threads.end();
    await close();
  }
}

interface Opened {
  library: QueueLibrary;
  place: QueuePlace;
  close(): Promise<void>;
}

/** Connects to the server. @param most the number of connections to Postgres */
async function opened(url: string, name: string, most: number): Promise<Opened> {
  const shownPlace = shownUrl(url);
  let close = async () => {};
  try {
    const library = await loadQueue();
    if (/^rediss?:/.test(url)) {
      const Redis = await loadRedis();
      const connection = new Redis(url, { maxRetriesPerRequest: null, lazyConnect: true }),
        first = Promise.withResolvers<never>();
      close = () => Promise.resolve(connection.disconnect());
      connection.on("error", first.reject);
      await Promise.race([connection.connect(), first.promise]);
      return { library, place: [name, { connection }], close };
    }
    if (!/^postgres(ql)?:/.test(url)) throw new RangeError("wanted redis://…, rediss://… or postgres://…");
    const Pool = await loadPostgres();
    // BullMQ's tables are in a schema of its own.
    const pool = new Pool({ connectionString: url, max: most, keepAlive: true, options: "-c search_path=bullmq" });
    pool.on("error", () => {});
    close = () => pool.end();
    const client = await pool.connect();
    try {
      await library.runMigrations(client);
    } finally {
      client.release();
    }
    return { library, place: [name, { connection: pool }, library.createPostgresBackend], close };
  } catch (error) {
    await close();
    throw new RangeError(`Cannot use the queue at ${shownPlace}: ${reasonOf(error)}`, { cause: error as Error });
  }
}

import { callable, checkOptions, ignored, type Known, needed, number, shown } from "../../autodiff/options.ts";
import { useThreads } from "../../autodiff/mod.ts";
import { searchOptions } from "./search_space.ts";
import {
  type FoldRequest,
  type FoldTrial,
  foldTrial,
  sampledForTrials,
  type SampledTrialOptions,
  type TrialOptions,
  trialOptions,
} from "./trial.ts";

/** A thread, as browsers, Deno and Bun have it, or Node. */
export interface Thread {
  /** Sends it a message. */
  postMessage(message: unknown): void;
  /** Ends it. */
  terminate(): unknown;
}

/** Threads to make trials in. */
export interface TrialWorkers {
  /** How many threads. */
  count: number;
  /**
   * Starts one: `() => new Worker(import.meta.resolve("./trials.ts"), { type: "module" })`, of a module that calls
   * `serveTrials()` with the options that `tune()` is given here.
   */
  start: () => Thread;
}

/** What it answers. */
type Answer = { found: FoldTrial } | { error: string };

/** Running threads. */
export interface Threads {
  /** What is found for all parts, in their order; each goes to the next thread that is free. */
  run(requests: readonly FoldRequest[]): Promise<FoldTrial[]>;
  end(): void;
}

const known: Known<TrialWorkers> = { count: needed(number), start: needed(callable) };

/** Starts threads. @throws {RangeError} for a count that is none */
export function workersOf(workers: TrialWorkers): Threads {
  const { count, start } = checkOptions("search", workers, known, "workers");
  if (!(Number.isInteger(count) && count >= 1)) {
    throw new RangeError(`Cannot search in ${count} workers: wanted a whole number from 1`);
  }
  const threads = Array.from({ length: count }, start), other = threads.findIndex((thread) => !isThread(thread));
  if (other >= 0) throw new TypeError(`Cannot search in workers: start() gave ${shown(threads[other])}; wanted a Worker`);
  return {
    async run(requests) {
      const found: FoldTrial[] = [];
      let next = 0;
      await Promise.all(threads.map(async (thread) => {
        for (let i; (i = next++) < requests.length;) found[i] = await asked(thread, requests[i]);
      }));
      return found;
    },
    end: () => threads.forEach((thread) => thread.terminate()),
  };
}

function isThread(thread: Thread | null | undefined): boolean {
  return typeof thread?.postMessage === "function";
}

/** Asks a thread that is free. */
function asked(thread: Thread, request: FoldRequest): Promise<FoldTrial> {
  return new Promise((resolve, reject) => {
    const failed = (why: unknown) => reject(new Error(`A worker of the search failed: ${why}`));
    const off = listen(thread, {
      message: (answer) => {
        off();
        const given = answer as Answer;
        if ("error" in given) failed(given.error);
        else resolve(given.found);
      },
      error: (error) => {
        off();
        (error as { preventDefault?: () => void }).preventDefault?.();
        failed((error as { message?: string }).message ?? error);
      },
    });
    thread.postMessage(request);
  });
}

/** Hears what a thread says, as events of the web or of Node; the answer ends that. */
function listen(thread: Thread, hear: { message: (data: unknown) => void; error: (error: unknown) => void }): () => void {
  if ("on" in thread) {
    const emitter = thread as unknown as Record<"on" | "off", (event: string, hear: (data: unknown) => void) => void>;
    emitter.on("message", hear.message);
    emitter.on("error", hear.error);
    return () => {
      emitter.off("message", hear.message);
      emitter.off("error", hear.error);
    };
  }
  const target = thread as unknown as EventTarget, onMessage = (event: Event) => hear.message((event as MessageEvent).data);
  target.addEventListener("message", onMessage);
  target.addEventListener("error", hear.error);
  return () => {
    target.removeEventListener("message", onMessage);
    target.removeEventListener("error", hear.error);
  };
}

/**
 * Makes trials in a worker thread for a {@link tune} that has it among its `workers`. The module of the thread calls it once, with
 * the options of that `tune()`, as both import them from a module of their own.
 */
export function serveTrials(options: TrialOptions): void {
  // What `tune()` is told of the search may come along.
  checkOptions<TrialOptions>("serve trials", options, { ...ignored(searchOptions), ...trialOptions });
  const asked = Object.fromEntries(
    Object.entries(options).filter(([name]) => Object.hasOwn(trialOptions, name)),
  ) as unknown as TrialOptions;
  // The threads of a search share the cores.
  useThreads(1);
  let sampled: Promise<SampledTrialOptions> | undefined;
  const answer = async (request: FoldRequest): Promise<Answer> => {
    try {
      return { found: await foldTrial(await (sampled ??= sampledForTrials(asked)), request) };
    } catch (error) {
      return { error: error instanceof Error ? error.message : `${error}` };
    }
  };
  const { process } = globalThis as { process?: { getBuiltinModule?: (name: string) => { parentPort?: NodePort | null } } };
  const port = "WorkerGlobalScope" in globalThis ? undefined : process?.getBuiltinModule?.("node:worker_threads").parentPort;
  if (port) port.on("message", async (request) => port.postMessage(await answer(request)));
  else {
    const scope = globalThis as unknown as EventTarget & { postMessage(message: unknown): void };
    scope.addEventListener("message", async (event) => scope.postMessage(await answer((event as MessageEvent).data)));
  }
}

interface NodePort {
  on(event: "message", hear: (request: FoldRequest) => void): void;
  postMessage(message: unknown): void;
}

import { shown } from "../../autodiff/options.ts";
import type { Runner } from "./runner.ts";

/** A worker thread of browsers, Deno and Bun, or of Node. */
export interface Thread {
  /** Sends it a message. */
  postMessage(message: unknown): void;
  /** Ends it. */
  terminate(): unknown;
}

/** Worker threads. */
export interface Workers {
  /** The number of threads. */
  count: number;
  /**
   * Starts a thread: `() => new Worker(import.meta.resolve("./trials.ts"), { type: "module" })`, from a module that calls
   * `serveTrials()` with the options of `tune()`, or `serveWork()`.
   */
  start: () => Thread;
}

/** A thread's answer. */
type Answered<Answer> = { found: Answer } | { error: string };

/** Runs jobs in threads, each of which calls {@link serveWork}. @throws {TypeError} if `start` does not return a thread */
export function runInThreads<Request, Answer>(count: number, start: () => Thread): Runner<Request, Answer> {
  const threads = Array.from({ length: count }, start),
    other = threads.findIndex((thread) => !isThread(thread)),
    free = [...threads];
  if (other >= 0) throw new TypeError(`Cannot search in workers: start() returned ${shown(threads[other])}; wanted a Worker`);
  return {
    count,
    async run(request) {
      const thread = free.pop()!;
      try {
        return await asked<Request, Answer>(thread, request);
      } finally {
        free.push(thread);
      }
    },
    end: () => threads.forEach((thread) => thread.terminate()),
  };
}

/** Runs jobs in a thread, for the code that started it. */
export function serveWork<Request, Answer>(work: (request: Request) => Promise<Answer>): void {
  const answer = async (request: Request): Promise<Answered<Answer>> => {
    try {
      return { found: await work(request) };
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
  // deno-lint-ignore no-explicit-any
  on(event: "message", hear: (request: any) => void): void;
  postMessage(message: unknown): void;
}

function isThread(thread: Thread | null | undefined): boolean {
  return typeof thread?.postMessage === "function";
}

/** Sends a request to a free thread. */
function asked<Request, Answer>(thread: Thread, request: Request): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const failed = (why: unknown) => reject(new Error(`A worker of the search failed: ${why}`));
    const off = listen(thread, {
      message: (answer) => {
        off();
        const given = answer as Answered<Answer>;
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

/** Listens to a thread, by the events of the web or of Node, until it answers. */
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

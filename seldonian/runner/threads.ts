import { shown } from "../../autodiff/options.ts";
import type { Runner } from "./runner.ts";

/** A thread, as browsers, Deno and Bun have it, or Node. */
export interface Thread {
  /** Sends it a message. */
  postMessage(message: unknown): void;
  /** Ends it. */
  terminate(): unknown;
}

/** Threads to do work in. */
export interface Workers {
  /** How many threads. */
  count: number;
  /**
   * Starts one: `() => new Worker(import.meta.resolve("./trials.ts"), { type: "module" })`, of a module that calls
   * `serveTrials()` with the options that `tune()` is given, or `serveWork()`.
   */
  start: () => Thread;
}

/** What a thread answers. */
type Answered<Answer> = { found: Answer } | { error: string };

/** Work that is done in so many threads, each of which serves it by {@link serveWork}. @throws {TypeError} for what is no thread */
export function runInThreads<Request, Answer>(count: number, start: () => Thread): Runner<Request, Answer> {
  const threads = Array.from({ length: count }, start),
    other = threads.findIndex((thread) => !isThread(thread)),
    free = [...threads];
  if (other >= 0) throw new TypeError(`Cannot search in workers: start() gave ${shown(threads[other])}; wanted a Worker`);
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

/** Does work in a thread, for whoever started it. */
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

/** Asks a thread that is free. */
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

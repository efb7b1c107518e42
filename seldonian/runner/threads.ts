import { type Kind, shown } from "../../autodiff/options.ts";
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

/** Threads to start. */
export const workersKind: Kind = {
  wanted: "{ count, start }, a number of threads from 1 and a function that starts one",
  holds: (value) => {
    const { count, start } = Object(value) as Partial<Workers>;
    return Number.isInteger(count) && count! >= 1 && typeof start === "function";
  },
};

/** A thread's message: an answer; or before all answers that it listens, and the name of a lock that it holds while it lives. */
type Message<Answer> = { found: Answer } | { error: string } | { ready: true } | { lock: string };

/**
 * Runs jobs in threads, each of which calls {@link serveWork}.
 * @throws {TypeError} if `start` does not return a thread
 */
export function runInThreads<Request, Answer>(count: number, start: () => Thread): Runner<Request, Answer> {
  const threads = Array.from({ length: count }, start), other = threads.findIndex((thread) => !isThread(thread));
  if (other >= 0) throw new TypeError(`Cannot search in workers: start() returned ${shown(threads[other])}; wanted a Worker`);
  const free = threads.map((thread) => new Asked<Request, Answer>(thread));
  return {
    count,
    async run(request) {
      const thread = free.pop()!;
      try {
        return await thread.ask(request);
      } finally {
        free.push(thread);
      }
    },
    end: () => threads.forEach((thread) => thread.terminate()),
  };
}

/** Runs jobs in a thread, for the code that started it. */
export function serveWork<Request, Answer>(work: (request: Request) => Promise<Answer>): void {
  const answer = async (request: Request): Promise<Message<Answer>> => {
    try {
      return { found: await work(request) };
    } catch (error) {
      return { error: error instanceof Error ? error.message : `${error}` };
    }
  };
  const { process } = globalThis as { process?: { getBuiltinModule?: (name: string) => { parentPort?: NodePort | null } } };
  const port = "WorkerGlobalScope" in globalThis ? undefined : process?.getBuiltinModule?.("node:worker_threads").parentPort;
  if (port) {
    port.on("message", async (request) => port.postMessage(await answer(request)));
    port.postMessage({ ready: true });
  } else {
    const scope = globalThis as unknown as EventTarget & { postMessage(message: unknown): void };
    scope.addEventListener("message", async (event) => scope.postMessage(await answer((event as MessageEvent).data)));
    scope.postMessage({ ready: true });
    // Workers of the web end without an event; their locks are then free.
    const lock = `worker ${performance.timeOrigin} ${Math.random()}`;
    locks()?.request(lock, () => (scope.postMessage({ lock }), new Promise(() => {})));
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

/** A thread that is asked one thing at a time. */
class Asked<Request, Answer> {
  #ended?: Error;
  /** What it was asked before it listened: messages may be lost until then. */
  #early: Request[] | null = [];
  #waiting?: { resolve: (answer: Answer) => void; reject: (error: Error) => void };

  constructor(readonly thread: Thread) {
    const failed = (why: unknown) => this.#waiting?.reject(new Error(`A worker failed: ${why}`));
    const ended = () => {
      this.#ended = new Error("A worker ended itself: wanted it to answer until all is done");
      this.#waiting?.reject(this.#ended);
    };
    listen(thread, {
      message: (data) => {
        const message = data as Message<Answer>;
        if ("ready" in message) {
          this.#early?.forEach((request) => thread.postMessage(request));
          this.#early = null;
        } else if ("lock" in message) locks()!.request(message.lock, ended);
        else if ("error" in message) failed(message.error);
        else this.#waiting?.resolve(message.found);
      },
      error: (error) => {
        (error as { preventDefault?: () => void }).preventDefault?.();
        failed((error as { message?: string }).message ?? error);
      },
      // Of Node and of Bun.
      exit: ended,
      close: ended,
    });
  }

  ask(request: Request): Promise<Answer> {
    return new Promise((resolve, reject) => {
      if (this.#ended) return reject(this.#ended);
      this.#waiting = { resolve, reject };
      if (this.#early === null) this.thread.postMessage(request);
      else this.#early.push(request);
    });
  }
}

/** Listens to a thread, by the events of the web or of Node. */
function listen(thread: Thread, hear: Record<string, (what: unknown) => void>): void {
  const emitter = thread as unknown as { on?: (event: string, hear: (what: unknown) => void) => void } & EventTarget;
  for (const [name, heard] of Object.entries(hear)) {
    if (emitter.on) emitter.on(name, heard);
    else emitter.addEventListener(name, (event) => heard(name === "message" ? (event as MessageEvent).data : event));
  }
}

/** The Web Locks API, where it is. */
function locks(): Locks | undefined {
  return (globalThis as { navigator?: { locks?: Locks } }).navigator?.locks;
}

interface Locks {
  request(name: string, held: () => unknown): Promise<unknown>;
}

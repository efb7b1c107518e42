import type { Kind } from "../../autodiff/options.ts";
import { builtin } from "../builtin.ts";
import type { Runner } from "./runner.ts";
import { runInThreads, type Thread } from "./threads.ts";

/** Threads that each run a module, as far as the call that serves there. */
export interface ModuleThreads {
  /** The module's address: `import.meta.url`. */
  module: string;
  /** The number of threads; default: one for each core. */
  count?: number;
}

/** A module's address, with the number of its threads or without. */
export const moduleThreadsKind: Kind = {
  wanted: "import.meta.url, or { module: import.meta.url, count: 4 }",
  holds: (value) => {
    const { module, count = 1 } = typeof value === "string" ? { module: value } : Object(value) as Partial<ModuleThreads>;
    return typeof module === "string" && URL.canParse(module) && Number.isInteger(count) && count >= 1;
  },
};

/** The name of the threads that serve. */
const mark = "seldonian: serves";

/** What Node has of threads. */
interface NodeThreads {
  Worker: new (url: URL, options: { workerData: string }) => Thread;
  workerData: unknown;
}

/** Whether this thread is one of those that {@link inModule} starts. */
export async function servesHere(): Promise<boolean> {
  const { name } = globalThis as { name?: unknown };
  return name === mark || (await nodeThreads())?.workerData === mark;
}

/** Runs jobs in threads that run a module. @param jobs their number: no more threads are started */
export async function inModule<Request, Answer>(
  { module, count }: ModuleThreads,
  jobs: number,
): Promise<Runner<Request, Answer>> {
  const node = await nodeThreads();
  const start = (): Thread => {
    if (node !== undefined) return new node.Worker(new URL(module), { workerData: mark });
    const { Worker } = globalThis as unknown as { Worker: new (url: string, options: Record<string, string>) => Thread };
    return new Worker(module, { type: "module", name: mark });
  };
  return runInThreads(Math.min(count ?? await cores(), jobs), start);
}

/** The threads of Node and Bun; Deno and browsers have workers of the web. */
async function nodeThreads(): Promise<NodeThreads | undefined> {
  return "process" in globalThis && !("Deno" in globalThis)
    ? await builtin("node:worker_threads") as unknown as NodeThreads
    : undefined;
}

async function cores(): Promise<number> {
  const { navigator } = globalThis as { navigator?: { hardwareConcurrency?: number } };
  return navigator?.hardwareConcurrency ?? (await builtin("node:os")).availableParallelism();
}

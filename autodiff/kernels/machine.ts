import { partCount, ThreadPool } from "./thread_pool.ts";
import { Workspace } from "./workspace.ts";

/** A kernel that does one part of a job, in a thread's scratch. `job` is the place of its record. */
type JobKernel = (job: number, part: number, thread: number) => void;

/** Computes a function of `count` numbers in place; returns how many it did before one that it leaves. */
type EachKernel = (place: number, count: number) => number;

/** The exports of the WebAssembly module; see its sources in `assembly/`. */
interface Exports extends Record<JobName, JobKernel>, Record<`${"exp" | "log" | "log1p" | "tanh"}Each`, EachKernel> {
  multiplyVector: (...numbers: number[]) => void;
}

const jobNames = [
  "convolve",
  "packColumns",
  "multiplyRows",
  "poolImages",
  "sparseGradients",
  "transformFilters",
  "correlate",
  "gradients",
  "correlateSpectra",
  "restoreFilters",
  "transformImages",
  "multiplySpectra",
  "restoreOutputs",
  "restoreImages",
] as const;

/** Kernels whose parts are divided among threads. */
export type JobName = (typeof jobNames)[number];

/** An instance of the module, with its memory and the threads that share it. */
export class Machine {
  readonly workspace: Workspace;
  readonly exports: Exports;
  readonly #pool: ThreadPool | null;

  /** @param shared whether the module uses shared memory */
  constructor(module: WebAssembly.Module, shared: boolean, stepBytes: number) {
    this.workspace = new Workspace(shared, stepBytes);
    const { memory } = this.workspace;
    this.exports = new WebAssembly.Instance(module, { env: { memory } }).exports as unknown as Exports;
    this.#pool = shared ? new ThreadPool({ module, memory, names: jobNames }, jobNames.map((name) => this.exports[name])) : null;
  }

  /** Runs all parts of a job; a small one in this thread, because waking threads would cost more. */
  run(name: JobName, job: number, small = false): void {
    if (this.#pool !== null && !small) this.#pool.run(jobNames.indexOf(name), job);
    else for (let part = 0; part < partCount; part++) this.exports[name](job, part, 0);
  }

  /** Number of threads that may run parts of a job, each of which needs scratch. */
  get threads(): number {
    return this.#pool?.threads ?? 1;
  }

  /** Reserves scratch for each thread. */
  scratch(): Scratch {
    return new Scratch(this.workspace, this.threads);
  }

  /** Sets the number of threads; without shared memory there is one. */
  useThreads(count: number): void {
    this.#pool?.use(count);
  }
}

/** Places for the first thread; those of the others follow at equal intervals. */
export class Scratch {
  readonly #start: number;

  constructor(readonly workspace: Workspace, readonly threads: number) {
    this.#start = workspace.reserve(0);
  }

  reserve(elements: number): number {
    return this.workspace.reserve(elements);
  }

  /** Reserves the places of all threads; returns the bytes from one thread's places to the next. */
  finish(): number {
    const bytes = this.workspace.reserve(0) - this.#start;
    this.workspace.reserve((this.threads - 1) * bytes / 4);
    return bytes;
  }
}

import { partCount, ThreadPool } from "./thread_pool.ts";
import { Workspace } from "./workspace.ts";

/** A kernel that does one part of the job at a place, in the scratch of a thread. */
type JobKernel = (job: number, part: number, thread: number) => void;

/** What the WebAssembly module exports; its sources in `assembly/` say what they do. */
interface Exports extends Record<JobName, JobKernel> {
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

/** Kernels that threads share the parts of. */
export type JobName = (typeof jobNames)[number];

/** An instance of the module with its memory and the threads that share it. */
export class Machine {
  readonly workspace: Workspace;
  readonly exports: Exports;
  readonly #pool: ThreadPool | null;

  /** @param shared whether the module is one for shared memory */
  constructor(module: WebAssembly.Module, shared: boolean, stepBytes: number) {
    this.workspace = new Workspace(shared, stepBytes);
    const { memory } = this.workspace;
    this.exports = new WebAssembly.Instance(module, { env: { memory } }).exports as unknown as Exports;
    this.#pool = shared ? new ThreadPool({ module, memory, names: jobNames }, jobNames.map((name) => this.exports[name])) : null;
  }

  /** Does all parts of a job; a small one alone, because waking threads would cost more. */
  run(name: JobName, job: number, small = false): void {
    if (this.#pool !== null && !small) this.#pool.run(jobNames.indexOf(name), job);
    else for (let part = 0; part < partCount; part++) this.exports[name](job, part, 0);
  }

  /** Threads that a job may find itself on, and that want scratch of their own. */
  get threads(): number {
    return this.#pool?.threads ?? 1;
  }

  /** Scratch for each thread. */
  scratch(): Scratch {
    return new Scratch(this.workspace, this.threads);
  }

  /** Sets the number of threads; without shared memory there is one. */
  useThreads(count: number): void {
    this.#pool?.use(count);
  }
}

/** Places for the first thread; those of the others follow at equal distances. */
export class Scratch {
  readonly #start: number;

  constructor(readonly workspace: Workspace, readonly threads: number) {
    this.#start = workspace.reserve(0);
  }

  reserve(elements: number): number {
    return this.workspace.reserve(elements);
  }

  /** Bytes from one thread's places to the next, for all of which there is room then. */
  finish(): number {
    const bytes = this.workspace.reserve(0) - this.#start;
    this.workspace.reserve((this.threads - 1) * bytes / 4);
    return bytes;
  }
}

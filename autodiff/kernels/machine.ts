import { partCount, ThreadPool } from "./thread_pool.ts";
import { Workspace } from "./workspace.ts";

/** A kernel that does one part of the job at a place. */
type JobKernel = (job: number, part: number) => void;

/** What the WebAssembly module exports; its sources in `assembly/` say what they do. */
interface Exports extends Record<JobName, JobKernel> {
  transformFilters: (...numbers: number[]) => void;
  gatherFilterGradient: (...numbers: number[]) => void;
}

const jobNames = ["convolve", "packColumns", "multiplyRows", "poolImages", "correlate", "gradients", "sparseGradients"] as const;

/** Kernels that threads share the parts of. */
export type JobName = (typeof jobNames)[number];

/** An instance of the module with its memory and the threads that share it. */
export class Machine {
  readonly workspace: Workspace;
  readonly exports: Exports;
  readonly #pool: ThreadPool | null;

  /** @param shared whether the module is one for shared memory */
  constructor(module: WebAssembly.Module, shared: boolean) {
    this.workspace = new Workspace(shared);
    const { memory } = this.workspace;
    this.exports = new WebAssembly.Instance(module, { env: { memory } }).exports as unknown as Exports;
    this.#pool = shared ? new ThreadPool({ module, memory, names: jobNames }, jobNames.map((name) => this.exports[name])) : null;
  }

  /** Does all parts of a job; a small one alone, because waking threads would cost more. */
  run(name: JobName, job: number, small = false): void {
    if (this.#pool !== null && !small) this.#pool.run(jobNames.indexOf(name), job);
    else for (let part = 0; part < partCount; part++) this.exports[name](job, part);
  }

  /** Sets the number of threads; without shared memory there is one. */
  useThreads(count: number): void {
    this.#pool?.use(count);
  }
}

import { type JobKernel, ThreadPool } from "./thread_pool.ts";
import { Workspace } from "./workspace.ts";

/** The parts of a job whose sums are separate for each part: a constant, because it defines the order of additions. */
export const orderedParts = 8;

/** Computes a function of `count` numbers in place. */
type EachKernel = (place: number, count: number) => void;

/** The exports of the WebAssembly modules; see their sources in `assembly/`. Convolutions are there once they are added. */
type Exports = Record<JobName, JobKernel> & Record<`${"exp" | "log" | "log1p" | "tanh"}Each`, EachKernel> & {
  multiplyVector: (...numbers: number[]) => void;
  adam: (...numbers: number[]) => void;
};

const jobNames = [
  "convolve",
  "packPanels",
  "multiplyPanels",
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

/** An instance of a module or two, with their memory and the threads that share it. */
export class Machine {
  readonly workspace: Workspace;
  readonly exports: Exports;
  #pool: ThreadPool | null;

  /**
   * @param tile what the module imports: see `tile_module.ts`
   * @param shared whether the module uses shared memory
   */
  constructor(
    readonly module: WebAssembly.Module,
    readonly tile: WebAssembly.Module,
    readonly shared: boolean,
    stepBytes: number,
  ) {
    this.workspace = new Workspace(shared, stepBytes);
    const { memory } = this.workspace;
    this.exports = { ...this.exportsIn(memory) };
    this.#pool = shared ? new ThreadPool({ modules: [tile, module], memory, names: jobNames }, this.exports) : null;
  }

  /** The functions of a module, in a memory of the same kind; default: of the first module. */
  exportsIn(memory: WebAssembly.Memory, module: WebAssembly.Module = this.module): Exports {
    const env = { memory }, kernels = new WebAssembly.Instance(this.tile, { env }).exports;
    return { ...kernels, ...new WebAssembly.Instance(module, { env, kernels }).exports } as unknown as Exports;
  }

  /** Adds a second module, for the same kind of memory. */
  add(module: WebAssembly.Module): void {
    Object.assign(this.exports, this.exportsIn(this.workspace.memory, module));
    this.#pool = this.#pool && this.#pool.extended(module, this.exports);
  }

  /** Runs all parts of a job; one of a single part in this thread. */
  run(name: JobName, job: number, parts: number): void {
    if (this.#pool !== null && parts > 1) this.#pool.run(jobNames.indexOf(name), job, parts);
    else for (let part = 0; part < parts; part++) this.exports[name](job, part, parts, 0);
  }

  /** The parts of a job on items whose results do not depend on each other: some for each thread, so that all end together. */
  partsOf(items: number): number {
    return Math.min(items, Math.max(8, 2 * this.threads));
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

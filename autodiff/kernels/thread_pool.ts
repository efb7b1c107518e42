import { controlBytes } from "./memory_map.ts";

/** The most threads by default: each has a memory of its own, and starting more takes longer than most jobs. */
const mostCores = 16;

/** Int32 cells of a pool at the start of the shared memory. `left` counts down, so that a thread that is late finds none of the next job. */
const cells = { generation: 0, left: 1, done: 2, kernel: 3, job: 4, failed: 5, parts: 6 };

/** Bytes from the cells of a pool to those of the one that takes its place. */
const cellBytes = controlBytes / 2;

/** In place of a kernel: the pool has ended. */
const none = -1;

/** A kernel that does one part of a job, in a thread's scratch. `job` is the place of its record. */
export type JobKernel = (job: number, part: number, parts: number, thread: number) => void;

/** Kernels by name, beside other functions. */
type Kernels = { readonly [name: string]: unknown };

/** The input from which every thread instantiates its kernels. */
export interface Shared {
  /** A module may import what those before it export. */
  modules: readonly WebAssembly.Module[];
  memory: WebAssembly.Memory;
  /** Names of kernels; a job has a position among them. */
  names: readonly string[];
  /** The place of the pool's cells, default 0. */
  place?: number;
}

/** How often a thread polls for a change before it sleeps, about twenty microseconds in total: waking it takes longer. */
const looks = 4000;

/** The program of a worker: it sleeps until the generation changes, then claims parts of the job, one after the other. */
const workerText = `
const serve = ({ modules, memory, names, thread, place }) => {
  const kernels = {}, env = { memory };
  for (const module of modules) Object.assign(kernels, new WebAssembly.Instance(module, { env, kernels }).exports);
  const control = new Int32Array(memory.buffer, place, ${cellBytes / 4});
  for (let seen = 0; Atomics.load(control, ${cells.kernel}) !== ${none}; seen = Atomics.load(control, ${cells.generation})) {
    for (let left; (left = Atomics.sub(control, ${cells.left}, 1)) > 0;) {
      try {
        const parts = Atomics.load(control, ${cells.parts});
        kernels[names[Atomics.load(control, ${cells.kernel})]](Atomics.load(control, ${cells.job}), parts - left, parts, thread);
      } catch {
        Atomics.store(control, ${cells.failed}, 1);
      }
      Atomics.add(control, ${cells.done}, 1);
      Atomics.notify(control, ${cells.done});
    }
    for (let i = 0; i < ${looks} && Atomics.load(control, ${cells.generation}) === seen; i++);
    Atomics.wait(control, ${cells.generation}, seen);
  }
};
`;

/**
 * Threads that run the parts of one job at a time, together with the calling thread. That one never waits for a thread to start:
 * it runs every part that no other has claimed. The parts of a job are numbered from 0, and each runs exactly once.
 */
export class ThreadPool {
  readonly #control: Int32Array;
  #workers = 0;
  #wanted = coreCount();

  /** @param kernels this thread's kernels by name */
  constructor(readonly shared: Shared, readonly kernels: Kernels) {
    this.#control = new Int32Array(shared.memory.buffer, shared.place ?? 0, cellBytes / 4);
  }

  /** Ends this pool. @returns one with a further module, whose cells no thread of this one reads */
  extended(module: WebAssembly.Module, kernels: Kernels): ThreadPool {
    const pool = new ThreadPool({ ...this.shared, modules: [...this.shared.modules, module], place: cellBytes }, kernels);
    pool.use(this.#wanted);
    Atomics.store(this.#control, cells.kernel, none);
    Atomics.add(this.#control, cells.generation, 1);
    Atomics.notify(this.#control, cells.generation);
    return pool;
  }

  /** Sets the number of threads, including the calling one; default: one per core. Running threads are not stopped. */
  use(count: number): void {
    this.#wanted = count;
  }

  /** Number of threads that may run parts: those that run already or are wanted. */
  get threads(): number {
    return Math.max(this.#workers + 1, this.#wanted);
  }

  /** Runs all parts of a job with one of the kernels. The first job starts the threads; a job of few parts wakes few. */
  run(kernel: number, job: number, parts: number): void {
    const control = this.#control;
    for (; this.#workers < this.#wanted - 1; this.#workers++) {
      startWorker({ ...this.shared, place: this.shared.place ?? 0, thread: this.#workers + 1 });
    }
    Atomics.store(control, cells.kernel, kernel);
    Atomics.store(control, cells.job, job);
    Atomics.store(control, cells.done, 0);
    Atomics.store(control, cells.parts, parts);
    Atomics.store(control, cells.left, parts);
    Atomics.add(control, cells.generation, 1);
    if (this.#workers > 0) Atomics.notify(control, cells.generation, parts - 1);
    const run = this.kernels[this.shared.names[kernel]] as JobKernel;
    for (let left; (left = Atomics.sub(control, cells.left, 1)) > 0;) {
      run(job, parts - left, parts, 0);
      Atomics.add(control, cells.done, 1);
    }
    for (let done; (done = Atomics.load(control, cells.done)) < parts;) this.#await(done);
    if (Atomics.exchange(control, cells.failed, 0) !== 0) {
      throw new Error(`Cannot compute: a worker thread failed in ${this.shared.names[kernel]}`);
    }
  }

  #await(done: number): void {
    for (let i = 0; i < looks; i++) if (Atomics.load(this.#control, cells.done) !== done) return;
    try {
      Atomics.wait(this.#control, cells.done, done, 10);
    } catch {
      // A browser's main thread may not sleep; it polls again.
    }
  }
}

/** Number of threads that can run at once, at most {@link mostCores}; 1 if the runtime does not report it. */
export function coreCount(): number {
  const { navigator } = globalThis as { navigator?: { hardwareConcurrency?: number } };
  return Math.min(navigator?.hardwareConcurrency ?? 1, mostCores);
}

/** Starts a worker from text, so that it needs no file and no permission. It never keeps the program alive. */
function startWorker(data: Shared & { thread: number }): void {
  const { process } = globalThis as { process?: { getBuiltinModule?: (name: string) => NodeThreads | undefined } };
  const threads = process?.getBuiltinModule?.("node:worker_threads");
  if (threads !== undefined) {
    const text = `${workerText} serve(require("node:worker_threads").workerData);`;
    new threads.Worker(text, { eval: true, env: {}, workerData: data }).unref();
    return;
  }
  const text = `${workerText} onmessage = ({ data }) => (serve(data), close());`;
  const { Worker } = globalThis as unknown as { Worker: new (url: string) => { postMessage(data: unknown): void } };
  new Worker(URL.createObjectURL(new Blob([text], { type: "text/javascript" }))).postMessage(data);
}

interface NodeThreads {
  Worker: new (text: string, options: { eval: true; env: Record<string, string>; workerData: unknown }) => { unref(): void };
}

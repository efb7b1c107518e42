import process from "node:process";
import { spawn } from "node:child_process";
import { createInterface } from "node:readline";

/** A contender to time. */
export interface Contender {
  name: string;
  command: readonly string[];
  /** Only these cases, by name; default: all that it answers. */
  cases?: readonly string[];
}

/** An answer to a case: the time of each run, and numbers to compare results; or that the case is unknown. */
export type Answer = { milliseconds: number[]; check: Check } | { unknown: string };

/** Sums that identify a result, each with the sum of its terms' magnitudes. */
export type Check = readonly (readonly [sum: number, magnitudes: number])[];

const deno = process.execPath, here = new URL(".", import.meta.url).pathname;
const kit = (threads: number, ...flags: string[]) => [deno, "run", "-A", "--no-check", `${here}kit.ts`, `${threads}`, ...flags];

/** The kit itself. */
export const own: readonly Contender[] = [
  { name: "kit, 1 thread", command: kit(1) },
  { name: "kit, 2 threads", command: kit(2) },
  { name: "kit relaxed, 1 thread", command: kit(1, "relaxed") },
  { name: "kit relaxed, 2 threads", command: kit(2, "relaxed") },
];

/** The folder of Python packages from `bench:peers`. */
export const environment = `${here}.peers`;
const python = `${environment}/bin/python3`;
const pytorch = (threads: number, mode: string) => [python, `${here}peers/pytorch.py`, `${threads}`, mode];
const steps = ["step"];
/** Peers are not in the kit's lock file. */
const script = (
  name: string,
) => [deno, "run", "-A", "--no-check", "--no-lock", "--node-modules-dir=none", `${here}peers/${name}.ts`];

/** Everyone else. */
export const peers: readonly Contender[] = [
  { name: "PyTorch, 1 thread", command: pytorch(1, "eager") },
  { name: "PyTorch, 2 threads", command: pytorch(2, "eager") },
  { name: "torch.compile, 1 thread", command: pytorch(1, "compile"), cases: steps },
  { name: "torch.compile, 2 threads", command: pytorch(2, "compile"), cases: steps },
  {
    name: "TensorFlow.js",
    command: script("tensorflow"),
    cases: ["product", "convolution 1", "convolution 2"],
  },
  { name: "jax-js", command: script("jax"), cases: ["product"] },
];

/** A contender's process. It answers one case at a time and sleeps in between. */
export class Running {
  readonly #child;
  readonly #answers: AsyncIterator<string>;

  constructor(readonly contender: Contender) {
    const [program, ...rest] = contender.command;
    this.#child = spawn(program, rest, { stdio: ["pipe", "pipe", "inherit"] });
    this.#answers = createInterface({ input: this.#child.stdout! })[Symbol.asyncIterator]();
  }

  async ask(name: string, size: number | undefined, runs: number): Promise<Answer> {
    if (this.contender.cases?.includes(name) === false) return { unknown: name };
    this.#child.stdin!.write(`${JSON.stringify({ name, size, runs })}\n`);
    const { value, done } = await this.#answers.next();
    if (done) throw new Error(`${this.contender.name} ended at "${name}": see its messages above`);
    return JSON.parse(value);
  }

  /** Ends the process, so that it does not disturb later measurements. */
  stop(): Promise<void> {
    return new Promise((resolve) => {
      this.#child.once("close", () => resolve());
      this.#child.stdin!.end();
      // Some have threads that keep the process alive.
      setTimeout(() => this.#child.kill("SIGKILL"), 1000);
    });
  }
}

import process from "node:process";
import { spawn } from "node:child_process";
import { createInterface } from "node:readline";

/** Who is timed. */
export interface Contender {
  name: string;
  command: readonly string[];
  /** Only these cases, by name; left out: all that it answers. */
  cases?: readonly string[];
}

/** An answer to a case: the time of each run, and numbers that tell whether the same was computed; or that it cannot be done. */
export type Answer = { milliseconds: number[]; check: Check } | { unknown: string };

/** Sums that tell one answer from another, each with the sum of its terms' magnitudes. */
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

/** Where `bench:peers` keeps Python's packages. */
export const environment = `${here}.peers`;
const python = `${environment}/bin/python3`;
const pytorch = (threads: number, mode: string) => [python, `${here}peers/pytorch.py`, `${threads}`, mode];
const steps = ["step"];
/** The kit's own lock file knows nothing of peers. */
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

/** A contender's process, which answers one case at a time and sleeps in between. */
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

  /** Ends the process, so that it takes no time from what comes after. */
  stop(): Promise<void> {
    return new Promise((resolve) => {
      this.#child.once("close", () => resolve());
      this.#child.stdin!.end();
      // Some keep threads that keep them alive.
      setTimeout(() => this.#child.kill("SIGKILL"), 1000);
    });
  }
}

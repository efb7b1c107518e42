import { Tensor } from "../../autodiff/mod.ts";
import { checkArgument, checkOptions, type Kind, type Known, positive, shown } from "../../autodiff/options.ts";
import { builtin } from "../builtin.ts";
import type { DataSet } from "../data/data_set.ts";
import { readNpy } from "../formats/npz.ts";
import { writeNpz } from "../formats/write_npz.ts";
import type { Contender } from "./contender.ts";

/** Options of a program. */
export interface ProgramOptions {
  /** After so many seconds the program is killed, and the trial has failed; default 600. What it has started is left alone. */
  seconds?: number;
}

const known: Known<ProgramOptions> = { seconds: positive };
/** The longest time that a timer takes, 24 days. */
const longest = 2 ** 31 - 1;
const commandKind: Kind = {
  type: "object",
  wanted: 'a list of a program and its arguments, such as ["python3", "learner.py", "{train}", "{test}", "{predictions}"]',
  holds: (value) => Array.isArray(value) && value.length > 0 && value.every((part) => typeof part === "string"),
};

/**
 * Any program as a contender. In its arguments, `{train}` and `{test}` are the names of .npz files, with `features`, the columns
 * by name as `column.name`, and in the first `labels`; `{predictions}` is the name of the .npy file that it writes, one
 * output for each row of the test file; `{seed}` is the trial's seed. No file means no solution. A program that fails, hangs or
 * writes something else is a failed trial, with what it said last.
 */
export function program(command: readonly string[], options: ProgramOptions = {}): Contender {
  checkArgument("run a program", "the command", command, commandKind);
  const { seconds = 600 } = checkOptions("run a program", options, known);
  return {
    settings: ["program", command, seconds],
    async outputs({ rows, truth, seed }) {
      const { mkdtemp, readFile, rm, writeFile } = await builtin("node:fs/promises");
      const { tmpdir } = await builtin("node:os"), { join } = await builtin("node:path");
      const folder = await mkdtemp(join(tmpdir(), "trial-"));
      try {
        const places: Record<string, string> = { seed: `${seed}` };
        for (const name of ["train.npz", "test.npz", "predictions.npy"]) places[name.split(".")[0]] = join(folder, name);
        await writeFile(places.train, await writeNpz({ ...arraysOf(rows), labels: Tensor.from(rows.labels) }));
        await writeFile(places.test, await writeNpz(arraysOf(truth)));
        await run(
          command.map((part) => part.replace(/\{(\w+)\}/g, (whole, name) => Object.hasOwn(places, name) ? places[name] : whole)),
          seconds,
        );
        const bytes = await readFile(places.predictions).catch((error) => {
          if (error.code === "ENOENT") return null;
          throw error;
        });
        return bytes === null ? null : readNpy(new Uint8Array(bytes), "its predictions");
      } finally {
        await rm(folder, { recursive: true, force: true });
      }
    },
  };
}

/** Features and columns as arrays by name. */
function arraysOf(data: DataSet): Record<string, Tensor> {
  const { features, columns } = data.whole(), found: Record<string, Tensor> = {};
  if (features instanceof Tensor) found.features = features;
  else if (Array.isArray(features)) throw new TypeError("Cannot hand items to a program: wanted rows of numbers");
  else for (const [name, part] of Object.entries(features as Record<string, Tensor>)) found[`features.${name}`] = part;
  for (const [name, column] of columns) {
    if (column instanceof Tensor) found[`column.${name}`] = column;
    else if (Array.from(column as ArrayLike<unknown>).every((one) => typeof one === "number")) {
      found[`column.${name}`] = Tensor.from(Float64Array.from(column as ArrayLike<number>));
    }
  }
  return found;
}

/** @throws {Error} if the program cannot be run, fails or hangs, with its last words */
async function run([name, ...args]: readonly string[], seconds: number): Promise<void> {
  const { spawn } = await builtin("node:child_process");
  await new Promise<void>((resolve, reject) => {
    const child = spawn(name, args, { stdio: ["ignore", "ignore", "pipe"] });
    let said = "", late = false;
    // A program that this one has started may keep the pipe open.
    const ended = () => child.stderr!.destroy();
    let timer = setTimeout(() => (late = true, child.kill("SIGKILL"), ended()), Math.min(1000 * seconds, longest));
    child.stderr!.setEncoding("utf8").on("data", (text: string) => said = (said + text).slice(-500));
    const words = () => said.trim() === "" ? "" : `; its last words: ${shown(said.trim().split("\n").at(-1))}`;
    child.on("error", (error) => (clearTimeout(timer), reject(new Error(`Cannot run ${name}: ${error.message}`))));
    child.on("exit", () => {
      clearTimeout(timer);
      timer = setTimeout(ended, 1000);
    });
    child.on("close", (code, signal) => {
      clearTimeout(timer);
      if (late) reject(new Error(`${name} ran longer than ${seconds} seconds, and was killed${words()}`));
      else if (code !== 0) reject(new Error(`${name} ended with ${code ?? signal}${words()}`));
      else resolve();
    });
  });
}

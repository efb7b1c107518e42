import process from "node:process";
import { environment } from "./contenders.ts";
import { measured } from "./machine.ts";

/** A whole program: start, data and work. */
export interface Job {
  name: string;
  contender: string;
  seconds: number;
  /** Peak memory. */
  megabytes: number;
  /** The last line of output. */
  note: string;
}

const here = new URL(".", import.meta.url).pathname, deno = [process.execPath, "run", "-A", "--no-check"];
const toolkit = [`${environment}/bin/python3`, `${here}peers/toolkit.py`];

/** Jobs of the kit and its peers. Jobs with the same name are compared. */
const jobs: { name: string; contender: string; command: string[]; times: number }[] = [
  { name: "import mod.ts", contender: "kit", command: [...deno, `${here}jobs/import.ts`], times: 5 },
  { name: "import torch", contender: "PyTorch", command: [`${environment}/bin/python3`, "-c", "import torch"], times: 3 },
  { name: "German credit", contender: "kit", command: [...deno, `${here}jobs/german_credit.ts`], times: 5 },
  { name: "German credit, BFGS", contender: "kit", command: [...deno, `${here}jobs/german_credit.ts`, "bfgs"], times: 5 },
  { name: "German credit", contender: "toolkit", command: [...toolkit, "german_credit"], times: 3 },
  {
    name: "10,000 small steps",
    contender: "kit",
    command: [...deno, "--v8-flags=--expose-gc", `${here}jobs/steps.ts`],
    times: 1,
  },
  ...["", "stream"].flatMap((how) =>
    [100000, 1000000].map((rows) => ({
      name: `CSV, ${rows.toLocaleString("en")} rows${how && ", in pieces"}`,
      contender: "kit",
      command: [...deno, `${here}jobs/rows.ts`, `${rows}`, how],
      times: 1,
    }))
  ),
  { name: "MNIST", contender: "kit", command: [...deno, `${here}../examples/mnist.ts`, "--json"], times: 1 },
  { name: "MNIST", contender: "toolkit", command: [...toolkit, "mnist"], times: 1 },
];

/** Runs each job `times` times and keeps the median by seconds. A failure is reported, and the others continue. */
export async function* runJobs(peers: boolean): AsyncGenerator<Job> {
  for (const { name, contender, command, times } of jobs) {
    if (contender !== "kit" && !peers) continue;
    const runs = [];
    try {
      for (let i = 0; i < times; i++) runs.push(await measured(command));
    } catch (error) {
      console.error(`${name}, ${contender}: ${error instanceof Error ? error.message : error}`);
      continue;
    }
    const { output, seconds, megabytes } = runs.sort((a, b) => a.seconds - b.seconds)[times >> 1];
    yield { name, contender, seconds, megabytes, note: output.trim().split("\n").at(-1)! };
  }
}

import { deepEqual, equal } from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { test } from "node:test";
import { experiment, slurmScript, type TrialResult } from "../../seldonian/experiments/mod.ts";
import { missing, until } from "./servers.ts";
import { slurm } from "./slurm.ts";
import { asked } from "./slurm_question.ts";

const skip = missing("munged", "slurmctld", "slurmd", "sbatch") || (Deno.uid() !== 0 && "Slurm's programs are run by root");

function timeless(trials: readonly TrialResult[]): unknown[] {
  return trials.map(({ seconds: _, ...rest }) => rest);
}

test("an array of 20 jobs runs every trial once into one store, with the same bits as here", { skip }, async () => {
  const folder = await Deno.makeTempDir();
  try {
    const cluster = await slurm(folder);
    try {
      const store = `${folder}/a b's.sqlite`, program = fileURLToPath(import.meta.resolve("./part.ts"));
      const command = `${Deno.execPath()} run --no-check --no-lock --no-prompt --allow-read --allow-write=${folder} ${program}`;
      await Deno.writeTextFile(`${folder}/job.sh`, slurmScript(store, 20, { command, sbatch: { time: "00:05:00" } }));
      const [number] = /\d+/.exec(await cluster.run("sbatch", "job.sh"))!;
      await until(async () => (await cluster.run("squeue", "-h", "-j", number)) === "", "the jobs", 60);
      const outputs = Array.from({ length: 20 }, (_, i) => Deno.readTextFileSync(`${folder}/slurm-${number}_${i}.out`));
      deepEqual(outputs.filter((text) => text !== ""), []);
      let run = 0;
      const { trials } = await experiment({ ...asked, store, onTrial: () => run++ });
      equal(run, 0, "All are in the store");
      deepEqual(timeless(trials), timeless((await experiment(asked)).trials));
    } finally {
      await cluster.stop();
    }
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

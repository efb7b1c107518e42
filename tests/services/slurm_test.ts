import { deepEqual, equal, match, rejects, throws } from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { test } from "node:test";
import { experiment, slurmScript, type TrialResult } from "../../seldonian/experiments/mod.ts";
import { missing, ran, until } from "./servers.ts";
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
      const command = `${Deno.execPath()} run --no-check --no-prompt --allow-read --allow-write=${folder} ${program}`;
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

test("the script names the parts and the options; its spec may have any name", async () => {
  const script = slurmScript("a 'b'.json", 3, { command: "echo", atOnce: 2, sbatch: { mem: "4G" } });
  match(script, /^#!\/bin\/sh\n(#SBATCH --[\w-]+(=\S+)?\n)+exec /);
  match(script, /\n#SBATCH --array=0-2%2\n/);
  match(script, /\n#SBATCH --mem=4G\n/);
  equal(await ran("sh", ["-c", script], { env: { SLURM_ARRAY_TASK_ID: "1" } }), "a 'b'.json --part 1/3\n");
  throws(() => slurmScript("a", 0), { name: "RangeError", message: /wanted at least 1/ });
  throws(() => slurmScript("a", 1, { sbatch: { mem: "4\n#G" } }), { name: "RangeError", message: /^Cannot give sbatch/ });
});

test("parts are all trials, each once; a wrong part is an error", async () => {
  const parts = await Promise.all([0, 1, 2, 3].map((index) => experiment({ ...asked, part: { index, count: 4 } })));
  const keys = (trials: readonly TrialResult[]) => timeless(trials).map((trial) => JSON.stringify(trial)).sort();
  deepEqual(keys(parts.flatMap(({ trials }) => trials)), keys((await experiment(asked)).trials));
  deepEqual(parts.map(({ trials }) => trials.length), [8, 8, 7, 7]);
  for (const part of [{ index: 4, count: 4 }, { index: -1, count: 4 }, { index: 0.5, count: 4 }]) {
    await rejects(experiment({ ...asked, part }), { name: "TypeError", message: /wanted a part such as/ });
  }
});

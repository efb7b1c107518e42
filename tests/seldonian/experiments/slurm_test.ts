import { deepEqual, match, ok, rejects, throws } from "node:assert/strict";
import { test } from "node:test";
import { experiment, slurmScript, type TrialResult } from "../../../seldonian/experiments/mod.ts";
import { asked } from "../../services/slurm_question.ts";

test("the script names the parts and the options; its spec may have any name", () => {
  const script = slurmScript("a 'b'.json", 3, { command: "echo", atOnce: 2, sbatch: { mem: "4G" } });
  match(script, /^#!\/bin\/sh\n(#SBATCH --[\w-]+(=\S+)?\n)+exec /);
  match(script, /\n#SBATCH --array=0-2%2\n/);
  match(script, /\n#SBATCH --mem=4G\n/);
  ok(script.endsWith(`\nexec echo 'a '\\''b'\\''.json' --part "$SLURM_ARRAY_TASK_ID/3"\n`), script);
  throws(() => slurmScript("a", 0), { name: "RangeError", message: /wanted at least 1/ });
  throws(() => slurmScript("a", 1, { sbatch: { mem: "4\n#G" } }), { name: "RangeError", message: /^Cannot give sbatch/ });
});

test("parts are all trials, each once; a wrong part is an error", async () => {
  const parts = await Promise.all([0, 1, 2, 3].map((index) => experiment({ ...asked, part: { index, count: 4 } })));
  const keys = (trials: readonly TrialResult[]) => trials.map(({ seconds: _, ...rest }) => JSON.stringify(rest)).sort();
  deepEqual(keys(parts.flatMap(({ trials }) => trials)), keys((await experiment(asked)).trials));
  deepEqual(parts.map(({ trials }) => trials.length), [8, 8, 7, 7]);
  for (const part of [{ index: 4, count: 4 }, { index: -1, count: 4 }, { index: 0.5, count: 4 }]) {
    await rejects(experiment({ ...asked, part }), { name: "TypeError", message: /wanted a part such as/ });
  }
});

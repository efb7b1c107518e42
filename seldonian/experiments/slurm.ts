import { checkOptions, type Known, record, text, whole } from "../../autodiff/options.ts";

/** The options of {@link slurmScript}. */
export interface SlurmOptions {
  /** The command that runs an experiment, up to its spec; default "npx seldonian experiment". */
  command?: string;
  /** The most jobs at a time, as for a store with few connections; default: all. */
  atOnce?: number;
  /** Options of `sbatch` by name, such as `{ time: "02:00:00", mem: "4G", partition: "short" }`. */
  sbatch?: Readonly<Record<string, string | number>>;
}

const known: Known<SlurmOptions> = { command: text, atOnce: whole(1), sbatch: record };

/**
 * A script for `sbatch`: an array of jobs without a queue. Job i of n runs the trials i, i + n, i + 2n, … of the experiment, as
 * `--part i/n` says, unless the store that they share has them. So a job that was killed is given in again.
 * @param spec the experiment's spec, whose store all machines reach
 * @param count the number of jobs; a cluster's `MaxArraySize` is 1001 unless it says otherwise
 */
export function slurmScript(spec: string, count: number, options: SlurmOptions = {}): string {
  const { command = "npx seldonian experiment", atOnce, sbatch } = checkOptions("write a Slurm script", options, known);
  if (!Number.isInteger(count) || count < 1) {
    throw new RangeError(`Cannot write a Slurm script of ${count} jobs: wanted at least 1`);
  }
  const array = `0-${count - 1}${atOnce === undefined ? "" : `%${atOnce}`}`;
  const settings = Object.entries({ "job-name": "seldonian", array, "cpus-per-task": 1, ...sbatch });
  const wrong = settings.find((setting) => !/^[a-z-]+=[^\s]+$/.test(setting.join("=")));
  if (wrong !== undefined) {
    throw new RangeError(`Cannot give sbatch the option ${JSON.stringify(wrong.join("="))}: wanted one such as time=02:00:00`);
  }
  return [
    "#!/bin/sh",
    ...settings.map(([name, value]) => `#SBATCH --${name}=${value}`),
    // A job whose machine was lost begins again.
    "#SBATCH --requeue",
    `exec ${command} '${spec.replaceAll("'", `'\\''`)}' --part "$SLURM_ARRAY_TASK_ID/${count}"`,
    "",
  ].join("\n");
}

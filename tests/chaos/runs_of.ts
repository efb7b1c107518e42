/** Folders of runs: specs to run, and what a reader finds. */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { writeSpec } from "../helpers/small_run.ts";
import type { Kit } from "./chaos.ts";

export const names = ["certificate.json", "encoder.json", "model.json", "model.safetensors", "result.json"] as const;

/** The files of a run that can be read, by name. */
export function found(folder: string): Record<string, string> {
  const there = names.filter((name) => existsSync(join(folder, name)));
  return Object.fromEntries(there.map((name) => [name, readFileSync(join(folder, name), "latin1")]));
}

/** Whether two folders have the same files. */
export function same(a: Record<string, string>, b: Record<string, string>): boolean {
  return names.every((name) => a[name] === b[name]);
}

/** Writes two specs, runs each, and returns what each leaves. The second promises what its model does not keep, if `fails`. */
export async function twoRuns(kit: Kit, folder: string, fails: boolean): Promise<Record<string, string>[]> {
  const { renameSync } = await import("node:fs"), left: Record<string, string>[] = [];
  for (const [i, atLeast] of [0.6, fails ? 0.995 : 0.7].entries()) {
    renameSync(writeSpec(folder, atLeast, { seed: i }), `${folder}/spec${i}.json`);
    await kit.command("train", `${folder}/spec${i}.json`, "--out", `${folder}/run`, "--quiet");
    left.push(found(`${folder}/run`));
  }
  // The first run is there again at the start.
  await kit.command("train", `${folder}/spec0.json`, "--out", `${folder}/run`, "--quiet");
  return left;
}

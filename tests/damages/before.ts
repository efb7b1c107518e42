/**
 * Runs the command line of another version of the kit on damaged tables, one process per table: `before.ts folder > came.jsonl`.
 * The folder is a checkout of that version. Standard error reports how many damages pass there in silence. Commit 5acb854 is the
 * last one before the careful reading of tables.
 */
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { type Damage, damaged } from "./damage.ts";
import { damages } from "./damages.ts";
import { goodRows, names, random, spec } from "./good.ts";
import { judged } from "./outcomes.ts";
import type { Came } from "./run.ts";

const [kit] = process.argv.slice(2), folder = mkdtempSync(join(tmpdir(), "damages-")), rows = goodRows();

async function come(done: readonly Damage[], like = ""): Promise<Came> {
  // That version does not find the columns that a constraint compares.
  const table = await damaged({ names, rows }, done, random(1));
  const head = new TextDecoder().decode(table).split("\n")[0].split(",");
  const features = head.filter((name) => !["sex", "y"].includes(name) && done.some(({ cells }) => cells));
  const data = Object.assign({ ...spec.data, columns: ["sex"], features: names.filter((name) => !["sex", "y"].includes(name)) });
  if (features.length > 5 && head.length > names.length) data.features = features;
  const renames = (text: string) =>
    head.includes(text) || head.length !== names.length ? text : head[names.indexOf(text)] ?? text;
  if (done.some(({ like }) => like)) data.features = data.features.map(renames);
  Object.assign(data, ...done.map(({ data }) => data));
  writeFileSync(join(folder, "data.csv"), table);
  writeFileSync(join(folder, "spec.json"), JSON.stringify({ ...spec, data }));
  const resultFile = join(folder, "result.json");
  rmSync(resultFile, { force: true });
  const args = ["run", "--no-check", "-RWE", join(kit, "cli.ts"), "train", join(folder, "spec.json"), "--quiet", "--out", folder];
  const { status, stdout, stderr } = spawnSync(process.execPath, args, { encoding: "utf8" });
  const code = status ?? -1, result = code === 2 ? "" : readFileSync(resultFile, "utf8");
  return {
    names: done.map(({ name }) => name),
    seed: 1,
    code,
    data: "",
    verdict: stdout.replace(/Written to .*/, ""),
    error: stderr,
    result,
    like,
  };
}

const good = await come([]), counts: Record<string, number> = {};
console.log(JSON.stringify(good));
for (const damage of damages) {
  // A spec that the version does not know says nothing about tables.
  if (damage.data && !("label" in damage.data)) continue;
  const like: Damage | undefined = damage.like &&
    { name: "", outcome: [], cells: damage.like, like: damage.like, data: damage.data };
  const came = await come([damage], like ? (await come([like])).result : good.result),
    { wrong, came: outcome } = judged(damage, came, good);
  console.log(JSON.stringify(came));
  const kind = came.code === 2
    ? outcome !== undefined && !wrong ? "refused, with place and cure" : "refused, without place or cure, or where it need not be"
    : /^in silence/.test(wrong ?? "")
    ? "in silence"
    : outcome ?? wrong!;
  counts[kind] = (counts[kind] ?? 0) + 1;
}
rmSync(folder, { recursive: true, force: true });
console.error(counts);

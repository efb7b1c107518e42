/**
 * Trains on damaged tables, for `damages_test.ts` and `document.ts`: `run.ts part parts` prints the outcomes of every parts-th
 * damage, and of pairs of damages, as lines of JSON. It is a separate program because it writes files, which the tests may not.
 */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { commandLine } from "../../seldonian/spec/command_line.ts";
import { type Damage, damaged } from "./damage.ts";
import { damages } from "./damages.ts";
import { goodRows, names, random, spec } from "./good.ts";
import { full } from "../helpers/runs.ts";

/** The outcome of one damage or of two; the good table has no names. */
export interface Came {
  readonly names: readonly string[];
  readonly seed: number;
  readonly code: number;
  /** The output about the data, the verdict, and the errors. */
  readonly data: string;
  readonly verdict: string;
  readonly error: string;
  /** The figures of the result, and those of the table to compare it with. */
  readonly result: string;
  readonly like: string;
}

/** The figures of a result without the description of the data, which may report the damage. */
export function figures(file: string): string {
  const { description: _, ...more } = JSON.parse(readFileSync(file, "utf8"));
  return JSON.stringify(more);
}

/** The damages to try: all of them, or every sixth, which still covers each kind. */
export const tried: readonly Damage[] = damages.filter(({ sameRows }, i) => full || sameRows || i % 6 === 0);

/** The number of pairs to try. */
export const pairCount = full ? 200 : 12;

/** A fixed sample of pairs of damages, without files that are not tables. */
export function pairs(count: number): [Damage, Damage][] {
  const next = random(71), pairs: [Damage, Damage][] = [];
  const usable = damages.filter(({ data, like, sameRows, instead }) => !data && !like && !sameRows && !instead);
  while (pairs.length < count) {
    const [a, b] = [0, 1].map(() => usable[Math.floor(next() * usable.length)]);
    if (a !== b) pairs.push([a, b]);
  }
  return pairs;
}

const rows = goodRows();

/** Trains on the good table with some damages. */
async function come(folder: string, done: readonly Damage[], table: Uint8Array, seed: number, like = ""): Promise<Came> {
  const data = Object.assign({}, spec.data, ...done.map(({ data }) => data));
  writeFileSync(join(folder, "data.csv"), table);
  writeFileSync(join(folder, "spec.json"), JSON.stringify({ ...spec, data }));
  const prints: string[] = [], errors: string[] = [];
  const args = ["train", join(folder, "spec.json"), "--out", folder];
  const code = await commandLine(args, (line) => prints.push(line), (line) => errors.push(line));
  const result = code === 2 ? "" : figures(join(folder, "result.json")), [said = "", verdict = ""] = prints;
  const clean = (text: string) => text.replaceAll(`${folder}/`, "");
  const all = { data: clean(said), verdict: clean(verdict), error: clean(errors.join("\n")) };
  return { names: done.map(({ name }) => name), seed, code, ...all, result, like };
}

if (import.meta.main) {
  const [part = 0, parts = 1] = process.argv.slice(2).map(Number), folder = mkdtempSync(join(tmpdir(), "damages-"));
  const print = (came: Came) => console.log(JSON.stringify(came)), table = { names, rows };
  // Nothing here reads the progress on standard error.
  console.error = () => {};
  try {
    const good = await come(folder, [], await damaged(table, [], random(0)), 0);
    print(good);
    for (const [i, damage] of tried.entries()) {
      if (i % parts !== part) continue;
      // A stray text is in many cells at once. Without chance, one run is enough.
      const seeds = damage.stray || !full ? 1 : 2, done = new Set<string>();
      for (let seed = 1; seed <= seeds; seed++) {
        const bytes = await damaged(table, [damage], random(seed)), text = new TextDecoder("latin1").decode(bytes);
        if (done.has(text)) continue;
        done.add(text);
        const undamaged: Damage | undefined = damage.like && { name: "", outcome: [], cells: damage.like, data: damage.data };
        const like = undamaged &&
          await come(folder, [undamaged], await damaged(table, [undamaged], random(seed)), seed);
        print(await come(folder, [damage], bytes, seed, like?.result ?? good.result));
      }
    }
    for (const [i, pair] of pairs(pairCount).entries()) {
      if (i % parts === part) print(await come(folder, pair, await damaged(table, pair, random(i)), i, good.result));
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

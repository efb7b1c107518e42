/** Attacks by processes that are killed, that have no room on their disk, or that run at once. */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import type { Attack, Field } from "./chaos.ts";
import { child, smallDisk } from "./children.ts";
import { found, names, same, twoRuns } from "./runs_of.ts";

type Attempts = Attack["attempts"];

/** Kills programs while they replace a run: the folder has the old run or the new one. */
export const killedRuns: Attempts = async function* ({ kit, dice, folder, dear }) {
  for (const fails of [false, true]) {
    const here = `${folder}/${fails}`;
    mkdirSync(here);
    const runs = await twoRuns(kit, here, fails);
    for (let i = 0; i < dear; i++) {
      const killAfter = 20 + 300 * dice.uniform();
      await child([kit.root, "runs", here, "1000"], { killAfter });
      yield { what: `killed after ${killAfter.toFixed(0)} ms`, found: mixed(found(`${here}/run`), runs) };
    }
  }
};

/** What is wrong with a folder that should have one of some runs. */
function mixed(left: Record<string, string>, runs: Record<string, string>[]): string | undefined {
  if (runs.some((run) => same(left, run))) return undefined;
  const of = names.map((name) =>
    `${name} of ${left[name] === undefined ? "none" : runs.findIndex((run) => run[name] === left[name])}`
  );
  return `the folder has ${of.join(", ")}`;
}

/** Kills programs that keep records or replace a file: what was acknowledged is there, once, and the file goes on. */
export const killedWriters: Attempts = async function* ({ kit, dice, folder, dear }) {
  for (const what of ["trials", "ledger", "halving", "replace"]) {
    const path = `${folder}/${what}`;
    let acknowledged = 0;
    for (let i = 0; i < Math.ceil(dear / 2); i++) {
      const killAfter = 5 + 120 * dice.uniform(),
        { lines } = await child([kit.root, what, path, "100000", `${i}`], { killAfter });
      acknowledged += lines.filter((line) => line.startsWith("acknowledged")).length;
      const refused = lines.find((line) => line.startsWith("refused") && !line.includes("get new data"));
      yield {
        what: `${what} killed after ${killAfter.toFixed(0)} ms`,
        found: refused ?? await kept(what, path, acknowledged, i + 1, kit),
      };
    }
  }
};

/** What is wrong with a file of records, or one that was replaced. */
async function kept(
  what: string,
  path: string,
  acknowledged: number,
  kills: number,
  kit: Field["kit"],
): Promise<string | undefined> {
  // A program that was killed at once has written nothing.
  if (acknowledged === 0 && !existsSync(path)) return undefined;
  const text = readFileSync(path, "utf8");
  if (what === "replace") return /^(\d)\1{199999}$/.test(text) ? undefined : `a file of ${text.length} letters is torn`;
  const count = what === "trials"
    ? (await kit.all.trialsFile(path)).known.length
    : text.split("\n").filter((line) => line.includes('"tested"') && line.endsWith("}")).length;
  // The last record of a killed program may be there without having been acknowledged.
  if (count >= acknowledged && count <= acknowledged + kills) return undefined;
  return `${acknowledged} were acknowledged, and ${count} are there`;
}

/** Fills disks: what was acknowledged is there, and the next program goes on. */
export const fullDisks: Attempts = async function* ({ kit, dice, folder, dear }) {
  for (let i = 0; i < dear; i++) {
    for (const what of ["trials", "ledger", "log"]) {
      const here = `${folder}/${what}${i}`,
        path = `${here}/records`,
        kilobytes = 4 * (1 + dice.below(3)),
        disk = smallDisk(here, kilobytes);
      try {
        const { lines } = await child([kit.root, what, path, "250"], disk);
        const told = (word: string) => lines.filter((line) => line.startsWith(word)).length, said = `${what} on ${kilobytes} kB`;
        if (what === "log") {
          const bad = readFileSync(path, "utf8").split("\n").slice(0, -1).filter((line) => !isJson(line));
          yield {
            what: said,
            found: bad.length > 0 ? "a line is torn" : told("acknowledged") < 250 ? "the run ended" : undefined,
          };
          continue;
        }
        yield { what: said, found: await kept(what, path, told("acknowledged"), 1, kit) };
        // Somebody makes room.
        const bytes = readFileSync(path);
        disk.end();
        disk.end = () => {};
        writeFileSync(path, bytes);
        const { lines: more } = await child([kit.root, what, path, "1", "1000"]);
        yield { what: `${said}, then with room`, found: more.find((line) => line.startsWith("refused")) };
      } finally {
        disk.end();
      }
    }
    const here = `${folder}/run${i}`, disk = smallDisk(here, 56 + 4 * dice.below(24));
    try {
      const runs = await twoRuns(kit, here, false).catch(() => []), before = found(`${here}/run`);
      const { lines } = await child([kit.root, "run", here, "1", "1"], disk), done = lines.some((line) => line.startsWith("ack"));
      yield { what: "a run on a full disk", found: mixed(found(`${here}/run`), done ? runs : [before, ...runs, {}]) };
    } finally {
      disk.end();
    }
  }
};

function isJson(text: string): boolean {
  try {
    return typeof JSON.parse(text) === "object";
  } catch {
    return false;
  }
}

/** Many at once: every use of a ledger is recorded, once; runs into one folder leave one of them whole. */
export const manyAtOnce: Attempts = async function* ({ kit, folder, cheap, dear }) {
  for (const [what, count] of [["ledger", cheap > 100 ? 1000 : 30], ["halving", 4 + dear]] as const) {
    const path = `${folder}/${what}`;
    const ended = await Promise.all([0, 1, 2].map((who) => child([kit.root, what, path, `${count}`, `${who}`])));
    const lines = ended.flatMap(({ lines }) => lines).filter((line) => line !== "ready");
    const recorded = readFileSync(path, "utf8").match(/"id":"[^"]*","tested"/g)!, once = new Set(recorded).size;
    for (const line of lines) {
      yield { what: `3 × ${count} uses of a ledger`, found: line.startsWith("acknowledged") ? undefined : line };
    }
    const wrong = recorded.length !== 3 * count || once !== recorded.length;
    yield { what: `3 × ${count} uses`, found: wrong ? `${recorded.length} are recorded, ${once} of them once` : undefined };
  }
  for (let i = 0; i < dear / 3; i++) {
    const here = `${folder}/run${i}`;
    mkdirSync(here);
    const runs = await twoRuns(kit, here, i % 2 === 0);
    const ended = await Promise.all([0, 1, 0, 1].map((who) => child([kit.root, "run", here, "3", `${who}`])));
    const odd = ended.flatMap(({ lines }) => lines).find((line) => line.startsWith("refused") && !line.includes("another run"));
    yield { what: "four runs into one folder", found: odd ?? mixed(found(`${here}/run`), runs) };
  }
  const { replaceFile } = kit.all,
    path = `${folder}/file`,
    contents = Array.from({ length: 10 }, (_, i) => `${i}`.repeat(50_000));
  for (let i = 0; i < dear; i++) {
    const results = await Promise.allSettled(contents.map((content) => replaceFile(path, content)));
    const failed = results.find((result) => result.status === "rejected");
    const found = failed !== undefined
      ? `${failed.reason}`
      : contents.includes(readFileSync(path, "utf8"))
      ? undefined
      : "it is torn";
    yield { what: "ten contents of a file at once", found };
  }
};

import { deepEqual, equal, match, ok, rejects, throws } from "node:assert/strict";
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { test } from "node:test";
import { ledgerFile, logFile, type Trial, trialsFile } from "../../../mod.ts";
import { fc } from "../../deps.ts";
import { inFolder, ran, testsThatWrite } from "../../helpers/writing.ts";

const trials = Array.from({ length: 5 }, (_, i): Trial => ({
  settings: { thetaRate: 0.01 * (i + 1), inflation: i },
  passing: i / 5,
  objective: i === 3 ? null : Math.sin(i),
}));

/** The file of the trials above, as a search leaves it. */
async function kept(path: string): Promise<Uint8Array> {
  const { onTrial } = await trialsFile(path);
  for (const trial of trials) onTrial(trial);
  return new Uint8Array(readFileSync(path));
}

const use = (rows: number, first = 0) => ({
  tested: Uint32Array.from({ length: 2 * rows }, (_, i) => first + i),
  trained: new Uint32Array(0),
  deltas: [0.05],
});

/** Lets files have 4 KiB at most, without the signal for one that grows beyond. */
const shellOfFullDisk = "trap '' XFSZ; ulimit -f 8;";

testsThatWrite(import.meta.url, () => {
  test("three processes that use a ledger of large tests at once are all recorded, once, and none is refused", () =>
    inFolder(async (folder) => {
      const path = `${folder}/ledger.jsonl`, rows = "40000";
      const children = await Promise.all(
        ["1", "2", "3"].map((who) => ran("records_child.ts", ["halving", path, "3", rows, who])),
      );
      const lines = children.flatMap(({ lines }) => lines);
      deepEqual(lines.filter((line) => !line.startsWith("acknowledged")), []);
      equal(lines.length, 9);
      equal((await ledgerFile(path).use(use(2, 7))).tests, 0);
      const ids = [...readFileSync(path, "utf8").matchAll(/"id":"([^"]*)","tested"/g)].map(([, id]) => id);
      deepEqual([ids.length, new Set(ids).size], [10, 10]);
    }));

  test("what a disk acknowledged is there, what it had no room for is refused, and the file goes on when there is room", async () => {
    for (const kind of ["trials", "whole"]) {
      await inFolder(async (folder) => {
        const path = `${folder}/records.jsonl`;
        const full = await ran("records_child.ts", [kind, path, "90", "3", "1"], shellOfFullDisk);
        const told = (word: string) => full.lines.filter((line) => line.startsWith(word)).length;
        ok(told("acknowledged") >= 10 && told("refused") >= 10, full.lines.join("\n"));
        ok(readFileSync(path).length <= 4096);
        const after = await ran("records_child.ts", [kind, path, "2", "3", "100"]);
        deepEqual(after.lines, ["acknowledged 100 0", "acknowledged 100 1"]);
        if (kind === "trials") equal((await trialsFile(path)).known.length, told("acknowledged") + 2);
        else equal(readFileSync(path, "utf8").match(/"halving":false\}/g)!.length, told("acknowledged") + 2);
      });
    }
  });

  test("a file that was cut anywhere has the records before the cut, and the next one is not glued to the rest", () =>
    inFolder(async (folder) => {
      const path = `${folder}/trials.jsonl`, bytes = await kept(path);
      await fc.assert(
        fc.asyncProperty(fc.nat(bytes.length), async (end) => {
          writeFileSync(path, bytes.subarray(0, end));
          const { known, onTrial } = await trialsFile(path);
          deepEqual(known, trials.slice(0, known.length));
          equal(known.length, new TextDecoder().decode(bytes.subarray(0, end)).match(/\}(?=\n|$)/g)?.length ?? 0);
          onTrial(trials[4]);
          deepEqual((await trialsFile(path)).known, [...known, trials[4]]);
        }),
        { seed: 1, numRuns: 150, examples: [[0], [1], [bytes.length - 1]] },
      );
    }));

  test("a file with any flipped bit is refused, with the line, or has the same records but for a cut last one", () =>
    inFolder(async (folder) => {
      const path = `${folder}/trials.jsonl`, bytes = await kept(path);
      let refused = 0;
      await fc.assert(
        fc.asyncProperty(fc.nat(8 * bytes.length - 1), async (bit) => {
          const flipped = bytes.slice();
          flipped[bit >> 3] ^= 1 << (bit & 7);
          writeFileSync(path, flipped);
          try {
            deepEqual((await trialsFile(path)).known, trials);
          } catch (error) {
            refused++;
            match(`${error}`, /^RangeError: Cannot go on from .*: line [1-6] is not a trial; fix it, or move the file away/);
          }
        }),
        { seed: 2, numRuns: 400 },
      );
      ok(refused > 350, `${refused}`);
    }));

  test("files of older versions, whose lines have no digest, are read, go on, and are refused when damaged", () =>
    inFolder(async (folder) => {
      const path = `${folder}/old.jsonl`, old = trials.map((trial) => `${JSON.stringify(trial)}\n`);
      writeFileSync(path, old.slice(0, 3).join("") + old[3].slice(0, 20));
      (await trialsFile(path)).onTrial(trials[4]);
      deepEqual((await trialsFile(path)).known, [...trials.slice(0, 3), trials[4]]);
      writeFileSync(path, `${old[0]}{"settings": 3}\n`);
      await rejects(trialsFile(path), /line 2 is not a trial/);

      const ledger = `${folder}/ledger.jsonl`, part = { rows: 1, level: 0, keys: "0000000000000001" };
      const line = { version: 1, id: "a", tested: part, trained: { ...part, rows: 0, keys: "" }, delta: 0.05, halving: false };
      writeFileSync(ledger, `${JSON.stringify(line)}\n`);
      deepEqual((({ tests, tested, spent }) => [tests, tested, spent])(await ledgerFile(ledger).use(use(1))), [1, 1, 0.05]);
      for (const wrong of ["age,sex\n31,f\n", '{"uses": {"a": -1', JSON.stringify(line).replace("0.05", "-")]) {
        writeFileSync(ledger, wrong);
        await rejects(
          ledgerFile(ledger).use(use(1)),
          /Cannot read the ledger .*, line 1: wanted a line that ledgerFile\(\) wrote/,
        );
      }
    }));

  test("a ledger sees what others added, and begins again with another file", () =>
    inFolder(async (folder) => {
      const path = `${folder}/ledger.jsonl`, [own, other] = [ledgerFile(path), ledgerFile(path)];
      equal((await own.use(use(2))).tests, 0);
      equal((await other.use(use(2))).tests, 1);
      equal((await own.use(use(2))).tests, 2);
      writeFileSync(path, "");
      equal((await own.use(use(2))).tests, 0);
    }));

  test("a log that the disk has no room for ends with a whole line, and the run goes on", () =>
    inFolder(async (folder) => {
      const path = `${folder}/log.jsonl`, full = await ran("records_child.ts", ["log", path, "90", "0", "1"], shellOfFullDisk);
      equal(full.lines.length, 90);
      const steps = readFileSync(path, "utf8").split("\n").slice(0, -1).map((line) => JSON.parse(line).step);
      ok(steps.length > 30 && steps.length < 90 && steps.every((step, i) => step === i));
    }));

  test("logs, ledgers and trials leave no file open", () =>
    inFolder(async (folder) => {
      const step = { step: 1, epoch: 1, f: 0.5, g: [0.1], lambda: [0.5], lagrangian: 0.55 };
      const open = () => existsSync("/proc/self/fd") ? readdirSync("/proc/self/fd").length : 0, before = open();
      for (let i = 0; i < 100; i++) {
        (await logFile(`${folder}/log.jsonl`))(step);
        (await trialsFile(`${folder}/trials.jsonl`)).onTrial(trials[0]);
        await ledgerFile(`${folder}/ledger.jsonl`).use(use(1));
      }
      ok(open() <= before + 5, `${open() - before} more are open`);
      equal(readFileSync(`${folder}/log.jsonl`, "utf8"), `${JSON.stringify(step)}\n`);
      await rejects(logFile(`${folder}/missing/log.jsonl`), /ENOENT|No such file/);
      throws(() => readFileSync(`${folder}/missing/log.jsonl`));
    }));
});

import { deepEqual, equal, match, ok, rejects } from "node:assert/strict";
import { test } from "node:test";
import { experiment, storeAt, type TrialResult } from "../../../seldonian/experiments/mod.ts";
import { small } from "../../helpers/small_experiment.ts";
import { inFolder, ran, testsThatWrite } from "../../helpers/writing.ts";

const none = { settings: "none", outputs: () => Promise.resolve(null) };
const asked = { ...small, contenders: { constant: small.contenders.constant, none } };

/** Results as JSON has them, without their times. */
function timeless(trials: readonly TrialResult[]): unknown[] {
  return JSON.parse(JSON.stringify(trials.map(({ seconds: _, ...rest }) => rest)));
}

/** Lets files have so many KiB, without the signal for one that grows beyond. */
const fullAt = (kilobytes: number) => `trap '' XFSZ; ulimit -f ${2 * kilobytes};`;

testsThatWrite(import.meta.url, () => {
  for (const [name, kilobytes] of [["results.sqlite", 64], ["results.jsonl", 4]] as const) {
    test(`${name} on a full disk: an error with its name; what was kept is there, and the experiment goes on`, () =>
      inFolder(async (folder) => {
        const store = `${folder}/${name}`, trials = 30;
        const { lines: [said] } = await ran("store_child.ts", [store, `${trials}`], fullAt(kilobytes));
        match(said, /^\d+ kept; Error: Cannot keep results in .*results\.\w+: .+; those kept before are there$/);
        const kept = parseInt(said);
        let runs = 0;
        const { trials: found } = await experiment({ ...asked, store, trials, onTrial: () => runs++ });
        ok(kept >= 3, said);
        equal(runs, 120 - kept);
        deepEqual(timeless(found), timeless((await experiment({ ...asked, trials })).trials));
      }));

    test(`two runs that fill ${name} at once have the same results, and nobody loses one`, () =>
      inFolder(async (folder) => {
        const store = `${folder}/${name}`, both = await Promise.all([1, 2].map(() => ran("store_child.ts", [store, "4"])));
        const wanted = timeless((await experiment({ ...asked, trials: 4 })).trials);
        for (const { lines: [said] } of both) deepEqual(JSON.parse(said), wanted);
        const again = await experiment({ ...asked, store, trials: 4, onTrial: () => ok(false, "nothing to run") });
        deepEqual(timeless(again.trials), wanted);
      }));

    test(`${name} in a folder that is not there is an error before the first trial`, () =>
      inFolder(async (folder) => {
        await rejects(storeAt(`${folder}/nowhere/${name}`), /Cannot keep results in .*nowhere/);
        const run = experiment({ ...asked, store: `${folder}/nowhere/${name}`, onTrial: () => ok(false, "a trial ran") });
        await rejects(run, /Cannot keep results in/);
      }));
  }

  test("what cannot be kept is not taken for kept: the next try keeps it", () =>
    inFolder(async (folder) => {
      const [path, aside] = [`${folder}/results.jsonl`, `${folder}/aside.jsonl`],
        { renameSync, mkdirSync, rmdirSync } = await import("node:fs");
      const store = await storeAt(path), a = "a".repeat(64);
      const result = (await experiment({ ...asked, sizes: [40], trials: 1 })).trials[0];
      renameSync(path, aside);
      mkdirSync(path);
      await rejects(store.keep(a, result), /Cannot keep results in/);
      rmdirSync(path);
      renameSync(aside, path);
      await store.keep(a, result);
      equal((await (await storeAt(path)).known(a)).length, 1);
    }));
});

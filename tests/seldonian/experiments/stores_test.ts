import { deepEqual, equal, ok, rejects } from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { experiment, memoryStore, storeAt, type TrialResult, type TrialStore } from "../../../seldonian/experiments/mod.ts";
import { small } from "../../helpers/small_experiment.ts";
import { inFolder, testsThatWrite } from "../../helpers/writing.ts";

const a = "a".repeat(64), b = "b".repeat(64);
const result = (trial: number, performance = 1): TrialResult => ({
  ...{
    contender: 'the "kit"\n',
    size: 10,
    trial,
    solution: true,
    performance,
    values: [null, 0.1 + 0.2],
    broken: true,
    seconds: 1,
  },
  error: undefined,
});
const texts = (results: readonly TrialResult[]) => results.map((one) => JSON.stringify(one)).sort();

/** What every store does. */
async function keeps(open: () => Promise<TrialStore>, reopens: boolean): Promise<void> {
  let store = await open();
  for (let i = 0; i < 20; i++) await store.keep(i % 2 === 0 ? a : b, result(i));
  // A late result of a trial that is there changes nothing.
  await store.keep(a, result(4, 7));
  const wanted = texts(Array.from({ length: 10 }, (_, i) => result(2 * i)));
  deepEqual(texts(await store.known(a)), wanted);
  deepEqual(await store.known("c".repeat(64)), []);
  await store.close();
  if (!reopens) return;
  store = await open();
  deepEqual(texts(await store.known(a)), wanted);
  await store.keep(a, result(4, 7));
  await store.keep(a, result(40));
  equal((await store.known(a)).length, 11);
  equal((await store.known(a)).find(({ trial }) => trial === 4)!.performance, 1);
  await store.close();
}

test("a store in memory keeps the first result of every trial", () => keeps(() => Promise.resolve(memoryStore()), false));

testsThatWrite(import.meta.url, () => {
  for (const name of ["results.sqlite", "results.jsonl"]) {
    test(
      `${name} keeps the first result of every trial, over several runs`,
      () => inFolder((folder) => keeps(() => storeAt(join(folder, name)), true)),
    );

    test(`an experiment with ${name} that stopped in the middle goes on, with the results of one that did not`, () =>
      inFolder(async (folder) => {
        const store = join(folder, name), whole = await experiment(small), abort = new AbortController();
        let runs = 0;
        const part = await experiment({
          ...small,
          store,
          signal: abort.signal,
          onTrial: (_, done) => done === 7 && abort.abort(),
        });
        ok(part.trials.length < whole.trials.length);
        const rest = await experiment({ ...small, store, onTrial: () => runs++ });
        equal(runs + part.trials.length, whole.trials.length);
        const timeless = (trials: readonly TrialResult[]) => trials.map(({ seconds: _, ...one }) => one);
        deepEqual(timeless(rest.trials), timeless(whole.trials));
      }));

    test(
      `${name} of another kind or version is refused by name, and left alone`,
      () =>
        inFolder(async (folder) => {
          const path = join(folder, name);
          writeFileSync(path, "something else\n");
          await rejects(storeAt(path), (error: Error) => error.message.includes(path));
          equal(readFileSync(path, "utf8"), "something else\n");
        }),
    );
  }

  test(
    "the last line of a killed run is dropped, and lines elsewhere are not",
    () =>
      inFolder(async (folder) => {
        const path = join(folder, "results.jsonl"), store = await storeAt(path);
        for (let i = 0; i < 3; i++) await store.keep(a, result(i));
        await store.close();
        const text = readFileSync(path, "utf8");
        writeFileSync(path, text.slice(0, -9));
        const again = await storeAt(path);
        equal((await again.known(a)).length, 2);
        await again.keep(a, result(2));
        await again.close();
        equal((await (await storeAt(path)).known(a)).length, 3);
        writeFileSync(path, text.replace('"size":10', '"size":"x"'));
        await rejects(storeAt(path), /line 2 of .*results\.jsonl: it is no result of a trial/);
      }),
  );

  test("a database of a later version is refused", () =>
    inFolder(async (folder) => {
      const path = join(folder, "results.sqlite");
      await (await storeAt(path)).close();
      const { DatabaseSync } = await import("node:sqlite"), database = new DatabaseSync(path);
      database.exec("PRAGMA user_version = 2");
      database.close();
      await rejects(storeAt(path), /version 2.*wanted version 1/);
    }));
});

import { deepEqual, equal, match, ok, rejects } from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { test } from "node:test";
import { DataSet, explain, type Ledger, ledgerFile, safetyTest, split, train, type Use, type Uses } from "../../../mod.ts";
import { permutation, randomStream } from "../../../seldonian/random.ts";
import { skipWriting } from "../../helpers/runs.ts";
import { delta, promise, rows, untrained } from "../../helpers/promises.ts";

test("a ledger gets the keys of tested and trained rows, and the verdict warns with its counts", async () => {
  const noted: Use[] = [];
  const known: Ledger = {
    use: (use) => {
      noted.push(use);
      const { deltas } = use;
      return Promise.resolve({
        rows: use.tested.length / 2,
        tests: 6,
        tested: 3,
        trained: 1,
        spent: 0.3,
        deltas,
        halving: false,
      });
    },
  };
  const all = new DataSet({ features: rows(200, (i) => [0.5 + i / 1000]), labels: rows(200, () => 0) });
  const result = await train({ ...untrained, data: all, constraints: [{ text: "PR >= 0.4", delta }], ledger: known });
  equal(noted.length, 1);
  deepEqual([noted[0].tested.length, noted[0].trained.length, noted[0].deltas], [200, 200, [delta]]);
  match(`${result}`, /Warning: of the 100 rows of safety data 1 are equal to rows that were trained on, now or before/);
  match(
    `${result}`,
    /Warning: of the 100 rows of safety data 3 were tested before, in 6 earlier tests: that no test errs is sure with 65 % only; get new data/,
  );
});

test("a file ledger knows rows in another order, function or data set, and halving deltas sum to less than delta", {
  skip: skipWriting,
}, async () => {
  const folder = mkdtempSync(`${tmpdir()}/ledger`), path = `${folder}/loans.jsonl`;
  try {
    const all = new DataSet({ features: rows(200, (i) => [0.5 + i / 1000]), labels: rows(200, () => 0) });
    const asked = { ...untrained, data: all, constraints: [{ text: "PR >= 0.4", delta }] }, ledger = ledgerFile(path);
    const found: (Uses | undefined)[] = [];
    for (const seed of [0, 1, 2]) found.push((await train({ ...asked, seed, ledger })).uses);
    deepEqual([found[0]!.tests, found[0]!.tested, found[0]!.trained, found[0]!.spent], [0, 0, 0, 0]);
    ok(found[1]!.tests === 1 && Math.abs(found[1]!.tested - 50) < 20 && found[1]!.tested + found[1]!.trained >= 100);
    ok(found[2]!.tests === 2 && Math.abs(found[2]!.tested - 75) < 20 && Math.abs(found[2]!.spent - 0.1) < 1e-12);
    // The same rows in another order, by another function, as another data set.
    const { safety } = split(all), shuffled = safety.take(Array.from(permutation(100, randomStream(9, "order"))));
    const report = await safetyTest({ ...promise("PR >= 0.4"), data: shuffled, ledger });
    ok(report.uses!.tested + report.uses!.trained >= 100);
    match(explain(report), /were tested before, in 3 earlier tests: that no test errs is sure with 80 % only/);
    const fresh = new DataSet({ features: rows(50, (i) => [0.9 - i / 7777]), labels: rows(50, () => 0) });
    const other = await safetyTest({ ...promise("(PR | old) >= 0.4"), data: fresh, others: { old: shuffled }, ledger });
    ok(other.uses!.rows === 150 && other.uses!.tested === 100);
    equal(readFileSync(path, "utf8").trim().split("\n").length, 5);

    const halving = ledgerFile(`${folder}/halving.jsonl`, { spend: "halving" }), deltas: number[] = [];
    for (const seed of [0, 1, 2, 3]) {
      const result = await train({ ...asked, seed, ledger: halving });
      deltas.push(result.constraints[0].delta);
      match(
        `${result}`,
        /Spent: delta 0\.\d+, half of what \d earlier tests? of these rows left; that none errs is sure with 9[5-7]\.?\d* %/,
      );
    }
    deltas.forEach((found, k) => ok(Math.abs(found - delta / 2 ** (k + 1)) < 1e-12));
    // Concurrent tests know the earlier ones, and all together spend no more than delta.
    const sideBySide = await Promise.all(rows(10, () => safetyTest({ ...promise("PR >= 0.4"), data: safety, ledger: halving })));
    const sum = [...deltas, ...sideBySide.map(({ constraints: [found] }) => found.delta)].reduce((sum, one) => sum + one, 0);
    ok(sum < delta, `${sum}`);
    // After separate tests of both parts, their union has no delta left.
    const parts = ledgerFile(`${folder}/parts.jsonl`, { spend: "halving" });
    for (let i = 0; i < 2; i++) {
      await safetyTest({
        ...promise("PR >= 0.4"),
        data: safety.take(rows(50, (row) => 50 * i + row)),
        ledger: parts,
      });
    }
    await rejects(safetyTest({ ...promise("PR >= 0.4"), data: safety, ledger: parts }), {
      message: "Cannot test these rows again: 2 earlier tests of some of them have spent 0.05, and delta is 0.05; get new data",
    });
    // A ledger keeps a sample of a large set, which still separates new rows from old ones; an unused delta is returned.
    const words = (n: number, start: number) =>
      Uint32Array.from({ length: 2 * n }, (_, i) => {
        const word = Math.imul(start + i, 0x9e3779b1);
        return Math.imul(word ^ (word >>> 15), 0x85ebca6b) >>> 7;
      });
    const use = (tested: Uint32Array, to: Ledger) => to.use({ tested, trained: new Uint32Array(0), deltas: [delta] });
    const sampled = ledgerFile(`${folder}/sampled.jsonl`);
    await use(words(90000, 0), sampled);
    deepEqual((({ tests, tested }) => [tests, tested])(await use(words(1000, 1e7), sampled)), [0, 0]);
    const some = await use(words(1000, 20000), sampled);
    ok(some.tests === 1 && Math.abs(some.tested - 1000) < 200, JSON.stringify(some));
    const back = ledgerFile(`${folder}/back.jsonl`, { spend: "halving" });
    for (let i = 0; i < 3; i++) {
      const given = await use(words(50, 0), back);
      deepEqual(given.deltas, [delta / 2]);
      await back.unused!(given);
    }
    writeFileSync(path, '{"uses": {"a": -1');
    await rejects(
      safetyTest({ ...promise("PR >= 0.4"), data: safety, ledger }),
      /Cannot read the ledger .*, line 1: wanted a line that ledgerFile\(\) wrote/,
    );
  } finally {
    rmSync(folder, { recursive: true });
  }
});

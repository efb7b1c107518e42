/** Rows of earlier looks and tests count for nothing, whether or not the caller names them. */
import { deepEqual, equal, match, ok, rejects } from "node:assert/strict";
import { test } from "node:test";
import { DataSet, safetyTest, split, train } from "../../../mod.ts";
import { planRetest, retest, type RetestCertificate, verifyRetest } from "../../../seldonian/monitoring/mod.ts";
import { fc } from "../../deps.ts";
import { linear, options } from "../../helpers/line.ts";
import { model, uniforms } from "../../helpers/promises.ts";
import { resealed } from "../../helpers/small_run.ts";

const delta = 0.05, constraints = [{ text: "ACC >= 0.8", delta }], stated = { model, constraints, rates: "decided" as const };
const plan = await planRetest(stated);

/** Rows of which no two are equal, and on which the model is right with probability 0.9. */
function rows(n: number, seed = 1): DataSet {
  const uniform = uniforms(seed), drawn = Array.from({ length: n }, () => [0.6 + 0.3 * uniform(), uniform() < 0.9 ? 1 : 0]);
  return new DataSet({
    features: drawn.map(([x]) => [x]),
    labels: drawn.map(([, y]) => y),
    columns: { x: drawn.map(([x]) => x) },
  });
}
const numbers = (from: number, n: number) => Array.from({ length: n }, (_, i) => from + i);
const kept = { repeats: "keep" as const };

test("a file that grows, and rows in another order, are refused without being named, and dropped or kept if that is said", () => {
  const part = fc.record({
    n: fc.integer({ min: 1, max: 40 }),
    shared: fc.nat({ max: 40 }),
    fresh: fc.integer({ min: 1, max: 40 }),
  });
  return fc.assert(
    fc.asyncProperty(part, async ({ n, shared, fresh }) => {
      const all = rows(n + fresh), first = all.take(numbers(0, n)), again = Math.min(shared, n);
      const second = all.take([...numbers(n, fresh), ...numbers(n - again, again).reverse()]);
      const { certificate } = await retest(plan, { model, data: first });
      const next = (more = {}) => retest(JSON.parse(JSON.stringify(certificate)), { model, data: second, ...more });
      if (again > 0) {
        await rejects(next(), new RegExp(`^RangeError: Cannot look at these rows: ${again} rows? of ${fresh + again} equal`));
      }
      const [dropped, all3] = [await next({ repeats: "drop" }), await next(kept)];
      deepEqual([dropped.rows, all3.rows], [n + fresh, n + fresh + again]);
      const fewer = second.take(numbers(0, fresh));
      ok(!(await differencesOf(dropped.certificate, first, fewer)).some((one) => /equal rows/.test(one)));
      deepEqual((await differencesOf(all3.certificate, first, second)).filter((one) => /equal rows/.test(one)), []);
    }),
    { numRuns: 40, seed: 1 },
  );
});

test("all rows of a look in another order are that look: they are refused, also where rows are kept, and verify says so", async () => {
  const all = rows(40), first = all.take(numbers(0, 20)), turned = all.take(numbers(0, 20).reverse());
  const { certificate } = await retest(plan, { model, data: first });
  await rejects(
    retest(certificate, { model, data: turned, ...kept }),
    /^RangeError: .*: they are those of look 1; wanted new ones/,
  );
  // The author of a certificate may have made a look of others, and given these.
  const { certificate: later } = await retest(certificate, { model, data: all.take(numbers(20, 20)), ...kept });
  const { certificate: turnedAlone } = await retest(plan, { model, data: turned });
  const looks = [later.looks[0], { ...turnedAlone.looks[0], repeats: "keep" as const }];
  const differences = await differencesOf(await resealed({ ...later, looks }), first, turned);
  ok(differences.includes("look 2 has exactly the rows of an earlier look or test"), `${differences}`);
  const renewed = await retest({ ...plan }, { model, data: rows(2000, 3) });
  await rejects(
    retest(renewed.certificate, { model, data: rows(2000, 3).take(numbers(0, 2000).reverse()), ...kept }),
    /they are those of an earlier test, which are spent/,
  );
});

async function differencesOf(certificate: unknown, ...looks: DataSet[]): Promise<string[]> {
  return (await verifyRetest(certificate, model, looks)).differences;
}

test("verify finds rows of two looks, also where their author says that there are none, and names what was kept", async () => {
  const all = rows(400),
    looks = [all.take(numbers(0, 30)), all],
    { certificate: begun } = await retest(plan, { model, data: looks[0] });
  ok(!begun.found.passed);
  const { certificate } = await retest(begun, { model, data: all, ...kept });
  const verified = await verifyRetest(certificate, model, looks);
  ok(verified.valid && verified.assumed.includes("rows of look 2 that equal earlier ones are others that look alike"));
  const forged = (change: (look: RetestCertificate["looks"][number]) => void) => {
    const copy: RetestCertificate = JSON.parse(JSON.stringify(certificate));
    change(copy.looks[1]);
    return resealed(copy as never);
  };
  const silent = await forged((look) => look.repeats = "refuse");
  deepEqual(await differencesOf(silent, ...looks), [
    "30 rows of look 2 equal rows of earlier looks or tests, and count for nothing",
  ]);
  deepEqual(await differencesOf(await forged((look) => look.keys = ""), ...looks), [
    "whether the keys of look 2 are those of its rows is false, and the certificate says true",
  ]);
  await rejects(
    differencesOf(await forged((look) => look.keys = "none!"), ...looks),
    /^RangeError: Cannot read the certificate: looks\.1\.keys: wanted the keys of rows in base64/,
  );
});

test("a renewal refuses the rows of the test before it, as far as they are known, and says where they are not", async () => {
  const parts = split(linear(400)), result = await train(options({ data: parts, rates: "decided" }));
  ok(result.passed);
  const certificate = JSON.parse(JSON.stringify(await result.certificate())), own = { model: result.model };
  const spent = /^RangeError: Cannot look at these rows again: they are those of an earlier test, which are spent/;
  await rejects(retest(certificate, { ...own, data: parts.safety }), spent);
  await rejects(retest(certificate, { ...own, data: parts.safety, ...kept }), spent);
  // Of the rows of a certificate only a digest of them all is known.
  const unknown = /\n {2}Not known: the rows of the earlier test; that none of them is here is your word, or give them as seen\n/;
  const most = linear(900).take(numbers(400, 300)), first = await retest(certificate, { ...own, data: most });
  match(`${first}`, unknown);
  ok(first.passed);
  const { assumed } = await verifyRetest(first.certificate, result.model, [most]);
  ok(assumed.includes("no row was in an earlier test whose rows are not known here"));
  ok(!unknown.test(`${await retest(certificate, { ...own, data: most, seen: [parts.safety, parts.candidate] })}`));
  // Of a test in sequence every row is.
  await rejects(retest(first.certificate, { ...own, data: most }), spent);
  const reversed = most.take(numbers(1, 299).reverse());
  await rejects(
    retest(first.certificate, { ...own, data: reversed }),
    /^RangeError: Cannot look at these rows: 299 rows of 299 equal/,
  );
  const renewed = await retest(first.certificate, { ...own, data: reversed, ...kept });
  const silent = JSON.parse(JSON.stringify(renewed.certificate));
  silent.looks[0].repeats = "refuse";
  const found = await verifyRetest(await resealed(silent), result.model, [reversed]);
  deepEqual(found.differences, ["299 rows of look 1 equal rows of earlier looks or tests, and count for nothing"]);
});

test("a promise on clusters is not tested in sequence, which would be of rows: from a certificate, a report or a result", async () => {
  const pairs = (n: number) => numbers(0, n).map((i) => i >> 1),
    cure = /^RangeError: Cannot test in sequence what was promised for clusters/;
  const report = await safetyTest({ ...stated, data: rows(100).clustered(pairs(100)) }), data = rows(50, 2);
  await rejects(retest(report, { model, data }), cure);
  await rejects(retest(JSON.parse(JSON.stringify(report)), { model, data }), cure);
  const result = await train(options({ data: linear(400).clustered(pairs(400)), rates: "decided" }));
  ok(result.passed);
  const own = { model: result.model, data: linear(40) };
  await rejects(retest(result, own), cure);
  await rejects(retest(JSON.parse(JSON.stringify(await result.certificate())), own), cure);
});

test("a result is tested again with its own model alone; that a report is of this model is its author's word, and said", async () => {
  const passed = await train(options({ data: split(linear(400)), rates: "decided" }));
  const failed = await train(options({ constraints: [{ text: "ACC >= 0.93", delta }], rates: "decided" }));
  ok(passed.passed && !failed.passed);
  for (const [result, own] of [[passed, passed.model], [failed, failed.failed!.model]] as const) {
    await rejects(
      retest(result, { model, data: linear(40) }),
      /^RangeError: Cannot test this model again: the result is of another one, by its SHA-256/,
    );
    const found = await retest(result, { model: own, data: linear(40) });
    equal(found.certificate.before[0].model, found.certificate.model.sha256);
    ok(!/the model of the earlier test/.test(`${found}`));
  }
  const found = await retest(await safetyTest({ ...stated, data: rows(60) }), { model, data: rows(300, 2) });
  match(`${found}`, /\n {2}Not known: the model of the earlier test; that it was this one is your word\n/);
  const { assumed } = await verifyRetest(found.certificate, model, [rows(300, 2)]);
  ok(assumed.includes("the earlier test was of this model"));
});

test("a ledger finds rows that were tested or trained on, and a look that is refused is taken back", async () => {
  const known = new Set<bigint>(), used: string[] = [];
  const ledger = {
    use({ tested, deltas }: { tested: Uint32Array; deltas: readonly number[] }) {
      const keys = new BigUint64Array(tested.buffer), found = [...keys].filter((key) => known.has(key)).length;
      keys.forEach((key) => known.add(key));
      used.push(`${deltas}`);
      return Promise.resolve({ rows: keys.length, tests: 1, tested: found, trained: 0, spent: 0, deltas, halving: false });
    },
    unused: () => Promise.resolve(void used.push("unused")),
  };
  const earlier = rows(40, 2).take([3, 4]);
  await ledger.use({ tested: await earlier.rowKeys(), deltas: [0.1] });
  const found = await retest(plan, { model, data: rows(40), ledger });
  await rejects(
    retest(found.certificate, { model, data: earlier, ledger }),
    /^RangeError: Cannot look at these rows: by the ledger, 2 rows were tested and 0 were trained on before/,
  );
  // All looks together spend delta once.
  deepEqual(used, ["0.1", "0.05", "0", "unused"]);
  const counted = await retest(found.certificate, { model, data: earlier, ledger, ...kept });
  match(
    `${counted}`,
    /\n {2}Warning: by the ledger, 2 of these rows equal rows that were tested before, and 0 rows that were trained on$/,
  );
});

test("a row of a long look is found, wherever it stood", async () => {
  const long = rows(3000), begun = await planRetest({ ...stated, constraints: [{ text: "ACC >= 0.9", delta }] });
  const { certificate } = await retest(begun, { model, data: long }), fresh = rows(5, 2);
  ok(!certificate.found.passed);
  for (const row of [0, 1022, 1023, 1024, 2047, 2999]) {
    await rejects(retest(certificate, { model, data: long.take([row]) }), /1 row of 1 equal/);
  }
  equal((await retest(certificate, { model, data: fresh })).rows, 3005);
});

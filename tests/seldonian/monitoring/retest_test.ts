import { deepEqual, equal, match, ok, rejects } from "node:assert/strict";
import { test } from "node:test";
import { DataSet, DataStream, nn, safetyTest, split, train, verify } from "../../../mod.ts";
import { planRetest, retest, type RetestCertificate, verifyRetest } from "../../../seldonian/monitoring/mod.ts";
import { linear, options } from "../../helpers/line.ts";
import { model as fixed, uniforms } from "../../helpers/promises.ts";
import { resealed } from "../../helpers/small_run.ts";

const delta = 0.05, text = "ACC >= 0.8", constraints = [{ text, delta }];

/** Rows on which the fixed model decides rightly with probability `right`, n for each seed. */
function rows(n: number, right: number, ...seeds: number[]): DataSet {
  const drawn = seeds.flatMap((seed) => {
    const uniform = uniforms(seed);
    return Array.from(
      { length: n },
      () => ({ x: Math.fround(0.6 + 0.3 * uniform()), M: uniform() < 0.5 ? 1 : 0, y: uniform() < right ? 1 : 0 }),
    );
  });
  return new DataSet({
    features: drawn.map(({ x }) => [x]),
    labels: drawn.map(({ y }) => y),
    columns: { M: drawn.map(({ M }) => M), F: drawn.map(({ M }) => 1 - M) },
    exclusive: [["M", "F"]],
  });
}
const plan = () => planRetest({ model: fixed, constraints, rates: "decided" });
const plain = (certificate: RetestCertificate): RetestCertificate => JSON.parse(JSON.stringify(certificate));

test("a test in sequence goes on until it passes, says about how long, and verify repeats it bit by bit", async () => {
  let found = await retest(await plan(), { model: fixed, data: rows(60, 0.87, 1) });
  const looks = [rows(60, 0.87, 1)], mores: (number | null)[] = [found.more];
  equal(found.passed, false);
  match(
    `${found}`,
    /^Not shown after 60 rows in 1 look: go on, about [\d,]+ more rows, or stop without a verdict\.\n {2}ACC >= 0\.8: not shown yet/,
  );
  while (!found.passed && looks.length < 40) {
    looks.push(rows(60, 0.87, looks.length + 1));
    found = await retest(plain(found.certificate), { model: fixed, data: looks.at(-1)!, seen: looks.slice(0, -1) });
    mores.push(found.more);
  }
  ok(found.passed, `${found}`);
  const total = (60 * looks.length).toLocaleString("en");
  match(
    `${found}`,
    new RegExp(`^Stop: passed after ${total} rows in ${looks.length} looks\\.\\n  ACC >= 0\\.8: kept with confidence 95 %`),
  );
  ok(mores.slice(0, -1).every((more) => more! > 0) && mores.at(-1) === 0, `${mores}`);
  const promise = { constraints, rates: "decided" as const };
  const { valid, differences, assumed } = await verifyRetest(plain(found.certificate), fixed, looks, { promise });
  deepEqual(differences, []);
  ok(valid && assumed.some((one) => one === "the plan stood before the first look"));
  const other = await verifyRetest(found.certificate, fixed, looks, { promise: { constraints: [{ text, delta: 0.01 }] } });
  deepEqual(other.differences, ["ACC >= 0.8 was tested with delta 0.05, and 0.01 is wanted"]);
  deepEqual((await verifyRetest(found.certificate, fixed, looks.toReversed())).valid, false);
  match(
    (await verifyRetest(found.certificate, fixed, looks.slice(1))).differences[0],
    /^the number of looks is \d+, and the certificate says/,
  );
});

test("verify() names what verifies a test in sequence", async () =>
  await rejects(
    verify(await plan(), fixed, rows(9, 0.9, 1)),
    /^RangeError: Cannot read the certificate: it is of a test in sequence; verify it by verifyRetest\(\) of @seldonian\/kit\/monitoring/,
  ));

test("a certificate that was changed is refused, and verify finds figures that a forger sealed again", async () => {
  const data = rows(300, 0.95, 1), { certificate } = await retest(await plan(), { model: fixed, data });
  ok(certificate.found.passed);
  const changed = plain(certificate);
  changed.plan.constraints[0].delta = 0.01;
  await rejects(verifyRetest(changed, fixed, [data]), /^RangeError: Cannot read the certificate: it was changed/);
  const replanned = await resealed(changed as never);
  await rejects(verifyRetest(replanned, fixed, [data]), /^RangeError: Cannot read the certificate: its plan was changed/);
  // deno-lint-ignore no-explicit-any
  const richer = plain(certificate) as any;
  richer.states[0][0][0].evidence.held[3] += 1;
  richer.found.constraints[0].formulas[0].evidence += 1;
  const { valid, differences } = await verifyRetest(await resealed(richer), fixed, [data]);
  equal(valid, false);
  match(differences[0], /^states\.0\.0\.0\.evidence\.held\.3 is [\d.e-]+, and the certificate says /);
  // deno-lint-ignore no-explicit-any
  const wrong = plain(certificate) as any;
  wrong.states = [[[]]];
  wrong.found.passed = false;
  await rejects(
    retest(await resealed(wrong) as never, { model: fixed, data: rows(9, 0.9, 5) }),
    /^RangeError: Cannot go on with these rows/,
  );
});

test("rows that were seen before are refused, dropped, or counted as others; equal looks are refused", async () => {
  const first = rows(50, 0.87, 1), joined = rows(50, 0.87, 1, 2);
  const { certificate } = await retest(await plan(), { model: fixed, data: first });
  await rejects(
    retest(certificate, { model: fixed, data: rows(50, 0.87, 1), repeats: "keep" }),
    /^RangeError: Cannot look at these rows again: they are those of look 1; wanted new ones/,
  );
  await rejects(
    retest(certificate, { model: fixed, data: joined, seen: [first] }),
    /^RangeError: Cannot look at these rows: 50 rows of 100 equal rows that were seen before, the first in row 0; say repeats: "drop"/,
  );
  const dropped = await retest(certificate, { model: fixed, data: joined, seen: [first], repeats: "drop" });
  equal(dropped.rows, 100);
  match(`${dropped}`, /\n {2}Left out: 50 rows that were seen before$/);
  equal((await retest(certificate, { model: fixed, data: joined, seen: [first], repeats: "keep" })).rows, 150);
  await rejects(
    retest(certificate, { model: fixed, data: first.take([1, 2]), seen: [first], repeats: "drop" }),
    /^RangeError: Cannot look at these rows: all of them were seen before/,
  );
});

test("after a failed test only new rows count, its delta is spent, and the words say what all tests are worth", async () => {
  const failed = await safetyTest({ model: fixed, data: rows(60, 0.82, 1), constraints, rates: "decided" });
  equal(failed.passed, false);
  const found = await retest(failed, { model: fixed, data: rows(400, 0.95, 2), delta: 0.025 });
  const { before, plan, looks, spent } = found.certificate;
  equal(spent, found.spent);
  deepEqual(before, [{ kind: "fixed", rows: null, delta: 0.05, passed: false, certificate: null, model: null, looks: [] }]);
  deepEqual([plan.constraints[0].delta, looks.length, found.rows, found.spent], [0.025, 1, 400, 0.05 + 0.025]);
  deepEqual(plan.guesses.ACC, [60, failed.constraints[0].leaves[0].mean]);
  match(
    `${found}`,
    /A further attempt: rows of earlier tests are spent, and count for nothing here\n {2}Before: one test at delta 0\.05, which failed\n/,
  );
  match(`${found}`, /With this one, delta 0\.025, that none of 2 tests errs is sure with 92\.5 %$/);
});

test("a model that passed is renewed on new rows, from a certificate or a sequence, for the world of these", async () => {
  const result = await train(options({ data: split(linear(400)), rates: "decided" }));
  const fresh = (from: number, n: number) => linear(900).take(Array.from({ length: n }, (_, i) => from + i));
  ok(result.passed);
  const certificate = JSON.parse(JSON.stringify(await result.certificate())), model = result.model;
  const first = await retest(certificate, { model, data: fresh(400, 300) });
  deepEqual(first.certificate.before, [{
    ...{ kind: "fixed", rows: 200, delta, passed: true, certificate: certificate.sha256 },
    model: certificate.model.sha256,
    looks: [{ sha256: certificate.data.sha256, keys: null }],
  }]);
  match(`${first}`, /\n {2}Renewal: it promises for the world that these rows are drawn from/);
  ok(first.passed, `${first}`);
  const second = await retest(first.certificate, { model, data: fresh(700, 200) });
  deepEqual(second.certificate.before.at(-1), {
    kind: "sequence",
    rows: 300,
    delta,
    passed: true,
    certificate: first.certificate.sha256,
    model: first.certificate.model.sha256,
    looks: first.certificate.looks.map(({ sha256, keys }) => ({ sha256, keys })),
  });
  equal(second.certificate.before.length, 2);
  ok(Math.abs(second.spent - 0.15) < 1e-12);
});

test("formulas of every form pass when they are kept with something to spare, also from a stream of rows", async () => {
  const more = { model: fixed, rates: "decided" as const };
  for (
    const text of [
      "(PR | [M]) - (PR | [F]) <= 0.2",
      "(ACC | [M]) / (ACC | [F]) >= 0.7",
      "(ACC | [M]) - ACC <= 0.3",
      "(ACC | [M]) * (ACC | [F]) >= 0.4",
      "min(ER, (ER | [M])) <= 0.4",
      "max((ER | [M]), (ER | [F])) <= 0.4",
    ]
  ) {
    const looks = [rows(400, 0.87, 1), rows(400, 0.87, 2)], constraints = [{ text, delta }];
    let { certificate } = await retest(await planRetest({ ...more, constraints }), { model: fixed, data: looks[0] });
    if (!certificate.found.passed) certificate = (await retest(certificate, { model: fixed, data: looks[1] })).certificate;
    ok(certificate.found.passed, text);
    deepEqual((await verifyRetest(certificate, fixed, looks.slice(0, certificate.looks.length))).differences, []);
  }
  const data = rows(300, 0.95, 1),
    stream = await DataStream.open(async function* () {
      yield data.take(Array.from({ length: 200 }, (_, i) => i));
      yield data.take(Array.from({ length: 100 }, (_, i) => 200 + i));
    });
  const [whole, pieces] = [
    await retest(await plan(), { model: fixed, data }),
    await retest(await plan(), { model: fixed, data: stream }),
  ];
  deepEqual(pieces.certificate.states, whole.certificate.states);
  ok(pieces.passed);
});

test("the candidate of a run without a solution is tested further on new rows", async () => {
  const result = await train(options({ constraints: [{ text: "ACC >= 0.93", delta }], rates: "decided" }));
  ok(!result.passed && result.failed !== null);
  const found = await retest(result, { model: result.failed.model, data: linear(120) });
  deepEqual(found.certificate.before, [{
    ...{ kind: "fixed", rows: null, delta, passed: false, certificate: null },
    model: found.certificate.model.sha256,
    looks: [],
  }]);
  match(`${found}`, /\n {2}A further attempt: /);
});

test("a test that cannot be planned, another model, and rows that do not fit are errors with a cure", async () => {
  const data = rows(40, 0.9, 1), other = nn.initialize(new nn.LogisticRegression(1), 3), one = { model: fixed, data };
  await rejects(
    retest(await plan(), { model: other, data }),
    /^RangeError: Cannot test this model again: the certificate is of another one/,
  );
  const planned = (text: string, more = {}) => planRetest({ model: fixed, constraints: [{ text, delta }], ...more });
  await rejects(planned("CVaR_[0.1] <= 4"), /CVaR is no mean, and a test in sequence is one of means/);
  await rejects(
    planned("Mean_Error <= 4"),
    /its values lie in \[-Infinity, Infinity\]; declare a range .* ranges: \{ Mean_Error: \[0, 25\] \}/,
  );
  await rejects(planned("(ACC | other) >= 0.9"), /it is on the data "other", and a test in sequence has one data set/);
  await rejects(
    retest(await plan(), { model: fixed, data: data.clustered(Array.from({ length: 40 }, (_, i) => i >> 1)) }),
    /^TypeError: Cannot test rows in clusters/,
  );
  const { certificate } = await retest(await plan(), one);
  await rejects(
    retest(certificate, { model: fixed, data: rows(9, 0.9, 2), delta: 0.01 }),
    /^RangeError: Cannot go on with delta 0\.01: the plan has 0\.05 for all/,
  );
  await rejects(retest({ passed: false, constraints: [] }, one), /^RangeError: Cannot test again what was not tested/);
  const gap = await retest(await planned("(PR | [M]) - (PR | [F]) <= 0.2"), one);
  const loose = new DataSet({ features: [[0.7], [0.8]], labels: [1, 0], columns: { M: [1, 0], F: [0, 1] } });
  await rejects(
    retest(gap.certificate, { model: fixed, data: loose }),
    /they say something else than earlier ones of which groups exclude each other/,
  );
});

test("a promise for other populations is not tested in sequence, which would be of the data's own", async () => {
  const failed = await safetyTest({ model: fixed, data: rows(60, 0.82, 1), constraints, rates: "decided" });
  const shifted = { ...failed, constraints: failed.constraints.map((one) => ({ ...one, populations: "race is a 0.2, b 0.8" })) };
  await rejects(
    retest(shifted, { model: fixed, data: rows(40, 0.9, 2) }),
    /^RangeError: Cannot test in sequence for other populations than the data's: the promise is for race is a 0\.2, b 0\.8; /,
  );
});

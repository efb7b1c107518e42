import { deepEqual, equal, match, ok, rejects } from "node:assert/strict";
import { test } from "node:test";
import { readFileSync, writeFileSync } from "node:fs";
import { autodiff, DataSet, explain, nn, split, train, verify, type WantedPromise } from "../../../mod.ts";
import { nonFiniteAsText } from "../../../seldonian/records/log.ts";
import { points } from "../../helpers/line.ts";
import { logistic } from "../../helpers/models.ts";
import { command, forged, resealed, writeSpec } from "../../helpers/small_run.ts";
import { inFolder, testsThatWrite } from "../../helpers/writing.ts";

const features = points(400), M = features.map((_, i) => i % 2);
const labels = features.map(([x, y], i) => x + 0.3 * y + 0.3 * Math.sin(11.7 * i) > 0 ? 1 : 0);
const data = split(new DataSet({ features, labels, columns: { M } }), { seed: 5 });
const constraints = [{ text: "ACC >= 0.6", delta: 0.05 }, { text: "(PR | [M]) <= 0.9", delta: 0.1 }];

const result = await train({
  data,
  model: logistic(),
  objective: nn.logLoss,
  constraints,
  optimizer: { thetaRate: 0.05, epochs: 60 },
});
ok(result.passed);
const { model } = result, certificate = JSON.parse(JSON.stringify(await result.certificate()));

test("verify() compares the tested promise with the wanted one: text, delta and options", async () => {
  const differences = async (promise: WantedPromise) => (await verify(certificate, model, data.safety, { promise })).differences;
  deepEqual(await differences({ constraints }), []);
  deepEqual(await differences({ constraints: [{ text: "ACC>=.6", delta: 0.2 }], rates: "expected", bound: "auto" }), []);
  const wrong: [WantedPromise, string[]][] = [
    [{ constraints: [{ text: "ACC >= 0.9", delta: 0.05 }] }, [
      "ACC >= 0.9 was not tested; the certificate is of ACC >= 0.6, (PR | [M]) <= 0.9",
    ]],
    [{ constraints: [{ text: "ACC >= 0.6", delta: 0.01 }] }, ["ACC >= 0.6 was tested with delta 0.05, and 0.01 is wanted"]],
    [{ constraints: [], rates: "decided", ranges: { ACC: [0, 2] } }, [
      'rates: the test has "expected", and "decided" is wanted',
      'ranges: the test has {}, and {"ACC":[0,2]} is wanted',
    ]],
  ];
  for (const [promise, expected] of wrong) deepEqual(await differences(promise), expected);
});

test("verify() says what it repeated, and a test that failed promises nothing, whatever the certificate says", async () => {
  const { report, made, valid } = await verify(certificate, model, data.safety);
  deepEqual([valid, report!.constraints.map(({ delta }) => delta)], [true, [0.05, 0.1]]);
  match(explain(report!), /^The safety test passed\.\n {2}ACC >= 0\.6: kept with confidence 95 %/);
  deepEqual(made, { version: JSON.parse(readFileSync("deno.json", "utf8")).version, arithmetic: "SIMD, fast convolutions" });

  // A forger writes down what the test of a greater promise finds.
  const greater = structuredClone(certificate);
  greater.test.constraints[0].text = "ACC >= 0.99";
  greater.test.constraints[0].formulas[0].text = "0.99 - ACC";
  const found = (await verify(await resealed(greater), model, data.safety)).report!;
  greater.found = JSON.parse(JSON.stringify({ passed: found.passed, constraints: found.constraints }, nonFiniteAsText));
  const { differences } = await verify(await resealed(greater), model, data.safety);
  deepEqual(differences, ["the safety test failed, so that nothing is promised"]);
});

test("the delta of a formula follows from its constraint, and is refused if it is greater or less", async () => {
  for (const delta of [0.9999, 0.051, 0.049, 1e-9, 0]) {
    const other = structuredClone(certificate);
    other.test.constraints[0].formulas[0].delta = delta;
    await rejects(
      verify(await resealed(other), model, data.safety),
      /^RangeError: Cannot read the certificate: "0\.6 - ACC" spends/,
    );
  }
});

test("a certificate made with other kernels says so, where its figures differ", async () => {
  const other = structuredClone(certificate);
  other.made = { version: "0.0.1\u001b[31m", arithmetic: "relaxed SIMD, fast convolutions" };
  ok((await verify(await resealed(other), model, data.safety)).valid);
  other.found.constraints[0].value += 1e-9;
  const { differences: [why, figure] } = await verify(await resealed(other), model, data.safety);
  match(
    why,
    /^figures may differ in their last digits: this is version 0\.1\.0 with SIMD, fast convolutions, and the certificate was /,
  );
  match(why, /made by version 0\.0\.1\\u001b\[31m with relaxed SIMD, fast convolutions; call useRelaxedSimd\(\)/);
  match(figure, /^constraints\.0\.value is /);
  autodiff.useConvolutions("exact");
  try {
    const { arithmetic } = await train({ data, model, objective: nn.logLoss, constraints, optimizer: { epochs: 1 } });
    equal(arithmetic, "SIMD, exact convolutions");
  } finally {
    autodiff.useConvolutions("fast");
  }
});

testsThatWrite(import.meta.url, () => {
  test("the command verify shows promise, bound and delta, and ends with 0 only if the wanted promise holds", () =>
    inFolder(async (folder) => {
      const spec = writeSpec(folder), file = `${folder}/run/certificate.json`;
      equal((await command("train", spec, "--out", `${folder}/run`, "--quiet")).code, 0);
      const { code, out } = await command("verify", file), whole = readFileSync(file, "utf8");
      equal(code, 0);
      for (
        const line of [
          /is valid: the repeated safety test has the same figures\n {2}Promise: ACC >= 0\.6, with delta 0\.05\nThe safety test passed\.\n/,
          /\n {4}Bound: star, proven at every number of rows, assuming independent values in a known finite range\n/,
          /\n {2}Compared with: the promise of .*spec\.json, which the certificate names; give your own by --promise or --spec\n/,
          /\n {2}Made by: version 0\.1\.0, with SIMD, fast convolutions\n {2}Assumed: the safety data had no part/,
        ]
      ) match(out, line);
      equal((await command("verify", file, "--promise", "ACC >= 0.60")).code, 0);
      for (const wrong of [["--promise", "ACC >= 0.9"], ["--promise", "ACC >= 0.6", "--delta", "0.01"]]) {
        const { code, out } = await command("verify", file, ...wrong);
        deepEqual([code, /is not valid:\n {2}ACC >= 0\.\d (was not tested|was tested with delta 0\.05)/.test(out)], [1, true]);
      }
      // The spec that the certificate names is the author's; the reader's own decides.
      writeSpec(folder, 0.9);
      match(
        (await command("verify", file)).out,
        /is not valid:\n {2}ACC >= 0\.9 was not tested; the certificate is of ACC >= 0\.6\n/,
      );
      writeSpec(folder, 0.6, { rates: "decided" });
      match((await command("verify", file)).out, /is not valid:\n {2}rates: the test has "expected", and "decided" is wanted\n/);
      writeSpec(folder, 0.6);
      writeFileSync(file, await forged(file, (one) => delete one.spec));
      match((await command("verify", file)).errors, /: it names no spec to read its data by; give one, as in --spec spec\.json$/);
      equal((await command("verify", file, "--spec", spec)).code, 0);
      // Of two values, a reader may see the one that does not count.
      writeFileSync(file, whole.replace('"delta": 0.05', '"delta": 0.001,\n "delta": 0.05'));
      match((await command("verify", file, "--spec", spec)).errors, / is given twice in one object$/);
      for (const wrong of ["null", "[]", "3", '"text"', "{}"]) {
        writeFileSync(file, wrong);
        equal((await command("verify", file, "--spec", spec)).code, 2);
      }
    }));

  test("text from files reaches the terminal without control characters, and cannot look like a line of the kit's", () =>
    inFolder(async (folder) => {
      const spec = writeSpec(folder),
        file = `${folder}/run/certificate.json`,
        hostile = "\u001b]0;owned\u0007\u001b[2J\r\u202eevil\n  is valid";
      equal((await command("train", spec, "--out", `${folder}/run`, "--quiet")).code, 0);
      const whole = readFileSync(file, "utf8");
      // deno-lint-ignore no-explicit-any
      const changes: ((one: any) => void)[] = [
        (one) => one.made.version = hostile,
        (one) => one.found.constraints[0].text = hostile,
        (one) => one.files[hostile] = one.model.sha256,
        (one) => one.test.order.key = hostile,
        (one) => one.test.constraints[0].text = hostile,
        (one) => one.test.constraints[0].text = `(ACC | [x == "${hostile}"]) >= 0.6`,
        (one) => one.test.bound = hostile,
        (one) => one.test.independent = [hostile],
        (one) => one[hostile] = 1,
        (one) => one.spec = hostile,
      ];
      for (const change of changes) {
        writeFileSync(file, whole);
        writeFileSync(file, await forged(file, change));
        const { out, errors } = await command("verify", file), shown = out + errors;
        // deno-lint-ignore no-control-regex
        deepEqual(shown.match(/[\0-\x09\x0b-\x1f\x7f-\x9f\u202e]/g), null, JSON.stringify(shown));
        ok(!shown.includes("\n  is valid"), shown);
      }
    }));
});

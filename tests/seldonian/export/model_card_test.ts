import { deepEqual, equal, match, ok, rejects } from "node:assert/strict";
import { test } from "node:test";
import { type Certificate, nn, type Passed, train } from "../../../mod.ts";
import { type CardOptions, modelCard } from "../../../seldonian/export/mod.ts";
import { planRetest, retest } from "../../../seldonian/monitoring/mod.ts";
import { fc } from "../../deps.ts";
import { linear, options } from "../../helpers/line.ts";
import { resealed } from "../../helpers/small_run.ts";

const constraints = [
  { text: "abs((PR | [M]) - (PR | [F])) <= 0.5", delta: 0.05 },
  { text: "ACC >= 0.6", delta: 0.1 },
];
const passed = async (more: Parameters<typeof options>[0]) => {
  const result = await train(options(more));
  ok(result.passed, `${result}`);
  return result as Passed<nn.Module>;
};
const result = await passed({ constraints }), certificate = await result.certificate();
// deno-lint-ignore no-explicit-any
const plain = (): any => JSON.parse(JSON.stringify(certificate));

test("a card has the figures of the certificate: verdicts, bounds by group, data and digests", async () => {
  const { json, html } = await modelCard(result, { name: "A line", decides: "on which side a point is" });
  const { found, data, model, sha256 } = plain();
  deepEqual(json.evaluationData.rows, data.rows);
  deepEqual([json.evaluationData.sha256, json.modelDetails.sha256, json.certificate.sha256], [data.sha256, model.sha256, sha256]);
  deepEqual(json.factors.tested, ["M", "F"]);
  equal(json.trainingData.steps, result.log.length);
  json.quantitativeAnalyses.forEach((promise, i) => {
    const { text, delta, verdict, conjuncts, leaves } = found.constraints[i];
    deepEqual([promise.text, promise.delta, promise.verdict], [text, delta, verdict]);
    // deno-lint-ignore no-explicit-any
    deepEqual(promise.formulas.map(({ atMost }) => atMost), conjuncts.map(({ upper }: any) => upper));
    // deno-lint-ignore no-explicit-any
    deepEqual(promise.measures.map(({ rows, estimate }) => [rows, estimate]), leaves.map(({ n, mean }: any) => [n, mean]));
    ok(html.includes(text.replaceAll(">", "&gt;").replaceAll("<", "&lt;")), text);
  });
  deepEqual(json.quantitativeAnalyses[1].measures[0].atLeast, {
    bound: found.constraints[1].leaves[0].lower,
    delta: 0.1,
  });
  equal(
    json.quantitativeAnalyses[0].words,
    "the difference between how often class 1 is decided among rows with M and how often class 1 is decided among rows with F " +
      "is at most 0.5",
  );
  match(html, /^<!doctype html>\n<html lang="en">[^]*<h1>A line<\/h1>\n<p>It decides on which side a point is\.<\/p>/);
});

test("a certificate and the result that it is of make the same card as the result, and survive JSON", async () => {
  const one = await modelCard(result), other = await modelCard(plain(), { result: result.toJSON(), type: "Sequential" });
  deepEqual(JSON.parse(JSON.stringify(other)), JSON.parse(JSON.stringify(one)));
  const { json } = await modelCard(plain());
  equal(json.trainingData.steps, undefined);
  match(json.evaluationData.usedBefore, /^not known: no ledger/);
});

test("text of anybody adds no sign of HTML to a page, and turns no direction of writing", async () => {
  const word = fc.string({ unit: "grapheme", maxLength: 30 }).map((text) => `${text}<script>"'&\u202e\u0000</p>`);
  const about = (text: string): CardOptions => {
    const one = [text];
    return {
      ...{ name: text, decides: text, developers: text, date: text, version: text, type: text, license: text, citation: text },
      ...{ contact: text, evaluationData: text, trainingData: text, uses: one, users: one, outOfScope: one, factors: one },
      ...{ ethics: one, recommendations: one, classes: [text, text], settings: { [text]: { [text]: text } } },
    };
  };
  const plainPage = (await modelCard(certificate, about("a"))).html, signs = (html: string) => html.match(/[<>]/g)!.join("");
  await fc.assert(
    fc.asyncProperty(word, async (text) => {
      const { html } = await modelCard(certificate, about(text));
      equal(signs(html), signs(plainPage));
      ok(!/[\0\u202e]/.test(html));
    }),
    { numRuns: 20, seed: 1 },
  );
  ok(!/<script|\son\w+=|https?:(?!\/\/www\.w3\.org\/)/i.test(plainPage), "nothing runs, and nothing is loaded");
});

test("a card says what is approximate, assumed, in no group, and used before", async () => {
  const student = await modelCard(await passed({ bound: "student", rates: "decided", seed: 4 }));
  match(student.json.caveats.approximate[0], /^the bound student, which assumes that the mean of so many values/);
  equal(student.json.quantitativeAnalyses[0].guarantee, "approximate");
  match(student.html, /The safety test passed, approximately\./);
  match(student.json.metrics.judged, /^decisions/);
  const uses = { rows: 200, tests: 2, tested: 7, trained: 1, spent: 0.1, deltas: [0.05], halving: false };
  const { json } = await modelCard(plain(), { result: { ...result.toJSON(), uses } });
  equal(
    json.evaluationData.usedBefore,
    "7 of the 200 rows were tested before, in 2 tests that spent a delta of 0.1; 1 equal rows that a model was trained on",
  );
  const changed = plain();
  changed.found.constraints[0].outside = [{ rows: 3, of: 200, unknown: 1, values: [["M is missing", 3]] }];
  changed.found.constraints[0].clustered = true;
  const { caveats } = (await modelCard(await resealed(changed) as unknown as Certificate)).json;
  match(caveats.notPromised.at(-2)!, /3 of 200 rows of safety data are in none of its groups: M is missing \(3\)/);
  ok(caveats.assumed.includes("rows that share an id are one observation; others are independent of them"));
});

test("a card tells of a test in sequence on newer rows, which must be of the same model", async () => {
  const again = await retest(plain(), { model: result.model, data: linear(90) });
  const { json, html } = await modelCard(plain(), { retest: again.certificate });
  const { sha256, found: { passed } } = again.certificate;
  deepEqual(json.testedAgain, {
    ...{ certificate: sha256, passed, rows: 90, looks: 1 },
    promises: constraints.map(({ text, delta }) => ({ text, delta })),
  });
  match(html, /A test in sequence on newer rows <strong>(passed|has not passed yet)<\/strong>: 90 rows in 1 look\./);
  const other = await planRetest({ model: nn.initialize(new nn.LogisticRegression(2), 5), constraints });
  await rejects(
    modelCard(plain(), { retest: other }),
    /^RangeError: Cannot make a model card with a test in sequence of another model/,
  );
});

test("a card is refused for a changed certificate, another test's result, and a run without a solution", async () => {
  const changed = plain();
  changed.found.constraints[1].leaves[0].mean = 0.99;
  await rejects(modelCard(changed), /^RangeError: Cannot read the certificate: it was changed: its SHA-256 is another one/);
  const other = await passed({ seed: 9 });
  await rejects(
    modelCard(plain(), { result: other }),
    /^RangeError: Cannot make a model card of a result and the certificate of/,
  );
  const none = await train(options({ constraints: [{ text: "ACC >= 0.999", delta: 0.05 }] }));
  equal(none.passed, false);
  await rejects(modelCard(none as never), /^TypeError: Cannot make a model card of a result without a solution/);
  await rejects(modelCard(null as never), /^TypeError: Cannot make a model card: it is null; wanted a certificate, or a result/);
  await rejects(modelCard({} as never), /^RangeError: Cannot read the certificate: format: /);
});

test("a sealed certificate whose reports are of other promises than it tests is refused, with the place", async () => {
  // deno-lint-ignore no-explicit-any
  const card = async (change: (certificate: any) => void) => {
    const changed = plain();
    change(changed);
    return await modelCard(await resealed(changed) as unknown as Certificate);
  };
  ok((await card(() => {})).html.length > 0);
  // deno-lint-ignore no-explicit-any
  const cases: [change: (certificate: any) => void, place: RegExp][] = [
    [
      ({ test }) => test.constraints[1].text = "ACC >= 0.99",
      /constraints\.1: it is of ACC >= 0\.6 with delta 0\.1, and test\.con/,
    ],
    [
      ({ test }) => test.constraints[1].delta = 0.001,
      /constraints\.1: .* and test\.constraints of ACC >= 0\.6 with delta 0\.001$/,
    ],
    [({ found }) => found.constraints[0].text = "PR <= 0.5", /constraints\.0: it is of PR <= 0\.5 with delta 0\.05, and/],
    [({ found }) => found.constraints[0].delta = 0.01, /constraints\.0: .* with delta 0\.01, and .* with delta 0\.05$/],
    [({ found }) => found.constraints.reverse(), /constraints\.0: it is of ACC/],
    [
      ({ found }) => found.constraints.push(found.constraints[0]),
      /constraints: there are 3 reports, and test\.constraints has 2$/,
    ],
    [({ found }) => found.constraints.pop(), /constraints: there are 1 reports, and test\.constraints has 2$/],
    [
      // A seal is of properties in the order of the format.
      (one) => {
        const { constraints, ...test } = one.test;
        one.test = { ...test, shift: { M: 0.3 }, constraints };
      },
      /constraints\.0\.populations: it is undefined, and test\.shift says M/,
    ],
    [
      ({ found }) => found.constraints[0].upper = 0.1,
      /constraints\.0\.passed: it is true, of the verdict "kept", the value -0\.\d+ and the upper bou/,
    ],
    [({ found }) => found.constraints[0].verdict = "violated", /constraints\.0\.passed: it is true, of the verdict "violated"/],
    [({ found }) => found.passed = false, /passed: it is false, and its constraints say otherwise$/],
  ];
  for (const [change, place] of cases) {
    await rejects(card(change), ({ name, message }: Error) => {
      match(`${name}: ${message}`, /^RangeError: Cannot read the certificate: found\./);
      match(message, place);
      return true;
    });
  }
});

test("whatever a sealed certificate claims to have found, it is a card or an error with the place", async () => {
  const junk = fc.constantFrom<unknown>(null, -1, "NaN", "x", [], {}, true, [[1]]), depth = fc.array(fc.nat(9), { maxLength: 6 });
  await fc.assert(
    fc.asyncProperty(junk, depth, async (value, path) => {
      const changed = plain();
      let parent = changed, key = "found";
      for (const step of path) {
        const inner = parent[key], keys = typeof inner === "object" && inner !== null ? Object.keys(inner) : [];
        if (keys.length === 0) break;
        [parent, key] = [inner, keys[step % keys.length]];
      }
      parent[key] = value;
      try {
        ok((await modelCard(await resealed(changed) as unknown as Certificate)).html.length > 0);
      } catch (error) {
        match(`${error}`, /^RangeError: Cannot read the certificate: found/);
      }
    }),
    { numRuns: 200, seed: 1 },
  );
});

/** What a person sees who prints a thing, in any runtime: words and tables, not internals. */
import { deepEqual, equal, match, ok } from "node:assert/strict";
import { test } from "node:test";
import { inspect } from "node:util";
import { abs, csv, describe, Encoder, explain, measures, nn, safetyTest, selectCandidate, train, tune } from "../../../mod.ts";
import { Results } from "../../../seldonian/experiments/mod.ts";
import { certificate, data, passed, problem, question, searched, selection } from "../../helpers/small_question.ts";

const failed = await train({ ...problem, constraints: [{ text: "ACC >= 0.99", delta: 0.05 }] });

test("a result is printed as its verdict", () => {
  for (const result of [passed, failed]) equal(inspect(result), `${result}`);
  ok(inspect(passed).split("\n").length < 10);
});

test("a safety report is printed as its verdict, and stays plain data", async () => {
  const report = await safetyTest(question);
  equal(inspect(report), explain(report));
  deepEqual(Object.keys(report), ["passed", "constraints", "objective", "uses"]);
  deepEqual(structuredClone(report), report);
});

test("a long log is printed as a table of its first and last steps, and is a list all the same", async () => {
  const { log } = passed, [head, ...lines] = inspect(log).split("\n");
  equal(head, "30 steps");
  equal(lines.length, 8);
  match(lines[0], /^step +f +g +lambda +lagrangian$/);
  deepEqual(lines.map((line) => line.trim().split(/\s+/)[0]), ["step", "1", "2", "3", "…", "28", "29", "30"]);
  ok(Array.isArray(log) && JSON.parse(JSON.stringify(log)).length === 30);
  const { log: short } = await selectCandidate({ ...selection, optimizer: { epochs: 2 } });
  deepEqual(inspect(short).split("\n").length, 4);
});

test("trials are printed as a table, the best first", async () => {
  const trials = await tune(searched), [head, first] = inspect(trials).split("\n");
  match(head, /^settings +passing +objective$/);
  ok(first.startsWith(`epochs ${trials[0].settings.epochs} `), first);
});

test("a certificate, a description and an encoder say what they are in a few lines", () => {
  match(
    inspect(certificate),
    /^Certificate of a safety test that passed\n {2}ACC >= 0\.01, delta 0\.05, of outputs\n {2}on 20 rows, of the model with SHA-256 [0-9a-f]{64}, by version/,
  );
  const table = csv("x,sex,y\n1,a,0\n2,b,1\n3,a,1\n4,b,0\n"), description = describe(table, { label: "y" });
  equal(inspect(description), `${description}`);
  equal(inspect(new Encoder(table, { label: "y" })), "Encoder of 2 columns as 3 features: x, sex=a, sex=b");
});

test("formulas, constraints and results of experiments are printed as their texts", () => {
  const { ACC, PR } = measures, gap = abs(PR.given("M").minus(PR.given("F")));
  for (const one of [ACC, gap, gap.atMost(0.1)]) equal(inspect(one), `${one}`);
  equal(inspect({ promise: ACC.atLeast(0.9) }), "{ promise: ACC >= 0.9 }");
  const results = new Results([], [{ text: "ACC >= 0.9", delta: 0.05 }], "ER");
  equal(inspect(results), `${results}`);
});

test("summary() is a table with a row for each constraint, formula and measure", async () => {
  const lines = (await trained("ACC >= 0.6")).summary().split("\n");
  equal(lines[0].trim(), "The safety test passed.");
  match(lines[2], /^Objective, candidate data: +0\.\d+ {4}Steps: +100$/);
  match(lines[3], /^Objective, safety data: +0\.\d+ {4}Candidates tested: +1 of 1$/);
  match(lines[4], /^Judged: +decisions$/);
  deepEqual(lines.slice(6, -1), [
    "            rows  estimate  at least  at most  delta          verdict",
    "-".repeat(72),
    "ACC >= 0.6            -0.4            -0.2609   0.05             kept",
    "  ACC         20         1    0.8609            0.05  clopper-pearson",
  ]);
  match(failed.summary(), /^ *No solution found: the candidate failed the safety test\.\n=+\n/);
  match(
    (await trained("abs((PR | [M]) - (PR | [!M])) <= 0.9")).summary(),
    /\n {2}\(PR \| \[M\]\) - \(PR \| \[!M\]\) - 0\.9 +20 .*0\.05 +buehler\n/,
  );
});

function trained(text: string) {
  const optimizer = { epochs: 100, thetaRate: 0.1, name: "adam" as const }, constraints = [{ text, delta: 0.05 }];
  return train({ data, model: new nn.LogisticRegression(2), objective: nn.logLoss, constraints, optimizer, rates: "decided" });
}

import { equal, match } from "node:assert/strict";
import { test } from "node:test";
import { fed, run, skip } from "../helpers/child.ts";

test("examples/fair_loans.ts finds a loan policy for each definition of fairness, without permissions", { skip }, async () => {
  const { code, out, errors } = await run("examples/fair_loans.ts", "--epochs", "400");
  equal(code, 0, errors);
  equal(out.match(/: kept with confidence 95 %/g)?.length, 5, out);
});

test("examples/mortgages.ts tunes and tests a model, without permissions", { skip }, async () => {
  const { code, out, errors } = await run("examples/mortgages.ts", "--epochs", "100");
  equal(code, 0, errors);
  match(out, /Tuned: inflation [124], predicted to pass with probability /);
  match(out, /TP \/ \(TP \+ FP\) >= 0\.85: /);
});

test("examples/shift.ts keeps a promise for applicants that are to come, without permissions", { skip }, async () => {
  const { code, out, errors } = await run("examples/shift.ts", "--epochs", "100");
  equal(code, 0, errors);
  match(out, /^Today's applicants\nThe safety test passed\.\n/);
  match(out, /Theirs after the campaign\nThe safety test passed\.\n/);
  match(out, /\n {4}For populations where women 0\.33 to 0\.6, men 0\.4 to 0\.67\n/);
});

test("examples/trees.ts trains a forest's leaves, without permissions", { skip }, async () => {
  const { code, out, errors } = await run("examples/trees.ts", "--trees", "8", "--epochs", "200");
  equal(code, 0, errors);
  match(out, /^The safety test passed\./);
  match(out, /8 trees with \d+ leaves/);
});

test("examples/from_toolkit.ts writes a program that runs, and reports wrong arguments", { skip }, async () => {
  const files = ["tests/fixtures/toolkit.csv", "tests/fixtures/toolkit.json"];
  const { code, out, errors } = await run(
    "--allow-read",
    "examples/from_toolkit.ts",
    ...files,
    "abs((PR | [M]) - (PR | [F])) <= 0.4",
    "0.05",
  );
  equal(code, 0, errors);
  const program = await fed(out, "--allow-read", "-");
  match(program.out, /^The safety test passed\.\n {2}abs\(\(PR \| \[M\]\)/, program.errors);
  const wrong: [string[], RegExp][] = [
    [[], /usage: from_toolkit\.ts data\.csv metadata\.json/],
    [[...files, "(PR | [X]) <= 0.4", "0.05"], /"X" is not a sensitive column of the metadata/],
    [[...files, "(PR | [M]) <= 0.4", "5"], /Cannot use the delta 5 of/],
    [[files[1], files[1], "(PR | [M]) <= 0.4", "0.05"], /Cannot read line 1: it has 1 field, and there are 5 columns/],
  ];
  for (const [args, message] of wrong) match((await run("--allow-read", "examples/from_toolkit.ts", ...args)).errors, message);
});

import { equal, match } from "node:assert/strict";
import { test } from "node:test";
import { fed, run, skip } from "../helpers/child.ts";

test("examples/penguins.ts leaves out birds without a sex and reports it, without permissions", { skip }, async () => {
  const { code, out, errors } = await run("examples/penguins.ts");
  equal(code, 0, errors);
  match(out, /^penguins\.csv: 344 rows, 8 columns\n/);
  match(out, /11 rows of 344 left out/);
  match(out, /\nThe safety test passed\.\n/);
  equal(out.match(/ACC \| \[species == "\w+"\] is 0\.\d+ on \d+ rows of safety data/g)?.length, 3, out);
});

test("examples/export.ts writes a file that the certificate names", { skip }, async () => {
  const { code, out, errors } = await run("examples/export.ts", "--epochs", "60", "--rows", "0");
  equal(code, 0, errors);
  match(out, /\nA file of \d+ bytes with the inputs species, bill_length_mm, bill_depth_mm, flipper_length_mm, body_mass_g\n/);
  match(out, /digest: "\w{64}",\n {2}made: \{ .*\},\n {2}rows: 0,/);
});

test("examples/adult.ts reads UCI's unchanged file and reports the rate of women, without permissions", { skip }, async () => {
  const { code, out, errors } = await run("examples/adult.ts", "--epochs", "4");
  equal(code, 0, errors);
  match(out, /^adult\.csv\.gz: 32,561 rows, 15 columns\n {2}income {10}label {4}text /);
  match(out, /16,281 rows to train on, 16,280 rows to test/);
  match(out, /PR \| \[women\] is .* on 5,343 rows of safety data/);
});

test("examples/compas.ts reads a file with two columns of the same name", { skip }, async () => {
  const features = ["age", "sex", "priors_count", "juv_fel_count", "juv_misd_count", "juv_other_count", "c_charge_degree"];
  const names = [...features, "race", "decile_score", "decile_score", "two_year_recid"], rows = [names.join(",")];
  for (let i = 0; i < 600; i++) {
    const again = i % 5 < 2 ? 1 : 0, race = ["African-American", "Caucasian", "Hispanic"][i % 3];
    rows.push(
      [20 + i % 7, i % 2 ? "Male" : "Female", 4 * again + i % 3, 0, 0, i % 4, "FM"[i % 2], race, i % 10, i % 10, again].join(),
    );
  }
  // Deno opens standard input as a file only with all permissions.
  const { code, out, errors } = await fed(rows.join("\r\n"), "--allow-all", "examples/compas.ts", "/dev/stdin");
  equal(code, 0, errors);
  match(out, /^\/dev\/stdin: 600 rows, 10 columns\n/);
  match(out, /"decile_score" comes twice with the same values, and kept once/);
  match(out, /FPR \| \[black\] is .* on \d+ rows of safety data/);
  match((await run("--allow-read", "examples/compas.ts", "nowhere.csv")).errors, /nowhere\.csv/);
});

test("the command line trains from the specs of the examples", { skip }, async () => {
  const specs: Record<string, RegExp> = {
    penguins: /\n {4}ACC \| \[species == "Gentoo"\] is 0\.9359 on 78 rows of safety data/,
    german_credit: /\n {2}abs\(\(PR \| \["Personal\.Female\.NotSingle"\]\)/,
  };
  for (const [name, found] of Object.entries(specs)) {
    const { code, out, errors } = await run("--allow-read", "cli.ts", "train", `examples/spec/${name}.json`, "--quiet");
    equal(code, 0, errors);
    match(out, /^The safety test passed\.\n/);
    match(out, found);
  }
  const adult = await run("--allow-read", "cli.ts", "describe", "examples/spec/adult.json");
  match(adult.out, /\n {2}16,281 rows to train on, 16,280 rows to test\n/);
  const { code, errors } = await run("--allow-read", "cli.ts", "train", "examples/spec/compas.json", "--quiet");
  equal(code, 2);
  match(errors, /^Cannot read .*compas-scores-two-years\.csv: there is no such file/);
});

test("examples/earnings.ts passes its safety test, without permissions", { skip }, async () => {
  const { code, out, errors } = await run("examples/earnings.ts");
  equal(code, 0, errors);
  match(out, /^cps_earnings\.csv\.gz: 61,395 rows, 5 columns\n.*\n {2}gender {5}feature, group /);
  match(out, /\nThe safety test passed\./);
  match(out, /Mean_Error \| \[education < 12 && age >= 25\] is /);
});

test(
  "examples/custom_measures.ts passes its safety test and reports a measure of pairs, without permissions",
  { skip },
  async () => {
    const { code, out, errors } = await run("examples/custom_measures.ts", "--epochs", "15");
    equal(code, 0, errors);
    match(out, /^The safety test passed\./);
    match(out, /MED_MF is .* on 13,\d{3} rows/);
  },
);

test("examples/categories.ts passes its safety test with embeddings of categories, without permissions", { skip }, async () => {
  const { code, out, errors } = await run("examples/categories.ts", "--epochs", "4");
  equal(code, 0, errors);
  match(out, /^The safety test passed\./);
});

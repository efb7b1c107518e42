import { equal, match, ok, throws } from "node:assert/strict";
import { test } from "node:test";
import { readIdx } from "../mod.ts";

/** Runs an example with no permission and standard input closed. */
function run(...args: string[]): Promise<{ code: number; out: string; errors: string }> {
  return fed(undefined, ...args);
}

/** The same with a text as standard input. */
async function fed(input: string | undefined, ...args: string[]): Promise<{ code: number; out: string; errors: string }> {
  const child = new Deno.Command(Deno.execPath(), {
    args: ["run", "--no-check", "--no-prompt", ...args],
    stdin: input === undefined ? "null" : "piped",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  if (input !== undefined) await new Blob([input]).stream().pipeTo(child.stdin);
  const { code, stdout, stderr } = await child.output(), text = new TextDecoder();
  return { code, out: text.decode(stdout).trim(), errors: text.decode(stderr) };
}

const skip = !("Deno" in globalThis) && "examples are run by Deno";

test("examples/mnist.ts runs on few steps without permission, and the same seed gives the same bits", { skip }, async () => {
  const few = ["examples/mnist.ts", "--rows", "1500", "--epochs", "1", "--json"];
  const [first, second, other] = [await run(...few), await run(...few), await run(...few, "--seed", "1")];
  const alone = await run(...few, "--threads", "1");
  equal(first.code, 0, first.errors);
  match(first.out, /^No solution found: the candidate failed the safety test\.\n {2}ACC >= 0\.95: violated \(0\.\d+ too much\)/);
  match(first.out, /not saved; to save them, run with --allow-write=mnist\.jsonl,mnist\.svg,mnist\.safetensors/);
  match(first.errors, /step 5 of 5: epoch 1\/1/);
  const result = ({ out }: { out: string }) => JSON.parse(out.split("\n").at(-1)!);
  const { passed, steps, device, threads, upper, objective } = result(first);
  ok(passed === false && steps === 5 && device === "cpu" && threads >= 1 && upper > 0 && objective > 0);
  equal(result(second).upper, upper);
  equal(result(second).objective, objective);
  equal(result(alone).objective, objective);
  ok(result(other).objective !== objective);
});

test("examples/mnist.ts says what its flags may be", { skip }, async () => {
  const { code, errors } = await run("examples/mnist.ts", "--device", "abacus");
  ok(code !== 0);
  match(errors, /Cannot train: device is "abacus"; wanted "cpu", "gpu" or "auto"/);
});

test("examples/penguins.ts leaves out birds without a sex, and says so, without permission", { skip }, async () => {
  const { code, out, errors } = await run("examples/penguins.ts");
  equal(code, 0, errors);
  match(out, /^penguins\.csv: 344 rows, 8 columns\n/);
  match(out, /11 rows of 344 left out/);
  match(out, /\nThe safety test passed\.\n/);
  equal(out.match(/ACC \| \[species == "\w+"\] is 0\.\d+ on \d+ rows of safety data/g)?.length, 3, out);
});

test("examples/adult.ts reads UCI's file as it stands, and decides for women and men, without permission", { skip }, async () => {
  const { code, out, errors } = await run("examples/adult.ts", "--epochs", "4");
  equal(code, 0, errors);
  match(out, /^adult\.csv\.gz: 32,561 rows, 15 columns\n {2}income {10}label {4}text /);
  match(out, /16,281 rows to train on, 16,280 rows to test/);
  match(out, /PR \| \[women\] is .* on 5,343 rows of safety data/);
});

test("examples/compas.ts reads a file in which two columns have one name", { skip }, async () => {
  const features = ["age", "sex", "priors_count", "juv_fel_count", "juv_misd_count", "juv_other_count", "c_charge_degree"];
  const names = [...features, "race", "decile_score", "decile_score", "two_year_recid"], rows = [names.join(",")];
  for (let i = 0; i < 600; i++) {
    const again = i % 5 < 2 ? 1 : 0, race = ["African-American", "Caucasian", "Hispanic"][i % 3];
    rows.push(
      [20 + i % 7, i % 2 ? "Male" : "Female", 4 * again + i % 3, 0, 0, i % 4, "FM"[i % 2], race, i % 10, i % 10, again].join(),
    );
  }
  // Deno lends standard input as a file only to those who may do anything.
  const { code, out, errors } = await fed(rows.join("\r\n"), "--allow-all", "examples/compas.ts", "/dev/stdin");
  equal(code, 0, errors);
  match(out, /^\/dev\/stdin: 600 rows, 10 columns\n/);
  match(out, /"decile_score" is there twice with the same values, and kept once/);
  match(out, /FPR \| \[black\] is .* on \d+ rows of safety data/);
  match((await run("--allow-read", "examples/compas.ts", "nowhere.csv")).errors, /nowhere\.csv/);
});

test("specs beside the examples say the same to the command line", { skip }, async () => {
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

test("examples/fair_loans.ts finds a loan policy for each definition of fairness, without permission", { skip }, async () => {
  const { code, out, errors } = await run("examples/fair_loans.ts", "--epochs", "400");
  equal(code, 0, errors);
  equal(out.match(/: kept with confidence 95 %/g)?.length, 5, out);
});

test("examples/mortgages.ts tunes, promises and decides, without permission", { skip }, async () => {
  const { code, out, errors } = await run("examples/mortgages.ts", "--epochs", "100");
  equal(code, 0, errors);
  match(out, /Tuned: inflation [124], predicted to pass with probability /);
  match(out, /TP \/ \(TP \+ FP\) >= 0\.85: /);
});

test("examples/earnings.ts predicts without favour, without permission", { skip }, async () => {
  const { code, out, errors } = await run("examples/earnings.ts");
  equal(code, 0, errors);
  match(out, /^cps_earnings\.csv\.gz: 61,395 rows, 5 columns\n.*\n {2}gender {5}feature, group /);
  match(out, /\nThe safety test passed\./);
  match(out, /Mean_Error \| \[education < 12 && age >= 25\] is /);
});

test("examples/custom_measures.ts keeps promises about pairs and about the worst, without permission", { skip }, async () => {
  const { code, out, errors } = await run("examples/custom_measures.ts", "--epochs", "15");
  equal(code, 0, errors);
  match(out, /^The safety test passed\./);
  match(out, /MED_MF is .* on 13,\d{3} rows/);
});

test("examples/trees.ts trains a forest's leaves, without permission", { skip }, async () => {
  const { code, out, errors } = await run("examples/trees.ts", "--trees", "8", "--epochs", "200");
  equal(code, 0, errors);
  match(out, /^The safety test passed\./);
  match(out, /8 trees with \d+ leaves/);
});

test("examples/headless_cnn.ts trains a new head on a body that was trained before, without permission", { skip }, async () => {
  const { code, out, errors } = await run("examples/headless_cnn.ts", "--rows", "1500", "--epochs", "6");
  equal(code, 0, errors);
  match(out, /ACC is 0\.\d+ on 750 rows of safety data/);
});

test("examples/pytorch_model.ts tests a model that PyTorch trained, without permission", { skip }, async () => {
  const { code, out, errors } = await run("examples/pytorch_model.ts");
  equal(code, 0, errors);
  match(out, /^The safety test passed\.\n {2}ACC >= 0\.85: kept with confidence 95 %/);
});

test("examples/from_toolkit.ts writes a program that runs, and says what is wrong with its arguments", { skip }, async () => {
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

test("readIdx() reads an array of bytes, and says what is missing of one", () => {
  const file = Uint8Array.of(0, 0, 8, 2, 0, 0, 0, 2, 0, 0, 0, 3, 1, 2, 3, 4, 5, 6);
  const { shape, values } = readIdx(file, "digits");
  equal(`${shape} ${values}`, "2,3 1,2,3,4,5,6");
  const table: [Uint8Array, string][] = [
    [file.subarray(0, 15), "Cannot read digits: [2, 3] wants 6 bytes after the header, and it has 3; it is cut short"],
    [file.subarray(0, 9), "Cannot read digits: its header wants 12 bytes, and it has 9; it is cut short"],
    [new Uint8Array(), "Cannot read digits: wanted an IDX file of unsigned bytes, which begins 0 0 8, found nothing"],
    [
      Uint8Array.of(31, 139, 8, 0),
      "Cannot read digits: wanted an IDX file of unsigned bytes, which begins 0 0 8, found 31 139 8",
    ],
  ];
  for (const [bytes, message] of table) throws(() => readIdx(bytes, "digits"), { message });
});

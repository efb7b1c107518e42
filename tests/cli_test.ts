import { deepEqual, equal, match, ok } from "node:assert/strict";
import { spawn } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import process from "node:process";
import { test } from "node:test";
import { onDeno, skipWriting } from "./helpers/runs.ts";

/** Runs the command line with read permission and standard input closed. */
async function cli(...args: string[]): Promise<{ code: number | null; out: string; errors: string }> {
  if (onDeno) {
    const command = ["run", "--no-check", "--no-prompt", "--allow-read", "cli.ts", ...args], text = new TextDecoder();
    const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), { args: command, stdin: "null" }).output();
    return { code, out: text.decode(stdout), errors: text.decode(stderr) };
  }
  return new Promise((resolve) => {
    const child = spawn(process.execPath, ["cli.ts", ...args], { stdio: ["ignore", "pipe", "pipe"] });
    let out = "", errors = "";
    child.stdout.on("data", (data) => out += data);
    child.stderr.on("data", (data) => errors += data);
    child.on("close", (code) => resolve({ code, out, errors }));
  });
}

test("explain prints the formulas that must hold and each one's share of delta", async () => {
  const { code, out } = await cli("explain", "abs((PR | [M]) - (PR | [F])) <= 0.15", "--delta", "0.1");
  equal(code, 0);
  match(out, /^abs\(\(PR \| \[M\]\) - \(PR \| \[F\]\)\) <= 0\.15\n {2}is kept where g = .* with probability at most 0\.1\n/);
  equal(out.match(/<= 0, as one statistic with delta 0\.1/g)?.length, 2);
  match(out, /PR \| \[F\]: bounded from above with delta 0\.05/);
  const wrong = await cli("explain", "ACC => 0.9");
  equal(wrong.code, 2);
  match(wrong.errors, /Cannot read constraint: unknown relation =>; wanted <= or >=\n {2}ACC => 0\.9\n {6}\^/);
});

test("bound prints bounds on a column's mean, and refuses a column of text", async () => {
  const { code, out } = await cli("bound", "examples/datasets/hmda_boston.csv", "--column", "lvrat", "--range", "0,2");
  equal(code, 0);
  match(out, /^lvrat: 2380 values with mean 0\.73\d+\neach with confidence 0\.95: at least 0\.7\d+, at most 0\.7\d+/);
  const wrong = await cli("bound", "examples/datasets/hmda_boston.csv", "--column", "deny");
  deepEqual([wrong.code, wrong.errors.trim()], [2, 'Cannot use the column "deny" as numbers: it is of text']);
});

test("flags describe a table that has no spec, and errors name the flags; --help is not an error", async () => {
  for (const flag of ["--help", "-h"]) match((await cli("train", flag)).out, /^usage: seldonian describe spec\.json/);
  equal((await cli("describe", "--help")).code, 0);
  const file = "tests/fixtures/german.csv", described = await cli("describe", file);
  equal(described.code, 1);
  match(described.out, /if points stand between thousands, say --thousands \.; and say --decimal ,; /);
  match(described.out, /if commas stand before decimals, say --decimal ,; if the column is of text, say --text height/);
  const said = await cli("describe", file, "--decimal", ",", "--thousands", ".", "--text", "code");
  deepEqual([said.code, said.errors], [0, ""]);
  match(said.out, /income +number +950 to 12000/);
  const bound = await cli("bound", file, "--column", "height", "--decimal", ",", "--range", "0,3");
  match(bound.out, /^height: 6 values with mean 1\.73/);
  equal((await cli("describe", "examples/spec/penguins.json", "--decimal", ",")).code, 2);
});

for (
  const [of, file, parts] of [
    ["a problem", "spec", ['"thetaRate"', "as in [age < 25]"]],
    ["an experiment", "experiment", ['"thetaRate"', '"reductions"', "Trials of each contender"]],
  ] as const
) {
  test(`schema prints the published schema of ${of}, which its examples name`, async () => {
    const which = file === "spec" ? [] : [file], path = `docs/${file}.schema.json`, published = readFileSync(path, "utf8");
    const { out } = await cli("schema", ...which);
    deepEqual(JSON.parse(out), JSON.parse(published), `write it anew: deno run cli.ts schema ${which} > ${path}`);
    ok(parts.every((part) => published.includes(part)));
    const example = file === "spec" ? "german_credit" : "german_credit_experiment";
    equal(JSON.parse(readFileSync(`examples/spec/${example}.json`, "utf8")).$schema, `../../${path}`);
  });
}

test("train trains from a spec; without one it prints its usage, and a missing file is an error", async () => {
  const { code, out, errors } = await cli("train", "examples/spec/mortgages.json", "--quiet");
  equal(code, 0, errors);
  match(out, /^The safety test passed\.\n {2}abs\(\(TPR \| \[afam == "yes"\]\)/);
  equal((await cli("walk")).errors, `Cannot run walk: there is no such command\n\n${(await cli()).errors}`);
  match(
    (await cli("train")).errors,
    /^usage: seldonian describe spec\.json.*\n +seldonian describe data\.csv .*\n.*\n +seldonian train spec\.json/,
  );
  match((await cli("train", "nowhere.json")).errors, /^Cannot read nowhere\.json: there is no such file/);
});

test("train saves model and certificate, from which verify repeats the test; errors in a spec name file, line and field", {
  skip: skipWriting,
}, async () => {
  const { tmpdir } = await import("node:os"), folder = mkdtempSync(`${tmpdir()}/cli`);
  try {
    const spec = JSON.parse(readFileSync("examples/spec/mortgages.json", "utf8")), file = `${folder}/spec.json`;
    const write = (change: (text: string) => string = (text) => text) =>
      writeFileSync(file, change(JSON.stringify(spec, null, 2)));
    writeFileSync(`${folder}/mortgages.csv`, readFileSync("examples/datasets/hmda_boston.csv"));
    spec.data.file = "mortgages.csv";
    write();
    const { code, errors } = await cli("train", file, "--out", `${folder}/run`, "--quiet");
    equal(code, 0, errors);
    ok(["result.json", "encoder.json", "model.safetensors"].every((name) => existsSync(`${folder}/run/${name}`)));
    const certificate = `${folder}/run/certificate.json`, valid = await cli("verify", certificate);
    deepEqual([valid.code, valid.errors], [0, ""]);
    match(valid.out, /is valid: the repeated safety test has the same figures/);
    const text = readFileSync(certificate, "utf8"), model = readFileSync(`${folder}/run/model.safetensors`);
    // A run that fails removes the model of an earlier run.
    write((text) => text.replaceAll(/<= 0\.\d+/g, "<= 0.0001"));
    const failed = await cli("train", file, "--out", `${folder}/run`, "--quiet");
    equal(failed.code, 1);
    match(failed.out, /Removed from .*run, left by an earlier run: certificate\.json, model\.json, model\.safetensors$/m);
    deepEqual(["model.safetensors", "certificate.json"].map((name) => existsSync(`${folder}/run/${name}`)), [false, false]);
    write();
    writeFileSync(`${folder}/run/model.safetensors`, model);
    writeFileSync(certificate, text.replace('"delta": 0.05', '"delta": 0.06'));
    const invalid = await cli("verify", certificate);
    equal(invalid.code, 1);
    match(invalid.out, /is not valid:\n {2}the certificate's own SHA-256 is /);

    const wrong: [(text: string) => string, RegExp][] = [
      [
        (text) => text.replace("logistic", "logistik"),
        /spec\.json, line \d+, column \d+: "model\.kind" is "logistik"; wanted "logistic" or "linear"/,
      ],
      [
        (text) => text.replace("thetaRate", "thetarate"),
        /line \d+, column \d+: there is no field "optimizer\.thetarate"; the nearest is "thetaRate"/,
      ],
      [(text) => text.replace('"delta": 0.05', '"delta": 5'), /"constraints\[0\]\.delta" is 5; wanted <1/],
      [(text) => text.replace('"model"', '"mode"'), /line 1, column 1: "model" is missing/],
      [(text) => text.replace("]", ",]"), /line \d+, column \d+: this is not JSON \(value expected\)/],
      [(text) => text.replace("mortgages.csv", "x.csv"), /Cannot read .*x\.csv: there is no such file/],
      [(text) => text.replace("ACC >=", "ACC =>"), /Cannot read constraint/],
    ];
    for (const [change, message] of wrong) {
      write(change);
      const { code, errors } = await cli("train", file);
      equal(code, 2);
      match(errors, message);
    }
  } finally {
    rmSync(folder, { recursive: true });
  }
});

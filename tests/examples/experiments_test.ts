import { equal, match, ok } from "node:assert/strict";
import { test } from "node:test";
import { type Ended, fed, run, skip } from "../helpers/child.ts";

/** Rows such as those of the Python toolkit's file of students: gender, nine exams, and the mean of grades. */
const students = Array.from({ length: 600 }, (_, i) => {
  const exams = Array.from({ length: 9 }, (_, k) => (500 + 100 * Math.sin(7.1 * i + k * k)).toFixed(2)), man = i % 2;
  return [man, 1 - man, ...exams, (3 + Math.sin(7.1 * i) + 0.3 * Math.cos(3 * i)).toFixed(3)].join();
}).join("\n");

/** A program's table has a line for each contender and size, and no failed trial. */
function checkTable({ code, out, errors }: Ended, contenders: readonly string[], size: number): void {
  equal(code, 0, errors);
  for (const name of contenders) match(out, new RegExp(`^ *${size} +${name} +1 +[01]\\.00 `, "m"));
  ok(!out.includes("failed"), out + errors);
}

const here = ["--workers", "0", "--trials", "1"];

// Deno opens standard input as a file only with all permissions.
const onStudents = (name: string, ...args: string[]) =>
  fed(students, "--allow-all", `examples/experiments/${name}.ts`, "/dev/stdin", ...here, ...args);

test("examples/experiment.ts runs its trials in two threads", { skip }, async () => {
  const { code, out, errors } = await run("--allow-read", "--allow-env", "--allow-sys", "examples/experiment.ts", "1");
  equal(code, 0, errors);
  match(out, /^ *1000 +logistic regression +1 +1\.00 .* 0\.00 /m);
});

test("examples/experiments/fair_loans.ts compares methods by a definition of fairness", { skip }, async () => {
  const only = ["--only", "demographic parity", "--sizes", "228"];
  const ended = await run("examples/experiments/fair_loans.ts", ...here, ...only);
  match(ended.out, /^demographic parity: abs\(/);
  checkTable(ended, ["the kit", "logistic regression", "reductions", "a coin"], 228);
});

test("examples/experiments/gpa.ts reads the toolkit's file of students", { skip }, async () => {
  const ended = await onStudents("gpa", "--only", "equal opportunity", "--sizes", "400");
  checkTable(ended, ["the kit", "logistic regression", "reductions"], 400);
});

test("examples/experiments/trees.ts grows trees and forests in each trial", { skip }, async () => {
  const promised = ["tree, promise", "forest, promise", "linear, promise"];
  checkTable(await onStudents("trees", "--sizes", "300"), [...promised, "tree", "forest", "tree, trained leaves", "linear"], 300);
});

test("examples/experiments/additional_data.ts learns from students of known and unknown gender", { skip }, async () => {
  const contenders = ["all students", "known gender alone", "without a promise"];
  checkTable(await onStudents("additional_data", "--sizes", "500"), contenders, 500);
});

test("examples/experiments/headless_cnn.ts trains heads on a frozen body", { skip }, async () => {
  const ended = await run("examples/experiments/headless_cnn.ts", "300", ...here, "--sizes", "200");
  checkTable(ended, ["the kit", "without a test", "without a promise"], 200);
});

test("examples/experiments/policies.ts compares promises of policies", { skip }, async () => {
  const ended = await run("--allow-read", "examples/experiments/policies.ts", ...here, "--only", "bandit", "--sizes", "1000");
  equal(ended.code, 0, ended.errors);
  for (const name of ["proven, weights to 2", "proven, weights to 4", "Student's", "no promise"]) {
    match(ended.out, new RegExp(`^ *1000 +${name} +1 +[01]\\.00 `, "m"));
  }
});

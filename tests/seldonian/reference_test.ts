import { ok } from "node:assert/strict";
import { test } from "node:test";
import { Tensor } from "../../mod.ts";
import { studentLower, studentUpper } from "../../seldonian/bounds/student.ts";
import * as intervals from "../../seldonian/constraints/interval.ts";
import { agrees, reference } from "../reference.ts";

interface StudentCase {
  z: number[];
  delta: number;
  lower: number;
  upper: number;
  safetySize: number;
  inflation: number;
  predictedLower: number;
  predictedUpper: number;
}

const students = reference<StudentCase[]>("student_bounds.json");
// The toolkit's Student quantile is off by up to 2.4e-9 of itself, ours by less than 1e-12 (quantiles_test.ts): that much of the
// half-width is where the two differ on purpose.
const quantileError = 2.5e-9;
test("Student's bounds are the toolkit's, in both forms, but for its quantile's error", {
  skip: students === null && "no reference figures here",
}, () => {
  for (const { z, delta, safetySize: n, inflation, ...wanted } of students!) {
    const values = Tensor.from(Float64Array.from(z)), prediction = { n, inflation }, mean = values.mean().value;
    const found = {
      lower: studentLower(values, delta),
      upper: studentUpper(values, delta),
      predictedLower: studentLower(values, delta, prediction),
      predictedUpper: studentUpper(values, delta, prediction),
    };
    for (const [name, bound] of Object.entries(found)) {
      const want = wanted[name as keyof typeof found];
      const slack = quantileError * Math.abs(want - mean);
      ok(
        agrees(bound.value, want) || Math.abs(bound.value - want) <= slack,
        `${name} of ${z.length} values at ${delta}: ${bound.value}, the toolkit's ${want}`,
      );
    }
  }
});

interface IntervalCase {
  op: string;
  a: [number, number];
  b?: [number, number];
  result: [number, number] | "error";
}

const operators: Record<string, (x: intervals.Interval, y: intervals.Interval) => intervals.Interval> = {
  add: intervals.add,
  sub: intervals.sub,
  mult: intervals.mul,
  div: intervals.div,
  pow: intervals.power,
  min: intervals.min,
  max: intervals.max,
  abs: intervals.abs,
  exp: intervals.exp,
  log: intervals.log,
};

const table = reference<IntervalCase[]>("intervals.json");
test("interval arithmetic is the toolkit's", { skip: table === null && "no reference figures here" }, () => {
  const of = ([lower, upper]: [number, number]) => ({ lower: Tensor.scalar(lower), upper: Tensor.scalar(upper) });
  const differ: string[] = [];
  for (const { op, a, b, result } of table!) {
    let found: [number, number] | "error";
    try {
      const { lower, upper } = operators[op](of(a), of(b ?? [0, 0]));
      found = [lower.value, upper.value];
    } catch {
      found = "error";
    }
    const same = found === "error" || result === "error"
      ? found === result
      : found.every((end, i) => agrees(end, result[i] as number));
    if (!same) differ.push(`${op} [${a}] [${b}]: [${found}], the toolkit's [${result}]`);
  }
  ok(differ.length === 0, differ.join("\n"));
});

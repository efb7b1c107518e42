import { ok } from "node:assert/strict";
import { test } from "node:test";
import { constraint, grad, nn, Tensor } from "../../mod.ts";
import { Batch } from "../../seldonian/constraints/batch.ts";
import { evaluatePromise, promise } from "../../seldonian/constraints/promise.ts";
import { forecastLower, lower, momentsOf, upper } from "../../seldonian/bounds/bound.ts";
import { student } from "../../seldonian/bounds/student.ts";
import * as intervals from "../../seldonian/constraints/interval.ts";
import { agrees, reference } from "../helpers/reference.ts";

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
// The relative error of the toolkit's Student quantile is up to 3.4e-9, and of ours below 1e-12 (quantiles_test.ts). The
// half-widths may differ by that much.
const quantileError = 3.5e-9;
test("Student's bounds agree with the toolkit's in both forms, up to the error of its quantile", {
  skip: students === null && "no reference figures here",
}, () => {
  for (const { z, delta, safetySize: n, inflation, ...wanted } of students!) {
    const values = Float64Array.from(z), moments = momentsOf(Tensor.from(values)), mean = moments.mean.value;
    const range = [-Infinity, Infinity] as const, inflated = (bound: Tensor) => mean + inflation * (bound.value - mean);
    const found = {
      lower: lower(student, values, { delta, range }),
      upper: upper(student, values, { delta, range }),
      predictedLower: inflated(forecastLower(student, moments, { delta, range, n })),
      predictedUpper: inflated(student.forecast(moments, { delta, range, n })),
    };
    for (const [name, bound] of Object.entries(found)) {
      const want = wanted[name as keyof typeof found];
      const slack = quantileError * Math.abs(want - mean);
      ok(
        agrees(bound, want) || Math.abs(bound - want) <= slack,
        `${name} of ${z.length} values at ${delta}: ${bound}, the toolkit's ${want}`,
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
test("interval arithmetic agrees with the toolkit's", { skip: table === null && "no reference figures here" }, () => {
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

interface ConstraintCase {
  subRegime: "classification" | "regression" | "multiclass_classification";
  features: number[][];
  labels: number[];
  columns: string[];
  sensitive: number[][];
  theta: number[] | number[][];
  objective: { value: number; gradient: number[] };
  constraints: {
    text: string;
    delta: number;
    value: number;
    safety: { upper: number; nodes: Record<string, Node> };
    candidate: { nSafety: number; inflation: number; upper: number; gradient: number[] };
  }[];
}

interface Node {
  lower: number;
  upper: number;
  deltaLower: number | null;
  deltaUpper: number | null;
}

const models = {
  classification: (x: Tensor) => x.sigmoid(),
  regression: (x: Tensor) => x,
  multiclass_classification: (x: Tensor) => x.softmax(),
};

const cases = reference<ConstraintCase[]>("constraints.json");
test("the toolkit's figures include constraints", { skip: cases === null && "no reference figures here" }, () => {
  ok(cases!.length > 0);
});
for (const data of cases ?? []) {
  const { subRegime, labels, columns, sensitive, objective } = data;
  const features = Tensor.from(Float64Array.from(data.features.flatMap((row) => [1, ...row])), [labels.length, 4]);
  const theta = Tensor.from(Float64Array.from(data.theta.flat()), Array.isArray(data.theta[0]) ? [4, 4] : [4, 1]);
  const y = Tensor.from(Float64Array.from(labels));
  const flags = new Map(columns.map((name, i) => [name, Uint8Array.from(sensitive, (row) => row[i])]));
  const predict = (theta: Tensor) => models[subRegime](features.matmul(theta));
  const close = (found: number, wanted: number, scale = 0) =>
    agrees(found, wanted) || Math.abs(found - wanted) <= quantileError * scale;

  test(`the ${subRegime} objective and its gradient agree with the toolkit's`, () => {
    const loss = subRegime === "regression" ? nn.meanSquaredError : nn.logLoss;
    const found = loss(predict(theta), y).value;
    ok(agrees(found, objective.value), `${found}, the toolkit's ${objective.value}`);
    const [slope] = grad((theta) => loss(predict(theta), y))(theta);
    objective.gradient.forEach((wanted, i) =>
      ok(agrees(slope.data[i], wanted), `${i}: ${slope.data[i]}, the toolkit's ${wanted}`)
    );
  });

  for (const { text, delta, value, safety, candidate } of data.constraints) {
    test(`${subRegime}: ${text} at delta ${delta} has the toolkit's value, bounds and gradient`, () => {
      const judgement = { rates: "expected", bound: student, ranges: {} } as const;
      const promised = promise(constraint(text), delta, judgement, { analysis: "interval", shares: "equal" });
      const batch = (theta: Tensor) => new Batch(predict(theta), y, flags, { testRows: candidate.nSafety });
      const found = evaluatePromise(promised, batch(theta));
      ok(agrees(found.value, value), `value ${found.value}, the toolkit's ${value}`);
      // Every half-width has the error of the toolkit's quantile. The root's interval is about as wide as their sum.
      const width = 2 * Math.abs(safety.upper - value);
      ok(
        close(found.interval.upper.value, safety.upper, width),
        `upper ${found.interval.upper.value}, the toolkit's ${safety.upper}`,
      );
      const nodes = Object.entries(safety.nodes);
      ok(found.leaves.length === nodes.length);
      for (const [name, wanted] of nodes) {
        const leaf = found.leaves.find((leaf) => leaf.name.replaceAll(", ", ",") === name);
        ok(leaf, `no ${name}`);
        for (const side of ["lower", "upper", "deltaLower", "deltaUpper"] as const) {
          const same = leaf[side] === wanted[side] || close(leaf[side]!, wanted[side]!, Math.abs(wanted[side]! - leaf.mean));
          ok(same, `${side} of ${name}: ${leaf[side]}, the toolkit's ${wanted[side]}`);
        }
      }
      const forecast = { inflation: candidate.inflation };
      const predicted = (theta: Tensor) => evaluatePromise(promised, batch(theta), forecast).interval.upper;
      const upper = predicted(theta).value;
      ok(
        close(upper, candidate.upper, 2 * Math.abs(candidate.upper - value)),
        `predicted ${upper}, the toolkit's ${candidate.upper}`,
      );
      const [slope] = grad(predicted)(theta), size = Math.max(...candidate.gradient.map(Math.abs));
      candidate.gradient.forEach((wanted, i) =>
        ok(close(slope.data[i], wanted, size), `gradient ${i}: ${slope.data[i]}, the toolkit's ${wanted}`)
      );
    });
  }
}

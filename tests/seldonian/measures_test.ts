import { deepEqual } from "node:assert/strict";
import { test } from "node:test";
import { measures, Tensor } from "../../mod.ts";
import { Batch } from "../../seldonian/constraints/batch.ts";
import type { Leaf } from "../../seldonian/constraints/expression.ts";

const { ACC, CM, ER, FNR, FPR, Mean_Error, Mean_Squared_Error, NR, PR, TNR, TPR } = measures;
const columns = new Map([["M", Uint8Array.of(1, 0, 1, 1)], ["A", Uint8Array.of(1, 1, 0, 1)]]);
const values = (batch: Batch, leaf: Leaf) => Array.from(batch.values(leaf).data);

test("binary measures are those of the published definitions, row by row", () => {
  // Powers of two, so that 1 - p is exact.
  const batch = new Batch(
    Tensor.from(Float64Array.of(0.5, 0.25, 0.75, 0.125)),
    Tensor.from(Float64Array.of(1, 0, 0, 1)),
    columns,
  );
  const table: [Leaf, number[]][] = [
    [PR, [0.5, 0.25, 0.75, 0.125]],
    [NR, [0.5, 0.75, 0.25, 0.875]],
    [FPR, [0.25, 0.75]],
    [TNR, [0.75, 0.25]],
    [TPR, [0.5, 0.125]],
    [FNR, [0.5, 0.875]],
    [ACC, [0.5, 0.75, 0.25, 0.125]],
    [ER, [0.5, 0.25, 0.75, 0.875]],
    [PR.given("M"), [0.5, 0.75, 0.125]],
    [PR.given("M", "A"), [0.5, 0.125]],
    [FPR.given("M"), [0.75]],
  ];
  for (const [leaf, wanted] of table) deepEqual(values(batch, leaf), wanted, `${leaf}`);
});

test("multi-class measures take the probability of their class, and rows of theirs", () => {
  const predictions = Tensor.from(Float64Array.of(0.5, 0.25, 0.25, 0.125, 0.75, 0.125, 0, 0.5, 0.5, 0.25, 0.25, 0.5), [4, 3]);
  const batch = new Batch(predictions, Tensor.from(Float64Array.of(0, 2, 1, 0)), columns);
  const table: [Leaf, number[]][] = [
    [ACC, [0.5, 0.125, 0.5, 0.25]],
    [ER, [0.5, 0.875, 0.5, 0.75]],
    [PR.of(1), [0.25, 0.75, 0.5, 0.25]],
    [NR.of(1), [0.75, 0.25, 0.5, 0.75]],
    [FPR.of(0), [0.125, 0]],
    [TNR.of(0), [0.875, 1]],
    [TPR.of(0), [0.5, 0.25]],
    [FNR.of(0), [0.5, 0.75]],
    [CM.of(0, 2), [0.25, 0.5]],
    [CM.of(2, 1), [0.75]],
    [TPR.of(0).given("M"), [0.5, 0.25]],
  ];
  for (const [leaf, wanted] of table) deepEqual(values(batch, leaf), wanted, `${leaf}`);
});

test("regression measures are errors and their squares; [n, 1] and float32 predictions serve as well", () => {
  const labels = Tensor.from(Float64Array.of(1, 2, 3, 4));
  for (const predictions of [Tensor.from(Float64Array.of(1.5, 2, 2, 0)), Tensor.from(Float32Array.of(1.5, 2, 2, 0), [4, 1])]) {
    const batch = new Batch(predictions, labels, columns);
    deepEqual(values(batch, Mean_Error), [0.5, 0, -1, -4]);
    deepEqual(values(batch, Mean_Squared_Error), [0.25, 0, 1, 16]);
    deepEqual(values(batch, Mean_Error.given("A")), [0.5, 0, -4]);
  }
});

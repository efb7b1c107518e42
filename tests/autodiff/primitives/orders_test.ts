import { deepEqual, equal, throws } from "node:assert/strict";
import { test } from "node:test";
import { argmax, argmin, grad, sort, type Tensor, tensor, topk } from "../../../autodiff/mod.ts";
import { fc } from "../../deps.ts";

const numbers = fc.array(
  fc.oneof(fc.integer({ min: -3, max: 3 }), fc.constantFrom(NaN, -0, Infinity, -Infinity)),
  { minLength: 1, maxLength: 90 },
);

/** Places in order, by the runtime's sort: stable, NaN as greatest. */
function places(x: readonly number[], descending: boolean): number[] {
  const before = (a: number, b: number) =>
    Number.isNaN(a) || Number.isNaN(b) ? +Number.isNaN(a) - +Number.isNaN(b) : a < b ? -1 : +(a > b);
  return x.map((_, i) => i).sort((i, j) => (descending ? -1 : 1) * before(x[i], x[j]));
}

const float64 = { dtype: "float64" } as const;

test("sort() is stable, with NaN as greatest, and topk() is its beginning", () =>
  fc.assert(
    fc.property(numbers, fc.boolean(), fc.nat(89), (x, descending, count) => {
      const { values, indices } = sort(tensor(x, float64), 0, { descending }), wanted = places(x, descending);
      deepEqual(indices.toArray(), wanted);
      deepEqual(values.toArray(), wanted.map((i) => x[i]));
      const k = Math.min(count, x.length), first = topk(tensor(x, float64), k, 0, { largest: descending });
      deepEqual(first.indices.toArray(), wanted.slice(0, k));
      deepEqual(first.values.toArray(), wanted.slice(0, k).map((i) => x[i]));
    }),
    { seed: 2, numRuns: 300 },
  ));

test("argmax() and argmin() take the first extreme of a row, and NaN before all", () =>
  fc.assert(
    fc.property(numbers, (x) => {
      const nan = x.findIndex(Number.isNaN), first = (order: number[]) => nan >= 0 ? nan : order[0];
      equal(argmax(tensor(x)).item(), first(places(x, true)));
      equal(argmin(tensor(x)).item(), first(places(x, false)));
    }),
    { seed: 3 },
  ));

test("orders are along any axis, of views too", () => {
  const x = tensor([[3, 1, 2], [0, 5, 4]]);
  deepEqual(sort(x, 0).values.toArray(), [[0, 1, 2], [3, 5, 4]]);
  deepEqual(sort(x, 0).indices.toArray(), [[1, 0, 0], [0, 1, 1]]);
  deepEqual(sort(x.T, 1).indices.toArray(), [[1, 0], [0, 1], [0, 1]]);
  deepEqual(topk(x, 2).values.toArray(), [[3, 2], [5, 4]]);
  deepEqual(x.argmax(1).toArray(), [0, 1]);
  deepEqual(x.argmax(0, { keepDims: true }).toArray(), [[0, 1, 1]]);
  deepEqual(x.argmin(0).toArray(), [1, 0, 0]);
  deepEqual([x.argmax().item(), x.T.argmax().item(), x.argmax(1).dtype], [4, 3, "int32"]);
  equal(sort(tensor(7)).values.item(), 7);
});

test("the gradient of a sorted tensor goes back to where each element was", () => {
  const weighted = (x: Tensor) => sort(x).values.mul(tensor([1, 10, 100])).sum();
  deepEqual(grad(weighted)(tensor([2, 3, 1]))[0].toArray(), [10, 100, 1]);
});

test("what cannot be ordered is an error", () => {
  throws(() => topk(tensor([1, 2]), 3), { message: "Cannot find the 3 greatest of 2 elements" });
  throws(() => tensor([[]]).argmax(1), { message: "Cannot find an extreme of shape [1, 0]: axis 1 has no elements" });
  throws(() => sort(tensor([1]), 0, { decending: true } as never), /the nearest is "descending"/);
});

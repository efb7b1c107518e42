import { deepEqual, ok, throws } from "node:assert/strict";
import { test } from "node:test";
import { einsum, matmul, randn, recorded, type Tensor, zeros } from "../../../autodiff/mod.ts";
import { fc } from "../../deps.ts";
import { errorOf } from "../../helpers/tensors.ts";

const size = fc.oneof(fc.integer({ min: 1, max: 9 }), fc.integer({ min: 15, max: 20 }));

test("a product has the same bits in every batch, and batches are broadcast as in NumPy", () =>
  fc.assert(
    fc.property(
      size,
      size,
      size,
      fc.boolean(),
      fc.constantFrom("float32" as const, "float64" as const),
      (n, k, m, turned, dtype) => {
        const x = turned ? randn([5, 1, k, n], 1, dtype).swapAxes(2, 3) : randn([5, 1, n, k], 1, dtype),
          y = randn([3, m, k], 2, dtype).swapAxes(1, 2),
          z = matmul(x, y);
        deepEqual([...z.shape], [5, 3, n, m]);
        for (let i = 0; i < 2; i++) {
          for (let j = 0; j < 3; j++) {
            const one = (t: Tensor, ...at: number[]) => at.reduce((part, i) => part.slice(0, i, i + 1).squeeze(0), t);
            const alone = matmul(one(x, i, 0), one(y, j));
            deepEqual(one(z, i, j).clone().data, matmul(one(x, i, 0).unsqueeze(0), one(y, j).unsqueeze(0)).data);
            ok(errorOf(alone.data, one(z, i, j).clone().data) < (dtype === "float32" ? 2e-6 : 1e-15));
          }
        }
      },
    ),
    { seed: 4, numRuns: 60, examples: [[18, 70, 1, true, "float32"], [70, 18, 1, true, "float32"]] },
  ));

test("vectors and batches multiply as in NumPy", () => {
  const shape = (x: number[], y: number[]) => [...matmul(zeros(x), zeros(y)).shape];
  deepEqual(shape([3], [2, 3, 4]), [2, 4]);
  deepEqual(shape([2, 4, 3], [3]), [2, 4]);
  deepEqual(shape([5, 2, 4, 3], [3, 6]), [5, 2, 4, 6]);
  deepEqual(shape([4, 3], [2, 3, 6]), [2, 4, 6]);
  deepEqual(shape([0, 4, 3], [3, 6]), [0, 4, 6]);
  deepEqual(shape([0, 4, 3], [1, 3, 6]), [0, 4, 6]);
  deepEqual(shape([2, 4, 0], [2, 0, 6]), [2, 4, 6]);
  throws(() => shape([2, 4, 3], [3, 3, 6]), { message: /^Cannot multiply \[2\] and \[3\]: axis 0 has lengths 2 and 3/ });
  throws(() => shape([2, 4, 3], [2, 4, 3]), { message: "Cannot multiply [2, 4, 3] by [2, 4, 3]: 3 must equal 4" });
  throws(() => shape([], [2]), { message: "Cannot multiply [] by [2]: matmul takes vectors and matrices" });
});

/** Σ over all letters, one number at a time. */
function plainly(formula: string, operands: readonly Tensor[]): number[] {
  const [left, result] = formula.split("->"), inputs = left.split(","), lengths = new Map<string, number>();
  inputs.forEach((letters, i) => [...letters].forEach((letter, axis) => lengths.set(letter, operands[i].shape[axis])));
  const letters = [...lengths.keys()];
  const place = (own: string, at: number[]) =>
    [...own].reduce((place, letter) => place * lengths.get(letter)! + at[letters.indexOf(letter)], 0);
  const sums = new Array<number>([...result].reduce((count, letter) => count * lengths.get(letter)!, 1)).fill(0);
  const visit = (at: number[]): void => {
    if (at.length < letters.length) {
      for (let i = 0; i < lengths.get(letters[at.length])!; i++) visit([...at, i]);
    } else sums[place(result, at)] += operands.reduce((product, x, i) => product * x.data[place(inputs[i], at)], 1);
  };
  visit([]);
  return sums;
}

test("einsum() is the sum over all indices, for formulas of one, two and three operands", () => {
  const lengths: Record<string, number> = { b: 2, i: 3, j: 4, k: 2, h: 3 };
  for (
    const formula of [
      ...["ij->ji", "ij->", "ii->i", "ii->", "bij->jb", "ij,jk->ik", "ij,ij->", "i,j->ij", "bij,bjk->bik", "bij,bkj->kbi"],
      ...["ij,j->i", "ij,k->jk", "bhij,bhkj->bhik", "i,ij,j->", "ij,jk,kh->ih", "bii,ik->bk", "iij->ij", "ij,ij->ij"],
    ]
  ) {
    const inputs = formula.split("->")[0].split(",");
    const operands = inputs.map((letters, i) => randn([...letters].map((letter) => lengths[letter]), i, "float64"));
    ok(errorOf(plainly(formula, operands), einsum(formula, ...operands).data) < 1e-12, formula);
  }
});

test("einsum() reads '...' and formulas without a result as NumPy does, and says what does not fit", () => {
  const x = randn([2, 5, 3, 4], 1, "float64"), y = randn([5, 4, 2], 2, "float64");
  deepEqual(einsum("...ij, ...jk -> ...ik", x, y).data, matmul(x, y).data);
  deepEqual([...einsum("ba", zeros([2, 3])).shape], [3, 2]);
  for (
    const [formula, message] of [
      ["ij,jk", 'Cannot sum "ij,jk": it has 2 operands, and 1 were given'],
      ["ijk", 'Cannot sum "ijk": "ijk" has 3 axes, and operand 1 has shape [2, 3]'],
      ["ij->k", 'Cannot sum "ij->k": "k" is in the result and in no operand'],
      ["ij->ii", 'Cannot sum "ij->ii": "i" is twice in the result'],
      ["i?", 'Cannot sum "i?": wanted letters for axes, as in "ij,jk->ik"'],
    ]
  ) throws(() => einsum(formula, zeros([2, 3])), { name: "SyntaxError", message });
  throws(() => einsum("ij,ij->", zeros([2, 3]), zeros([3, 3])), { message: /axes of "i" have lengths 2 and 3/ });
});

test("a row's variance has the same bits alone and among others, also in a recorded function", () => {
  const spread = (x: Tensor) => x.variance(-1);
  for (const dtype of ["float32", "float64"] as const) {
    for (const length of [2, 3, 7, 100, 300]) {
      const rows = randn([30, length], length, dtype), all = spread(rows).data, listed = recorded(spread);
      for (let i = 0; i < 30; i++) {
        const row = rows.slice(0, i, i + 1);
        for (const f of [spread, listed]) deepEqual(f(row).data, all.slice(i, i + 1), `${dtype}, ${length} numbers`);
      }
    }
  }
});

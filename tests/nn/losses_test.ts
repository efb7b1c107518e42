import { deepEqual, equal, ok, throws } from "node:assert/strict";
import { test } from "node:test";
import { autodiff, nn, type Tensor, tensor } from "../../mod.ts";

const { mseLoss, l1Loss, huberLoss, smoothL1Loss, binaryCrossEntropyWithLogits, crossEntropy, nllLoss } = nn;

test("a loss takes equal shapes, or one number per row on both sides, and broadcasts nothing", () => {
  const x = tensor([1, 2, 3]), column = tensor([[1], [2], [4]]), y = tensor(Float64Array.of(1, 0, 1));
  for (const loss of [mseLoss, l1Loss, huberLoss, smoothL1Loss]) {
    equal(loss(x, column).value, loss(column, x).value);
    deepEqual(loss(column, x, { reduction: "none" }).shape, [3, 1]);
    throws(() => loss(column, tensor([[1, 2, 3]])), {
      name: "RangeError",
      message: "Cannot compare predictions [3, 1] with labels [1, 3]: wanted equal shapes; reshape one, as in p.reshape(-1)",
    });
    throws(() => loss(x, tensor([1])), { name: "RangeError" });
  }
  equal(binaryCrossEntropyWithLogits(column, y).value, binaryCrossEntropyWithLogits(x.add(tensor([0, 0, 1])), y).value);
  throws(() => binaryCrossEntropyWithLogits(x, tensor([[0], [1], [2]])), {
    message: "Cannot use label 2 in row 2: wanted a number between 0 and 1",
  });
});

test("a label that is no class is an error that names it, unless it is to be left out", () => {
  const x = tensor([[1, 2, 3], [3, 2, 1]]);
  for (const loss of [crossEntropy, nllLoss]) {
    const message = "Cannot use label -100 in row 1: wanted a class, a whole number from 0 to 2";
    throws(() => loss(x, tensor([0, -100])), { name: "RangeError", message });
    throws(() => loss(x, tensor([0, -100]), { reduction: "sum" }), { name: "RangeError", message });
    equal(loss(x, tensor([0, -100]), { ignoreIndex: -100 }).value, loss(x.slice(0, 0, 1), tensor([0])).value);
    throws(() => loss(x, tensor([0, 0.5]), { reduction: "none" }), { name: "RangeError" });
    throws(() => loss(x, tensor([0, 1, 2]), { reduction: "none" }), {
      message: "Cannot compare predictions [2, 3] with labels [3]: wanted [2]",
    });
    throws(() => loss(x, tensor([0, 1]), { weight: tensor([1, 2]) }), {
      message: "Cannot weight 3 classes by [2]: wanted one number for each",
    });
  }
});

test("with every label left out there is no mean, as in PyTorch, and the sum is 0", () => {
  const x = tensor([[1, 2, 3]]), none = tensor([9]);
  equal(crossEntropy(x, none, { ignoreIndex: 9 }).value, NaN);
  equal(crossEntropy(x, none, { ignoreIndex: 9, reduction: "sum" }).value, 0);
});

test("a label that is left out has no loss and no slope, even where a class is impossible", () => {
  const impossible = [[-Infinity, 1, 2], [0.5, -1, 1]];
  for (const dtype of ["float32", "float64"] as const) {
    for (
      const options of [{}, { reduction: "sum" }, { weight: tensor([1, 2, 3], { dtype }) }, { labelSmoothing: 0.1 }] as const
    ) {
      const x = tensor(impossible, { dtype }).withGrad(), row = tensor([impossible[1]], { dtype }).withGrad();
      const [all, one] = [
        crossEntropy(x, tensor([9, 0]), { ...options, ignoreIndex: 9 }),
        crossEntropy(row, tensor([0]), options),
      ];
      equal(all.value, one.value);
      all.backward();
      one.backward();
      [0, 0, 0, ...row.grad!.data].forEach((slope, i) => ok(Math.abs(x.grad!.data[i] - slope) <= 1e-7));
    }
  }
});

test("a loss keeps the dtype of the predictions", () => {
  const x = tensor([[1, 2], [2, 1]]), labels = tensor(Float64Array.of(0, 1));
  equal(crossEntropy(x, labels).dtype, "float32");
  equal(crossEntropy(x, labels, { labelSmoothing: 0.1 }).dtype, "float32");
  equal(mseLoss(x.cast("float64"), autodiff.ones([2, 2])).dtype, "float64");
});

test("a recorded function may take the loss of other labels at each call, and refuses those that are no class", () => {
  for (const dtype of ["float32", "float64"] as const) {
    let calls = 0;
    const loss = (x: Tensor, y: Tensor) => {
      calls++;
      return crossEntropy(x, y);
    };
    const replayed = autodiff.recorded(loss), x = autodiff.randn([6, 4], 1, dtype);
    for (let i = 0; i < 40; i++) {
      const y = tensor(Array.from({ length: 6 }, (_, row) => (i * row + i) % 4));
      equal(replayed(x, y).value, crossEntropy(x, y).value);
    }
    ok(calls < 12, `${calls} calls`);
    throws(() => replayed(x, tensor([0, 1, 2, 3, 4, 0])), { message: /Cannot use label 4 in row 4/ });
  }
});

import { deepEqual, equal, ok, throws } from "node:assert/strict";
import { test } from "node:test";
import { autodiff, nn } from "../../../mod.ts";
import { float64 } from "../../helpers/tensors.ts";

const { crossEntropy, tensor } = autodiff;

test("equal logits of any size are equally probable", () => {
  for (const x of [tensor([1e17, 1e17]), float64(1e17, 1e17), float64(-1e300, -1e300)]) {
    deepEqual(x.softmax().toArray(), [0.5, 0.5]);
    ok(x.logSoftmax().data.every((z) => Math.abs(z + Math.LN2) < 1e-7));
    ok(Math.abs(crossEntropy(x.reshape(1, 2), tensor([1])).value - Math.LN2) < 1e-7);
  }
});

test("losses take one label per row and do not broadcast", () => {
  const x = tensor([1, 2, 3]), y = tensor([[1], [2], [3]]);
  for (const loss of [nn.meanSquaredError, nn.meanAbsoluteError]) {
    equal(loss(x, y).value, 0);
    equal(loss(y, x).value, 0);
    throws(() => loss(x, tensor([1])), {
      message: "Cannot compare predictions [3] with 1 labels: wanted a label for each of 3 rows",
    });
  }
  throws(() => nn.logLoss(tensor([0.5, 0.5]), tensor([1])), { name: "RangeError" });
  throws(() => nn.logLoss(tensor([[0.5, 0.5]]), tensor([1, 0])), { name: "RangeError" });
});

test("a log-loss depends on the numbers, not on the operation that made them", () => {
  const sigmoid = new nn.Sigmoid(), softmax = new nn.Softmax(), logits = tensor([[1, -1, 0.5], [0, 2, -2]]);
  for (
    const [p, labels] of [
      [sigmoid.forward(logits), tensor([0, 1])],
      [softmax.forward(logits), tensor([0, 1])],
      [softmax.forward(tensor([[1], [2]])), tensor([1, 1])],
      [sigmoid.forward(tensor([[1], [2]])), tensor([0, 1])],
      [softmax.forward(tensor([1, 2])), tensor([0, 1])],
      [sigmoid.forward(tensor([1, 2])), tensor([0, 1])],
    ]
  ) {
    const [found, wanted] = [p, p.detach()].map((p) => nn.logLoss(p, labels).value);
    ok(Math.abs(found - wanted) < 1e-6, `${found}, and ${wanted} detached`);
  }
});

test("indices and labels outside their range are errors", () => {
  const layer = nn.initialize(new nn.Embedding(3, 2), 0);
  throws(() => layer.forward(tensor([-1])), { message: "Cannot embed -1: wanted whole numbers from 0 to 2" });
  for (const label of [-0.1, 1.5, NaN, 2]) {
    const message = `Cannot use label ${label} in row 1: wanted a number between 0 and 1`;
    throws(() => crossEntropy(float64(0, 0), float64(1, label)), { message });
    throws(() => nn.logLoss(float64(0.5, 0.5), float64(1, label)), { message });
  }
});

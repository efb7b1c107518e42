import { deepEqual, equal, ok, throws } from "node:assert/strict";
import { test } from "node:test";
import { mersenne } from "../../deps.ts";
import { autodiff, nn, Tensor, tensor } from "../../mod.ts";
import { numbers } from "../parity/language.ts";

const sequences = (shape: number[], seed = 1) =>
  Tensor.from(Float32Array.from(numbers(shape.reduce((a, b) => a * b), seed)), shape);

test("parameters have PyTorch's names and start in Glorot's limits, biases at 0", () => {
  const layer = nn.initialize(new nn.MultiheadAttention(8, 2), 3), parameters = nn.namedParameters(layer);
  deepEqual([...parameters.keys()], ["in_proj_weight", "in_proj_bias", "out_proj.weight", "out_proj.bias"]);
  const greatest = (name: string) => Math.max(...parameters.get(name)!.data.map(Math.abs));
  ok(greatest("in_proj_weight") <= Math.sqrt(6 / 32) && greatest("in_proj_weight") > 0.4);
  equal(greatest("in_proj_bias") + greatest("out_proj.bias"), 0);
});

test("a causal model does not see what comes later, and padding counts nowhere", () => {
  const layer = nn.initialize(new nn.MultiheadAttention(4, 2, { batchFirst: true }), 1), x = sequences([1, 5, 4]);
  const changed = autodiff.concatenate([x.slice(1, 0, 3), sequences([1, 2, 4], 2)], 1);
  const causal = (x: Tensor) => layer.attend(x, x, x, { isCausal: true }).slice(1, 0, 3).toArray();
  deepEqual(causal(x), causal(changed));
  const keyPaddingMask = tensor([[0, 0, 0, 1, 1]]), padded = (x: Tensor) => layer.attend(x, x, x, { keyPaddingMask });
  deepEqual(padded(x).slice(1, 0, 3).toArray(), padded(changed).slice(1, 0, 3).toArray());
});

test("weights are dropped in training only", () => {
  const layer = nn.initialize(new nn.MultiheadAttention(4, 1, { dropout: 0.5 }), 1), x = sequences([6, 2, 4]);
  deepEqual(layer.forward(x).data, layer.forward(x, { training: false, random: mersenne(1) }).data);
  ok(layer.forward(x, { training: true, random: mersenne(1) }).data.some((value, i) => value !== layer.forward(x).data[i]));
});

test("sequences, masks and heads that do not fit are errors that say what was wanted", () => {
  const layer = nn.initialize(new nn.MultiheadAttention(4, 2), 0), x = sequences([3, 2, 4]);
  const table: [act: () => unknown, message: string][] = [
    [() => new nn.MultiheadAttention(4, 3), "Cannot make an attention of 3 heads: they must divide the width 4"],
    [() => layer.forward(tensor([[1, 2]])), "Cannot attend to a sequence of shape [1, 2]: wanted [steps, rows, 4]"],
    [
      () => autodiff.scaledDotProductAttention(tensor([[1, 2]]), tensor([[1]]), tensor([[1]])),
      "Cannot attend from [1, 2] to [1, 1]: wanted [.., queries, width], [.., keys, width]",
    ],
    [
      () => autodiff.scaledDotProductAttention(x, x, x, { mask: autodiff.ones([2, 2, 2, 2]) }),
      "Cannot mask [2, 2, 2, 2] and [3, 2, 2]: axis 1 has lengths 2 and 3, and only equal lengths or 1 broadcast",
    ],
  ];
  for (const [act, message] of table) throws(act, { message });
});

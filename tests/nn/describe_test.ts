import { equal } from "node:assert/strict";
import { test } from "node:test";
import { inspect } from "node:util";
import { nn, type Tensor } from "../../mod.ts";

test("describe() and consoles show the layers of a model, its parameters' shapes and their number", () => {
  const model = new nn.Sequential(
    new nn.Conv2d(1, 2, 3),
    new nn.Sequential(new nn.Flatten(), new nn.Linear(4, 1)),
    new nn.Sigmoid(),
  );
  const wanted = [
    "Sequential(",
    "  (0): Conv2d(weight [2, 1, 3, 3], bias [2], stride 1, padding 0, dilation 1, groups 1)",
    "  (1): Sequential(",
    "    (0): Flatten()",
    "    (1): Linear(weight [1, 4], bias [1])",
    "  )",
    "  (2): Sigmoid()",
    "), 25 parameters",
  ].join("\n");
  equal(nn.describe(model), wanted);
  equal(inspect(model), wanted);
});

test("describe() walks the fields of any model, and names a shared layer once", () => {
  class Twice {
    readonly layer = new nn.Linear(2, 2, { bias: false });
    readonly same = { inner: this.layer };
    readonly rate = 0.5;
    forward(x: Tensor): Tensor {
      return this.layer.forward(this.same.inner.forward(x)).mul(this.rate);
    }
  }
  const lines = [
    "Twice(",
    "  rate 0.5",
    "  (layer): Linear(weight [2, 2])",
    "  (same): Object(",
    "    (inner): Linear(as above)",
    "  )",
  ];
  equal(nn.describe(new Twice()), [...lines, "), 4 parameters"].join("\n"));
  equal(nn.describe(nn.freeze(new nn.Linear(2, 3))), "Linear(weight [3, 2], bias [3]), 0 parameters");
});

test("a parameter says whether it has values", () => {
  const { weight } = new nn.Linear(1, 2);
  equal(inspect(weight), "Parameter(without values, shape [2, 1], float32)");
  weight.fill((i) => i / 2);
  equal(`${weight}`, "Parameter([[0.0],\n           [0.5]], shape [2, 1], float32, requiresGrad)");
});

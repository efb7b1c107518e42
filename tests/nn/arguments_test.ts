import { equal, ok, throws } from "node:assert/strict";
import { test } from "node:test";
import { autodiff, nn, optim, tensor } from "../../mod.ts";
import { checkOwn, errorOf } from "../helpers/misspelt.ts";
import { logistic } from "../helpers/models.ts";
import { flat, square, x } from "./given.ts";

test("a wrong argument is an error that says what was wanted", async () => {
  const model = nn.initialize(logistic(), 0);
  const table: [act: () => unknown, name: "TypeError" | "RangeError", message: string][] = [
    [() => tensor("12" as never), "TypeError", 'Cannot make a tensor of "12": wanted numbers, or arrays of numbers'],
    [
      () => tensor([[1], ["a"]] as never),
      "TypeError",
      'Cannot make a tensor of "a" at [1][0]: wanted numbers, or arrays of numbers',
    ],
    [
      () => tensor(new Uint8Array(2) as never),
      "TypeError",
      "Cannot make a tensor of a Uint8Array: pass a Float32Array, Float64Array or Int32Array",
    ],
    [() => autodiff.zeros(3 as never), "TypeError", "Cannot make a tensor of shape 3: wanted whole numbers, as in [2, 3]"],
    [
      () => autodiff.zeros([2], "float16" as never),
      "RangeError",
      'Cannot make a tensor: dtype is "float16"; the dtypes are "float32", "float64" or "int32": use "float32"',
    ],
    [
      () => autodiff.zeros([2 ** 20, 2 ** 20]),
      "RangeError",
      "Cannot make a tensor of 1099511627776 numbers: out of memory",
    ],
    [
      () => x().cast("int" as never),
      "RangeError",
      'Cannot cast a tensor: dtype is "int"; the dtypes are "float32", "float64" or "int32": use "int32"',
    ],
    [() => x().add([1, 2] as never), "TypeError", "Cannot add a list: wanted a tensor or a number, as in tensor([1, 2])"],
    [() => autodiff.relu([1] as never), "TypeError", "Cannot take relu of a list: wanted a tensor, as in tensor([1, 2])"],
    [
      () => x().sum({ axis: 0 } as never),
      "TypeError",
      "Cannot reduce over axes an object with axis: wanted a number or a list of numbers",
    ],
    [() => x().sum(0, true as never), "TypeError", "Cannot reduce: the options are true; wanted an object with keepDims"],
    [
      () => x().sum(0, { keepdim: true } as never),
      "TypeError",
      'Cannot reduce: there is no option "keepdim"; the nearest is "keepDims"',
    ],
    [
      () => tensor([1], { dtype: "int64" as never }),
      "RangeError",
      'Cannot make a tensor: dtype is "int64"; the dtypes are "float32", "float64" or "int32": use "float64", which has every ' +
      "whole number up to 2^53",
    ],
    [() => x().reshape(["4"] as never), "TypeError", 'Cannot reshape to shape ["4"]: wanted whole numbers, as in [2, 3]'],
    [() => x().softmax("rows" as never), "TypeError", 'Cannot take softmax along axis "rows": wanted a number'],
    [() => x().clip(0, undefined as never), "TypeError", "Cannot clip: the greatest is missing; wanted a number"],
    [() => autodiff.pad(x(), [1, 1] as never), "RangeError", "Cannot pad: a margin is 1; wanted a pair [before, after]"],
    [
      () => nn.initialize(logistic(), 0).forward([[0.5]] as never),
      "TypeError",
      "Cannot multiply a list: wanted a tensor, as in tensor([1, 2])",
    ],
    [
      () => x().to("gpu" as never),
      "TypeError",
      'Cannot move a tensor to a device: the device is "gpu"; wanted a device from autodiff.openGpu()',
    ],
    [() => autodiff.stack(x() as never), "TypeError", "Cannot stack a Tensor: wanted a list of tensors, as in tensor([1, 2])"],
    [() => autodiff.grad(x() as never), "TypeError", "Cannot differentiate: the function is a Tensor; wanted a function"],
    [
      () => autodiff.grad(() => 1 as never)(x()),
      "TypeError",
      "Cannot differentiate a function that returns 1: wanted a tensor, as in tensor([1, 2])",
    ],
    [
      () => autodiff.useConvolutions("exat" as never),
      "RangeError",
      'Cannot choose convolutions: the kind is "exat"; the nearest is "exact"',
    ],
    [() => model.forward([[1, 2]] as never), "TypeError", "Cannot multiply a list: wanted a tensor, as in tensor([1, 2])"],
    [
      () => new nn.Linear(2, 1, false as never),
      "TypeError",
      "Cannot make a linear layer: the options are false; wanted an object with bias",
    ],
    [
      () => new nn.Linear("2" as never, 1),
      "TypeError",
      'Cannot make a linear layer: inputs is "2"; wanted a whole number from 1',
    ],
    [() => new nn.Linear(2, 0.5), "RangeError", "Cannot make a linear layer: outputs is 0.5; wanted a whole number from 1"],
    [
      () => new nn.LayerNorm(2, 1e-5 as never),
      "TypeError",
      "Cannot make a layer normalisation: the options are 0.00001; wanted an object with some of epsilon, elementwiseAffine, bias",
    ],
    [
      () => new nn.Dropout({ p: 0.5 } as never),
      "RangeError",
      "Cannot drop elements with probability an object with p: wanted at least 0, below 1",
    ],
    [
      () => new nn.Sequential([new nn.ReLU()] as never),
      "TypeError",
      "Cannot put layers one after the other: layer 0 is a list; wanted a model, an object with forward(), such as new nn.LogisticRegression(2)",
    ],
    [
      () => new nn.Sequential(new nn.Linear(2, 1), nn.ReLU as never),
      "TypeError",
      "Cannot put layers one after the other: layer 1 is the class ReLU; wanted a model, an object with forward(), such as new nn.LogisticRegression(2)",
    ],
    [
      () => nn.save((() => 1) as never),
      "TypeError",
      "Cannot find parameters: the model is a function; wanted a model, an object with forward(), such as new nn.LogisticRegression(2)",
    ],
    [() => nn.initialize(model, "a" as never), "TypeError", 'Cannot initialise: the seed is "a"; wanted a whole number'],
    [
      () => nn.load(model, "model.safetensors" as never),
      "TypeError",
      'Cannot read safetensors: the file is "model.safetensors"; wanted its bytes, a Uint8Array',
    ],
    [
      () => new nn.Conv2d(1, 1, 3, { padding: "full" as never }),
      "RangeError",
      'Cannot make a convolution: padding is "full"; wanted a number, or [vertical, horizontal], "same" or "valid"',
    ],
    [
      () => new nn.Conv2d(1, 1, 3, { padding: "sam" as never }),
      "RangeError",
      'Cannot make a convolution: padding is "sam"; the nearest is "same"',
    ],
    [
      () => new nn.Conv2d(1, 1, 3, { padding: "same", stride: 2 }),
      "RangeError",
      'Cannot make a convolution with stride [2, 2] and padding "same": wanted stride 1',
    ],
    [
      () => new nn.MaxPool2d(2, { padding: "same" as never }),
      "RangeError",
      'Cannot pool: padding is "same"; wanted a number, or [vertical, horizontal]',
    ],
    [
      () => optim.adam(flat(), flat(), 0.01 as never),
      "TypeError",
      "Cannot make steps of Adam: the options are 0.01; wanted an object with some of lr, betas, eps, weightDecay",
    ],
    [
      () => optim.sgd([1, 2] as never, flat()),
      "TypeError",
      "Cannot change parameters: theta is a list; wanted a Float32Array, as from nn.flatParameters()",
    ],
    [
      () => optim.minimize(square as never, square),
      "TypeError",
      "Cannot minimise: the search is a function; wanted a search, such as optim.nelderMead([0, 0])",
    ],
  ];
  for (const [act, name, message] of table) throws(act, { name, message });
  const error = await errorOf(() => autodiff.openGpu({ mode: "webgup" as never }));
  equal(error?.message, 'Cannot use a GPU: mode is "webgup"; the nearest is "webgpu"');
});

test("functions of tensors refuse other values with the kit's errors, not the engine's", async () => {
  const one =
      "abs exp log neg relu sigmoid sign softplus sqrt tanh sum mean max min variance softmax logSoftmax logSumExp standardize transpose"
        .split(" "),
    two = "add sub mul div pow maximum minimum equal notEqual less lessEqual greater greaterEqual matmul crossEntropy".split(" ");
  const others =
    "reshape broadcastTo slice concatenate stack take gather oneHot where clip cast weightedSum backward broughtHere conv2d"
      .split(" ");
  const functions = autodiff as unknown as Record<string, (...given: unknown[]) => unknown>;
  for (const value of [undefined, null, "abc", true, {}, [1], [["a"]], () => 1, Promise.resolve(1)]) {
    for (const name of [...one, ...two, ...others]) {
      const calls = two.includes(name) ? [[value, x()], [x(), value]] : [[value], [value, 0, 1], [value, [4]]];
      for (const given of calls) {
        const error = await errorOf(() => functions[name](...given));
        ok(error !== undefined || (Array.isArray(value) && others.includes(name)), `${name}(${String(value)})`);
        if (error !== undefined) checkOwn(error, `${name}(${String(value)})`);
      }
    }
  }
});

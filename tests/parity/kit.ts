/** The operations of the programs in the kit. */
import { autodiff as ad, grad, nn, optim, Tensor, tensor } from "../../mod.ts";
import { evaluate, numbers, type Operations, type Scope } from "./language.ts";
import { sizeOf } from "../helpers/tensors.ts";

/** The kit's result of a program. */
export function evaluateHere(program: string, scope: Scope = {}): unknown {
  return evaluate(program, scope, { operations, differentiate: (f, x) => grad((leaf) => f(leaf) as Tensor)(x as Tensor)[0] });
}

const inputs: Operations = {
  numbers: (shape, { seed, low, high }) => Tensor.from(numbers(sizeOf(shape), seed, low, high), shape),
  values: (list) => tensor(list, undefined, { dtype: "float64" }),
  integers: (list) => tensor(list, undefined, { dtype: "int32" }),
};

const tensors: Operations = {
  ...(ad as unknown as Operations),
  square: (x) => x.square(),
  detach: (x) => x.detach(),
  broadcastTo: (x, shape) => ad.broadcastTo(x, shape),
  transpose: (x, axes = []) => ad.transpose(x, ...axes),
  slice: (x, { axis = 0, start = 0, end, step }) => ad.slice(x, axis, start, end, step),
  weightedSum: (x, weights, constant) => ad.weightedSum(x, weights, constant),
  ...overAxes({ sum: ad.sum, mean: ad.mean, variance: ad.variance, max: ad.max, min: ad.min }),
  ...overAxes({ std: ad.std, prod: ad.prod, all: ad.all, any: ad.any }),
  norm: (x, { p, axes, ...options } = {}) => ad.norm(x, p, axes, options),
  sorted: (x, { axis, ...options } = {}) => ad.sort(x, axis, options).values,
  places: (x, { axis, ...options } = {}) => ad.sort(x, axis, options).indices,
  top: (x, count) => ad.topk(x, count).values,
  logSumExp: (x, { axis, ...options } = {}) => ad.logSumExp(x, axis, options),
};

const layers: Operations = {
  ...Object.fromEntries(
    ("Sequential Linear Conv1d Conv2d MaxPool1d MaxPool2d AvgPool1d AvgPool2d AdaptiveAvgPool1d AdaptiveAvgPool2d " +
      "AdaptiveMaxPool2d BatchNorm1d BatchNorm2d LayerNorm Embedding Dropout Flatten ReLU Sigmoid Tanh " +
      "Softmax LogSoftmax SiLU LeakyReLU GELU RNN LSTM GRU RNNCell LSTMCell GRUCell MultiheadAttention Between").split(" ").map((
        name,
      ) => [name, layer(name)]),
  ),
  /** A layer's result with these parameters; with `read`, the layer's field of that name afterwards. */
  apply(layer: nn.Module, x: Tensor, parameters: Tensor[] = [], { training = false, read = "" } = {}) {
    replaced(layer, parameters, ({ requiresGrad }) => requiresGrad || !(training || read));
    const y = layer.forward(x, { training } as nn.Pass);
    return read === "" ? y : nn.namedParameters(layer).get(read)!;
  },
  nnCrossEntropy: nn.crossEntropy,
  nllLoss: nn.nllLoss,
  mseLoss: nn.mseLoss,
  l1Loss: nn.l1Loss,
  huberLoss: nn.huberLoss,
  smoothL1Loss: nn.smoothL1Loss,
  binaryCrossEntropyWithLogits: nn.binaryCrossEntropyWithLogits,
  /** Outputs or last states of a recurrent layer or cell. */
  unroll(
    layer: nn.Recurrent | nn.RecurrentCell,
    x: Tensor,
    parameters: Tensor[],
    { hidden, cell, read = "output" }: Fields = {},
  ) {
    replaced(layer, parameters);
    const state = { hidden, cell } as { hidden?: Tensor; cell?: Tensor };
    const found = layer instanceof nn.RecurrentCell ? layer.step(x, state) : layer.unroll(x, state);
    return (found as unknown as Fields)[read === "output" && layer instanceof nn.RecurrentCell ? "hidden" : read as string];
  },
  /** Attention of several heads to a sequence. */
  attend(layer: nn.MultiheadAttention, [query, key, value]: Tensor[], parameters: Tensor[], masks = {}) {
    replaced(layer, parameters);
    return layer.attend(query, key, value, masks);
  },
  logLoss: nn.logLoss,
  meanSquaredError: nn.meanSquaredError,
  meanAbsoluteError: nn.meanAbsoluteError,
};

const optimisers: Operations = {
  /** The norm of a gradient before clipping, and the clipped gradient. */
  clipNorm(x: Tensor, greatest: number) {
    const gradient = Float32Array.from(x.data), norm = optim.clipNorm(gradient, greatest);
    return tensor([norm, ...gradient]);
  },
  adam: (theta, options) => descended(theta, options, optim.adam),
  sgd: (theta, options) => descended(theta, options, optim.sgd),
  adamOn: (theta, options) => descendedInPlace(theta, options, optim.adam),
  adamWOn: (theta, options) => descendedInPlace(theta, options, optim.adamW),
  sgdOn: (theta, options) => descendedInPlace(theta, options, optim.sgd),
  adamOf: (theta, options) => descendedOnTensors(theta, options, optim.adamOf),
  sgdOf: (theta, options) => descendedOnTensors(theta, options, optim.sgdOf),
};

const operations: Operations = { ...inputs, ...tensors, ...layers, ...optimisers };

/** Puts tensors of any dtype in the place of parameters, as part of the graph; fills those that must stay. */
function replaced(layer: nn.Module, values: Tensor[], may: (parameter: nn.Parameter) => boolean = () => true): void {
  const named = [...nn.namedParameters(nn.initialize(layer, 0))];
  values.forEach((value, i) => {
    const [name, parameter] = named[i], [field, ...path] = name.split(".").reverse();
    const owner = path.reduceRight((module, key) => module[key] as Fields, layer as unknown as Fields);
    if (may(parameter)) owner[field] = value;
    else parameter.fill((place) => value.data[place]);
  });
}

/** Makes a layer of a name. */
function layer(name: string) {
  // deno-lint-ignore no-explicit-any
  const Layer = (nn as unknown as Record<string, new (...given: any[]) => nn.Module>)[name];
  return (...given: unknown[]) => new Layer(...given);
}

type Fields = { [name: string]: unknown };

/** The options of a descent; a formula gives gradients of this greatest size. */
interface Descent {
  steps?: number;
  scale?: number;
  schedule?: keyof typeof optim.schedules;
}

function descended(
  { data, shape }: Tensor,
  { steps = 50, scale = 1, schedule = "constant", ...options }: Descent,
  make: (theta: Float32Array, gradient: Float32Array, options: object) => optim.Optimizer,
): Tensor {
  const theta = Float32Array.from(data), gradient = new Float32Array(theta.length), optimizer = make(theta, gradient, options);
  for (let step = 0; step < steps; step++) {
    gradient.set(numbers(theta.length, step, -scale, scale));
    optimizer.step(optim.schedules[schedule](step / steps));
  }
  return Tensor.from(theta, shape);
}

/** The settings of schedules, in PyTorch's order. */
const settings = {
  stepLR: ["stepSize", "gamma"],
  linearLR: ["startFactor", "endFactor", "totalIters"],
  cosineAnnealingLR: ["tMax", "etaMin"],
};

/** The same by a parameter and its `grad`, with one of PyTorch's schedules. */
function descendedInPlace(
  theta: Tensor,
  { steps = 50, scale = 1, scheduler, by = [], ...options }: Descent & { scheduler?: keyof typeof settings; by?: number[] },
  make: (parameter: Tensor, options: object) => optim.Optimizer<{ lr: number }>,
): Tensor {
  const parameter = theta.clone().withGrad(), optimizer = make(parameter, options);
  const schedulers = optim as unknown as Record<string, (optimizer: optim.Optimizer, by?: object) => optim.Scheduler>;
  const scheduled = scheduler &&
    schedulers[scheduler](optimizer, Object.fromEntries(by.map((x, i) => [settings[scheduler][i], x])));
  for (let step = 0; step < steps; step++) {
    parameter.grad = Tensor.from(numbers(theta.size, step, -scale, scale), theta.shape).cast(theta.dtype);
    optimizer.step();
    if (scheduled) scheduled.step();
  }
  return parameter.detach();
}

function descendedOnTensors(
  theta: Tensor,
  { steps = 50, scale = 1, schedule = "constant", ...options }: Descent,
  make: (options: object) => optim.TensorOptimizer,
): Tensor {
  const optimizer = make(options);
  for (let step = 0; step < steps; step++) {
    const gradient = Tensor.from(numbers(theta.size, step, -scale, scale), theta.shape).cast(theta.dtype);
    theta = optimizer.step(theta, gradient, optim.schedules[schedule](step / steps));
  }
  return theta;
}

function overAxes(reductions: Record<string, (x: Tensor, axes?: ad.Axes, options?: object) => Tensor>): Operations {
  return Object.fromEntries(
    Object.entries(reductions).map(([name, reduce]) => [
      name,
      (x: Tensor, { axes, ...options }: { axes?: ad.Axes } = {}) => reduce(x, axes, options),
    ]),
  );
}

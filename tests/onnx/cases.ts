/** Each layer and operation of tensors that a model can have, with rows for it. */
import { autodiff, nn, Tensor, tensor } from "../../mod.ts";

/** Numbers without a pattern between -2 and 2, always the same. */
export function numbers(...shape: number[]): Tensor {
  const size = shape.reduce((product, length) => product * length, 1);
  return Tensor.from(
    Float32Array.from({ length: size }, (_, i) => 2 * Math.sin(12.9898 * (i + 1) + 78.233 * shape.length)),
    shape,
  );
}

/** Whole numbers from 0 to 3. */
const ids = (...shape: number[]) => numbers(...shape).abs().mul(1.9).cast("int32").cast("float32").detach();

type Case = readonly [model: nn.Module, rows: Tensor];

const of = (forward: (x: Tensor) => Tensor, ...shape: number[]): Case => [{ forward }, numbers(5, ...shape)];
const layer = (model: nn.Module, ...shape: number[]): Case => [nn.initialize(model, 1), numbers(5, ...shape)];
const { concatenate } = autodiff;

/** Moments of a batch normalisation that are not 0 and 1. */
function moved<M extends nn.BatchNorm>(norm: M): M {
  nn.initialize(norm, 1);
  norm.running_mean.fill((i) => Math.cos(i));
  norm.running_var.fill((i) => 0.5 + i);
  norm.weight?.fill((i) => 1 + i / 4);
  norm.bias?.fill((i) => i / 8);
  return norm;
}

const labels = Array.from({ length: 60 }, (_, i) => +(Math.sin(5.3 * i) > 0));
const grown = { features: numbers(60, 3), labels };

/** Layers of `nn`, by class. */
export const layers: Record<string, Case[]> = {
  Linear: [layer(new nn.Linear(3, 2), 3), layer(new nn.Linear(3, 2, { bias: false }), 4, 3)],
  Sequential: [layer(new nn.Sequential(new nn.Linear(3, 4), new nn.ReLU(), new nn.Linear(4, 1)), 3)],
  ReLU: [layer(new nn.ReLU(), 3)],
  Tanh: [layer(new nn.Tanh(), 3)],
  Sigmoid: [layer(new nn.Sigmoid(), 3)],
  Softmax: [layer(new nn.Softmax(), 3), layer(new nn.Softmax(1), 3, 2)],
  LogSoftmax: [layer(new nn.LogSoftmax(), 3)],
  SiLU: [layer(new nn.SiLU(), 3)],
  LeakyReLU: [layer(new nn.LeakyReLU(0.2), 3)],
  GELU: [layer(new nn.GELU(), 3), layer(new nn.GELU({ approximate: "tanh" }), 3)],
  Dropout: [layer(new nn.Dropout(), 3)],
  Flatten: [layer(new nn.Flatten(), 3, 2)],
  Between: [layer(new nn.Between(2, 5), 3)],
  LinearRegression: [layer(new nn.LinearRegression(3), 3)],
  BoundedLinearRegression: [layer(new nn.BoundedLinearRegression(3, [1, 4]), 3)],
  LogisticRegression: [layer(new nn.LogisticRegression(3), 3), layer(new nn.LogisticRegression(3, 4), 3)],
  Conv1d: [layer(new nn.Conv1d(2, 3, 3, { padding: "same", dilation: 2 }), 2, 9)],
  Conv2d: [
    layer(new nn.Conv2d(2, 3, 3), 2, 5, 6),
    layer(new nn.Conv2d(2, 4, [2, 4], { padding: "same", bias: false }), 2, 5, 6),
    layer(new nn.Conv2d(4, 6, [2, 3], { groups: 2, dilation: [2, 1], stride: [1, 2], padding: 1 }), 4, 5, 6),
  ],
  MaxPool2d: [
    layer(new nn.MaxPool2d(2), 2, 5, 6),
    layer(new nn.MaxPool2d(3, { stride: 2, padding: 1, ceilMode: true }), 2, 5, 6),
    layer(new nn.Sequential(new nn.Conv2d(2, 3, 2), new nn.MaxPool2d(2), new nn.ReLU()), 2, 5, 6),
    layer(new nn.Sequential(new nn.Conv2d(2, 3, 2), new nn.MaxPool2d(2)), 2, 5, 6),
  ],
  AvgPool2d: [
    layer(new nn.AvgPool2d(2), 2, 5, 6),
    layer(new nn.AvgPool2d(3, { stride: 2, padding: 1, ceilMode: true, countIncludePad: false }), 2, 5, 6),
  ],
  MaxPool1d: [layer(new nn.MaxPool1d(2), 2, 7)],
  AvgPool1d: [layer(new nn.AvgPool1d(2), 2, 7)],
  AdaptiveAvgPool2d: [layer(new nn.AdaptiveAvgPool2d(1), 2, 5, 6), layer(new nn.AdaptiveAvgPool2d([2, 4]), 2, 5, 6)],
  AdaptiveMaxPool2d: [layer(new nn.AdaptiveMaxPool2d([1, 2]), 2, 5, 6)],
  AdaptiveAvgPool1d: [layer(new nn.AdaptiveAvgPool1d(3), 2, 7)],
  BatchNorm1d: [
    layer(moved(new nn.BatchNorm1d(3)), 3),
    layer(moved(new nn.BatchNorm1d(3, { affine: false, epsilon: 0.1 })), 3, 4),
  ],
  BatchNorm2d: [layer(moved(new nn.BatchNorm2d(3)), 3, 4, 2)],
  LayerNorm: [layer(new nn.LayerNorm([2, 3]), 4, 2, 3), layer(new nn.LayerNorm(3, { elementwiseAffine: false }), 3)],
  Embedding: [[nn.initialize(new nn.Embedding(4, 3, { paddingIdx: 1 }), 1), ids(5, 6)]],
  RNN: [
    layer(new nn.RNN(2, 3, { batchFirst: true, bidirectional: true, numLayers: 2 }), 4, 2),
    layer(new nn.RNN(2, 3, { batchFirst: true, nonlinearity: "relu" }), 4, 2),
  ],
  LSTM: [layer(new nn.LSTM(2, 3, { batchFirst: true, bidirectional: true, numLayers: 2 }), 4, 2)],
  GRU: [layer(new nn.GRU(2, 3, { batchFirst: true, bidirectional: true, bias: false }), 4, 2)],
  RNNCell: [layer(new nn.RNNCell(2, 3), 2)],
  LSTMCell: [layer(new nn.LSTMCell(2, 3), 2)],
  GRUCell: [layer(new nn.GRUCell(2, 3), 2)],
  MultiheadAttention: [layer(new nn.MultiheadAttention(4, 2, { batchFirst: true }), 3, 4)],
  DecisionTree: [
    [nn.DecisionTree.grow(grown), numbers(5, 3)],
    [nn.DecisionTree.grow(grown, { maxDepth: 0 }), numbers(5, 3)],
    [nn.DecisionTree.grow(grown, { classes: "regression" }), numbers(5, 3)],
  ],
  RandomForest: [[nn.RandomForest.grow(grown, { trees: 3, classes: 3 }), numbers(5, 3)]],
};

const causal = nn.initialize(new nn.MultiheadAttention(4, 2, { batchFirst: true }), 1), one = tensor([[1, 2, 3], [0, 1, 0]]);
const whole = (x: Tensor) => x.mul(3).cast("int32"), positive = (x: Tensor) => x.abs().add(0.1);

const doubles = nn.castModule(
  nn.initialize(
    new nn.Sequential(
      new nn.Conv2d(1, 2, 2),
      new nn.MaxPool2d(2, { padding: 1 }),
      new nn.Flatten(),
      new nn.LayerNorm(8),
      new nn.GELU(),
      new nn.Linear(8, 2),
      new nn.Softmax(),
    ),
    1,
  ),
  "float64",
);

/** Operations of tensors, by name. */
export const operations: Record<string, Case> = {
  unary: of(
    (x) => concatenate([x.neg(), x.exp(), positive(x).log(), positive(x).sqrt(), x.abs(), autodiff.sign(x), x.softplus()], 1),
    3,
  ),
  waves: of((x) => autodiff.sin(x).mul(autodiff.cos(x)), 3),
  rounding: of((x) => autodiff.floor(x).add(autodiff.ceil(x.mul(2))).add(autodiff.round(x.mul(4).div(2))), 3),
  integers: of((x) => autodiff.floor(whole(x).add(1)).mul(whole(x)).cast("float32"), 3),
  binary: of((x) => positive(x).pow(1.5).div(x.sub(4)).maximum(x).minimum(1.5).add(one.slice(0, 0, 1)), 3),
  comparisons: of((x) => {
    const y = x.slice(1, 0, 1);
    return concatenate([x.equal(y), x.notEqual(y), x.less(y), x.lessEqual(y), x.greater(y), x.greaterEqual(y)], 1);
  }, 3),
  logic: of((x) => autodiff.logicalAnd(x.greater(0), autodiff.logicalNot(x.less(1))).add(autodiff.isFinite(x)), 3),
  weightedSum: of((x) => autodiff.weightedSum([x, x.square(), x.exp()], [1, -2, 0.5], 3), 3),
  choices: of((x) => autodiff.where(x.greater(0), x, -1).add(x.clip(-1, 1)), 3),
  reductions: of(
    (x) => {
      const kept = { keepDims: true };
      return concatenate([x.sum(1, kept), x.mean(1, kept), x.max(1, kept), x.min(1, kept), x.variance(1, kept)], 1).add(
        x.sum([1, 2]).reshape(-1, 1, 1),
      );
    },
    3,
    2,
  ),
  spread: of(
    (x) => autodiff.std(x, 1).add(autodiff.norm(x, 2, 1)).add(autodiff.norm(x, 3, 1)).add(autodiff.norm(x, Infinity, 1)),
    3,
  ),
  logSumExp: of((x) => autodiff.logSumExp(x, 1), 3),
  products: of((x) => autodiff.prod(x, 1, { keepDims: true }).add(autodiff.cumprod(x, 1)).add(autodiff.cumsum(x, 1)), 5),
  extremes: of((x) => autodiff.argmax(x, 1).add(autodiff.argmin(x, 1)).cast("float32"), 4),
  sort: of((x) => {
    const { values, indices } = autodiff.sort(x, 1, { descending: true });
    return concatenate([values, indices.cast("float32"), autodiff.topk(x, 2, 1, { largest: false }).values], 1);
  }, 4),
  shapes: of((x) => autodiff.swapAxes(x, 1, 2).unsqueeze(1).squeeze(1).flatten(1).reshape(-1, 3, 2), 3, 2),
  tiles: of((x) => autodiff.tile(x, [1, 2]).add(x.slice(1, 0, 1).broadcastTo([x.shape[0], 6])), 3),
  slices: of(
    (x) => concatenate([x.slice(1, 1, -1), x.slice(1, 0, undefined, 2), autodiff.flip(x, 1), autodiff.roll(x, 2, 1)], 1),
    5,
  ),
  triangles: of((x) => autodiff.tril(x, 1).add(autodiff.triu(x)).add(autodiff.diagonal(x).unsqueeze(2)), 3, 3),
  pad: of((x) => autodiff.pad(x, [[1, 2]], 7), 3),
  rowsTogether: of((x) => x.reshape(-1).slice(0, 0, x.size).reshape(x.shape[0], 3).add(tensor(Array(x.shape[0]).fill([1]))), 3),
  lookups: of((x) => {
    const best = autodiff.argmax(x, 1, { keepDims: true });
    return concatenate([
      x.take([2, 0], 1),
      one.take(x.slice(1, 0, 1).greater(0).reshape(-1)),
      autodiff.gather(x, best, 1),
      autodiff.oneHot(best.reshape(-1), 3),
    ], 1);
  }, 3),
  einsum: of((x) => autodiff.einsum("nij,kj->nik", x, one), 2, 3),
  attention: of((x) => causal.attend(x, x, x, { isCausal: true }), 3, 4),
  doubles: [doubles, numbers(5, 1, 3, 4).cast("float64")],
  wholeNumbers: [nn.initialize(new nn.Embedding(4, 3), 1), ids(5, 2).cast("int32")],
  constantMoments: of((x) => autodiff.standardize(x, [2], { epsilon: 0.1 }), 2, 3),
  dilatedRows: of(
    (x) =>
      autodiff.conv2d(numbers(1, 1, 3, 3), x.mean(0).reshape(1, 1, 2, 2), null, { dilation: 2 }).add(
        x.sum([1, 2, 3]).reshape(-1, 1, 1, 1),
      ),
    1,
    2,
    2,
  ),
};

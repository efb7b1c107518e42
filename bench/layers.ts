/** Layers and losses for `tensors.ts`; Python has them under the same names in peers/layers.py. @module */
import { autodiff, nn, Tensor } from "../mod.ts";

const labels = Tensor.from(Int32Array.from({ length: 1000 }, (_, i) => i % 100)), weight = autodiff.rand([100], 1).add(0.5);
const words = Tensor.from(Int32Array.from({ length: 32 * 24 }, (_, i) => (i * 7919) % 2000), [32, 24]);
const layer = <Layer extends nn.Module>(made: Layer) => nn.initialize(made, 0);
const of = (made: nn.Module) => (x: Tensor) => made.forward(x);

const embedding = layer(new nn.Embedding(2000, 32, { paddingIdx: 0 }));
const heads = layer(new nn.MultiheadAttention(64, 4, { batchFirst: true }));
const images = [32, 16, 28, 28], rows = [1000, 100], sequence = [50, 32, 64];

/** Name, shapes of the inputs, and what is timed. */
export const layers: [name: string, shapes: number[][], apply: (...x: Tensor[]) => Tensor][] = [
  ["Conv1d, 16 to 32 channels, 5 wide, of [32, 16, 200]", [[32, 16, 200]], of(layer(new nn.Conv1d(16, 32, 5)))],
  ["Conv2d, 16 to 16, 3 x 3, dilation 2", [images], of(layer(new nn.Conv2d(16, 16, 3, { dilation: 2, padding: 2 })))],
  ["Conv2d, 16 to 16, 3 x 3, 4 groups", [images], of(layer(new nn.Conv2d(16, 16, 3, { groups: 4, padding: 1 })))],
  ["Conv2d, 16 to 16, 3 x 3, depthwise", [images], of(layer(new nn.Conv2d(16, 16, 3, { groups: 16, padding: 1 })))],
  ["MaxPool2d, 3 x 3, ceilMode", [images], of(new nn.MaxPool2d(3, { ceilMode: true }))],
  ["AvgPool2d, 3 x 3, countIncludePad false", [images], of(new nn.AvgPool2d(3, { padding: 1, countIncludePad: false }))],
  ["AdaptiveAvgPool2d to 1", [images], of(new nn.AdaptiveAvgPool2d(1))],
  ["AdaptiveAvgPool2d to 5", [images], of(new nn.AdaptiveAvgPool2d(5))],
  ["GELU of 1000 x 100", [rows], of(new nn.GELU())],
  ["GELU by tanh of 1000 x 100", [rows], of(new nn.GELU({ approximate: "tanh" }))],
  ["SiLU of 1000 x 100", [rows], of(new nn.SiLU())],
  ["LeakyReLU of 1000 x 100", [rows], of(new nn.LeakyReLU())],
  ["LogSoftmax of 1000 x 100", [rows], of(new nn.LogSoftmax())],
  ["LayerNorm without weights of 1000 x 100", [rows], of(new nn.LayerNorm(100, { elementwiseAffine: false }))],
  ["Embedding of [32, 24], paddingIdx", [], () => embedding.forward(words)],
  ["RNN of [50, 32, 64] to 64", [sequence], of(layer(new nn.RNN(64, 64)))],
  ["GRU of [50, 32, 64] to 64", [sequence], of(layer(new nn.GRU(64, 64)))],
  ["LSTM of [50, 32, 64] to 64", [sequence], of(layer(new nn.LSTM(64, 64)))],
  ["MultiheadAttention, 4 heads, of [32, 24, 64]", [[32, 24, 64]], of(heads)],
  [
    "scaledDotProductAttention, causal, of [32, 4, 24, 16]",
    [[32, 4, 24, 16], [32, 4, 24, 16], [32, 4, 24, 16]],
    (q, k, v) => autodiff.scaledDotProductAttention(q, k, v, { isCausal: true }),
  ],
  ["crossEntropy of 1000 x 100", [rows], (x) => nn.crossEntropy(x, labels)],
  ["crossEntropy, weights and smoothing", [rows], (x) => nn.crossEntropy(x, labels, { weight, labelSmoothing: 0.1 })],
  ["binaryCrossEntropyWithLogits of 1000 x 100", [rows], (x) => nn.binaryCrossEntropyWithLogits(x, autodiff.ones(rows))],
  ["mseLoss of 1000 x 100", [rows], (x) => nn.mseLoss(x, autodiff.ones(rows))],
  ["huberLoss of 1000 x 100", [rows], (x) => nn.huberLoss(x, autodiff.ones(rows))],
];

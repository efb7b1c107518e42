import { test } from "node:test";
import { autodiff, nn, optim, tensor } from "../../mod.ts";
import { checkForeign, checkMisspelt, type Reader } from "../helpers/misspelt.ts";
import { filters, flat, grown, images, random, rule, x } from "./given.ts";

const trees = "classes, criterion, maxDepth, minLeaf, featuresASplit, seed";

const readers: Reader[] = [
  ["tensor()", "dtype, requiresGrad", (o) => tensor([1, 2], [2], o)],
  ["x.sum()", "keepDims", (o) => x().sum(0, o)],
  ["sum()", "keepDims", (o) => autodiff.sum(x(), 0, o)],
  ["mean()", "keepDims", (o) => autodiff.mean(x(), 0, o)],
  ["max()", "keepDims", (o) => autodiff.max(x(), 0, o)],
  ["min()", "keepDims", (o) => autodiff.min(x(), 0, o)],
  ["argmax()", "keepDims", (o) => autodiff.argmax(x(), 0, o)],
  ["argmin()", "keepDims", (o) => autodiff.argmin(x(), 0, o)],
  ["std()", "keepDims, correction", (o) => autodiff.std(x(), 0, o)],
  ["norm()", "keepDims", (o) => autodiff.norm(x(), 2, 0, o)],
  ["prod()", "keepDims", (o) => autodiff.prod(x(), 0, o)],
  ["all()", "keepDims", (o) => autodiff.all(x(), 0, o)],
  ["any()", "keepDims", (o) => autodiff.any(x(), 0, o)],
  ["sort()", "descending", (o) => autodiff.sort(x(), 0, o)],
  ["topk()", "largest", (o) => autodiff.topk(x(), 1, 0, o)],
  ["variance()", "keepDims, correction", (o) => autodiff.variance(x(), 0, o)],
  ["logSumExp()", "keepDims", (o) => autodiff.logSumExp(x(), 0, o)],
  ["standardize()", "epsilon, weight, bias, moments", (o) => autodiff.standardize(x(), 0, o)],
  ["conv2d()", "stride, padding, dilation, groups, direct", (o) => autodiff.conv2d(images(), filters(), null, o)],
  ["maxPool2d()", "stride, padding, ceilMode", (o) => autodiff.maxPool2d(images(), 2, o)],
  ["avgPool2d()", "stride, padding, ceilMode, countIncludePad", (o) => autodiff.avgPool2d(images(), 2, o)],
  [
    "checkGradients()",
    "step, tolerance, order",
    (o) => autodiff.checkGradients((x) => x.square().sum(), [x().cast("float64")], o),
  ],
  ["primitive()", "name, shape, forward, gradient", (o) => autodiff.primitive({ ...rule, ...o } as never)],
  ["Linear", "bias", (o) => new nn.Linear(2, 1, o)],
  ["Conv1d", "stride, padding, dilation, groups, bias", (o) => new nn.Conv1d(1, 1, 2, o)],
  ["Conv2d", "stride, padding, dilation, groups, bias", (o) => new nn.Conv2d(1, 1, 2, o)],
  ["MaxPool1d", "stride, padding, ceilMode", (o) => new nn.MaxPool1d(2, o)],
  ["AvgPool1d", "stride, padding, ceilMode, countIncludePad", (o) => new nn.AvgPool1d(2, o)],
  ["MaxPool2d", "stride, padding, ceilMode", (o) => new nn.MaxPool2d(2, o)],
  ["AvgPool2d", "stride, padding, ceilMode, countIncludePad", (o) => new nn.AvgPool2d(2, o)],
  ["LayerNorm", "epsilon, elementwiseAffine, bias", (o) => new nn.LayerNorm(2, o)],
  ["Embedding", "paddingIdx", (o) => new nn.Embedding(2, 1, o)],
  ["GELU", "approximate", (o) => new nn.GELU(o)],
  ["mseLoss()", "reduction, weight", (o) => nn.mseLoss(x(), x(), o)],
  ["l1Loss()", "reduction, weight", (o) => nn.l1Loss(x(), x(), o)],
  ["huberLoss()", "reduction, weight, delta", (o) => nn.huberLoss(x(), x(), o)],
  ["smoothL1Loss()", "reduction, beta", (o) => nn.smoothL1Loss(x(), x(), o)],
  ["nllLoss()", "reduction, weight, ignoreIndex", (o) => nn.nllLoss(x(), tensor([0, 1]), o)],
  ["crossEntropy()", "reduction, weight, ignoreIndex, labelSmoothing", (o) => nn.crossEntropy(x(), tensor([0, 1]), o)],
  [
    "binaryCrossEntropyWithLogits()",
    "reduction, weight, posWeight",
    (o) => nn.binaryCrossEntropyWithLogits(x(), x().zerosLike(), o),
  ],
  ["BatchNorm1d", "epsilon, momentum, affine", (o) => new nn.BatchNorm1d(2, o)],
  ["BatchNorm2d", "epsilon, momentum, affine", (o) => new nn.BatchNorm2d(2, o)],
  ["Parameter", "requiresGrad, dtype", (o) => new nn.Parameter([2], nn.constant(0), o)],
  ["DecisionTree", "nodes, leaves, classes", (o) => new nn.DecisionTree({ nodes: 3, leaves: 2, classes: 2, ...o })],
  ["DecisionTree.grow()", trees, (o) => nn.DecisionTree.grow(grown, o)],
  ["DecisionTree.grow() on", "features, labels", (o) => nn.DecisionTree.grow({ ...grown, ...o } as never), "data."],
  ["RandomForest.grow()", `${trees}, trees`, (o) => nn.RandomForest.grow(grown, { trees: 2, ...o })],
  ["adam()", "rate, beta1, beta2, epsilon", (o) => optim.adam(flat(), flat(), o).step()],
  ["adamOf()", "rate, beta1, beta2, epsilon", (o) => optim.adamOf(o).step(x(), x())],
  ["sgd()", "rate, momentum", (o) => optim.sgd(flat(), flat(), o).step()],
  ["sgdOf()", "rate, momentum", (o) => optim.sgdOf(o).step(x(), x())],
  ["bfgs()", "tolerance, noise", (o) => optim.bfgs([1, 2], o).next()],
  ["nelderMead()", "spread, tolerance", (o) => optim.nelderMead([1, 2], o).next()],
  ["powell()", "spread, tolerance", (o) => optim.powell([1, 2], o).next()],
  ["cmaEs()", "spread, tolerance, random", (o) => optim.cmaEs([1, 2], { random, ...o }).next()],
];

test("an option with one misspelling is refused, and the error suggests the right one", () => checkMisspelt(readers));

test("for every value of every option, an error comes from the kit", () => checkForeign(readers));

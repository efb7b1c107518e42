import { Tensor } from "../../autodiff/mod.ts";
import { log } from "../../autodiff/mathematics/elementary.ts";
import { showShape } from "../../autodiff/shape.ts";
import { anything, checkOptions, type Known, needed, numbers, whole } from "../../autodiff/options.ts";
import { requireTensors } from "../../autodiff/primitive.ts";
import { lookup } from "../../autodiff/recorder.ts";
import { mersenne, type RandomGenerator } from "../../deps.ts";
import { fromLogits } from "../log_probability.ts";
import type { Module } from "../module.ts";
import { constant, Parameter } from "../parameter.ts";
import { growTree } from "./grow.ts";
import { classesKind, type TreeOptions, treeOptions } from "./options.ts";

/** Candidate data, on which a tree is grown. */
export interface TreeData {
  /** [rows, width]. */
  features: Tensor;
  /** A class 0, 1, … or a number per row. */
  labels: ArrayLike<number>;
}

/** The size of a tree, to load it from a file. */
export interface TreeSize {
  /** Number of nodes, including leaves. */
  nodes: number;
  /** Number of leaves. */
  leaves: number;
  /** Number of classes, or "regression". */
  classes: number | "regression";
}

/**
 * A decision tree with trained leaves. Its structure is fixed, and the leaves' predictions are parameters, so that training can
 * make them keep promises. Leaves are log-odds [leaves, 1], scores of classes [leaves, classes], or numbers [leaves, 1]; they
 * start from the labels of their rows. A file has structure and leaves.
 *
 * @example
 * ```ts
 * import { nn, tensor } from "@seldonian/kit";
 * const tree = nn.DecisionTree.grow({ features: tensor([[1], [2], [3], [4]]), labels: [0, 0, 1, 1] }, { minLeaf: 1 });
 * console.log(tree.forward(tensor([[1.5], [3.5]])).toArray()); // [ [ 0.25 ], [ 0.75 ] ]
 * ```
 */
export class DecisionTree implements Module {
  // float32, which is exact up to 16 million nodes.
  /** By node: the column to compare; -1 in a leaf. */
  readonly feature: Parameter;
  /** By node: rows with at most this value go left, others right. */
  readonly threshold: Parameter;
  /** By node: the left child; in a leaf, the leaf's number. */
  readonly left: Parameter;
  /** By node: the right child. */
  readonly right: Parameter;
  /** The leaves' predictions, before sigmoid or softmax: [leaves, 1] or [leaves, classes]. */
  readonly leaf: Parameter;
  /** Number of classes, or "regression". */
  readonly classes: number | "regression";

  /** A tree of this size, to be loaded from a file. */
  constructor(size: TreeSize) {
    const { nodes, leaves, classes } = checkOptions("make a tree", size, sizes);
    const kept = () => new Parameter([nodes], constant(0), { requiresGrad: false });
    [this.feature, this.threshold, this.left, this.right] = [kept(), kept(), kept(), kept()];
    this.leaf = new Parameter([leaves, outputsOf(classes)], constant(0));
    this.classes = classes;
  }

  /**
   * Grows a tree on candidate data.
   * @throws {RangeError} for features of a wrong shape, labels that are not classes, and option values that are not allowed
   */
  static grow(data: TreeData, options: TreeOptions = {}): DecisionTree {
    checkOptions("grow a tree", options, treeOptions);
    checkData("grow a tree", data);
    const [rows] = data.features.shape;
    return grown(data, options, Int32Array.from({ length: rows }, (_, row) => row), mersenne(options.seed ?? 0));
  }

  /** [rows, columns] to predictions [rows, 1] or, for more than two classes, [rows, classes]. */
  forward(x: Tensor): Tensor {
    const scores = this.leaf.take(this.leafOf(x), 0);
    if (this.classes === "regression") return scores;
    return this.classes === 2 ? fromLogits(scores.sigmoid(), "sigmoid", scores) : fromLogits(scores.softmax(), "softmax", scores);
  }

  /** The leaf of each row, int32. */
  leafOf(x: Tensor): Tensor {
    requireTensors("send through the tree", x);
    const known = leavesBy.get(x)?.get(this);
    if (known !== undefined) return known;
    return lookup("leafOf", [x], this, () => leavesOf(this, x));
  }
}

/** Sends each row from the root to its leaf. */
function leavesOf(tree: DecisionTree, x: Tensor): Tensor {
  const [rows, width] = x.shape, { data } = x, leaves = new Int32Array(rows);
  const [feature, threshold, left, right] = [tree.feature, tree.threshold, tree.left, tree.right].map(({ data }) => data);
  if (x.rank !== 2 || feature.some((f) => f >= width)) {
    throw new RangeError(`Cannot send features of shape ${showShape(x.shape)} through the tree: it was grown on more features`);
  }
  for (let row = 0; row < rows; row++) {
    let node = 0;
    while (feature[node] >= 0) node = data[row * width + feature[node]] <= threshold[node] ? left[node] : right[node];
    leaves[row] = left[node];
  }
  const found = Tensor.from(leaves);
  if (!leavesBy.has(x)) leavesBy.set(x, new Map());
  leavesBy.get(x)!.set(tree, found);
  return found;
}

const sizes: Known<TreeSize> = { nodes: needed(whole(1)), leaves: needed(whole(1)), classes: needed(classesKind) };
const parts: Known<TreeData> = { features: anything, labels: needed(numbers) };

/** @throws {TypeError} unless it is data for a tree */
export function checkData(action: string, data: TreeData): void {
  checkOptions(action, data, parts, "data");
  requireTensors(`${action} on`, data.features);
}

/** The leaves by features: all rows return at every step and reach the same leaves. */
const leavesBy = new WeakMap<Tensor, Map<DecisionTree, Tensor>>();

/** Grows a tree on some of the rows; a row may occur several times. */
export function grown(
  { features, labels }: TreeData,
  { classes = 2, ...options }: TreeOptions,
  rows: Int32Array,
  random: RandomGenerator,
): DecisionTree {
  if (features.rank !== 2 || features.shape[0] !== labels.length) {
    throw new RangeError(`Cannot grow a tree on features of shape ${showShape(features.shape)} and ${labels.length} labels`);
  }
  const count = classes === "regression" ? 0 : classes;
  for (let row = 0; row < labels.length && count > 0; row++) {
    if (Number.isInteger(labels[row]) && labels[row] >= 0 && labels[row] < count) continue;
    throw new RangeError(`Cannot grow a tree: label ${labels[row]} of row ${row} is not a class from 0 to ${count - 1}`);
  }
  const structure = growTree({ x: features.data, width: features.shape[1], y: labels, classes: count, rows }, options, random);
  const tree = new DecisionTree({ nodes: structure.feature.length, leaves: structure.leaves.length, classes });
  tree.feature.fill((i) => structure.feature[i]);
  tree.threshold.fill((i) => structure.threshold[i]);
  tree.left.fill((i) => structure.left[i]);
  tree.right.fill((i) => structure.right[i]);
  const outputs = outputsOf(classes), initial = structure.leaves.flatMap((places) => startOf(places, rows, labels, classes));
  tree.leaf.fill((i) => initial[i]);
  if (initial.length !== structure.leaves.length * outputs) throw new Error("a leaf and the tree differ in number of outputs");
  return tree;
}

/** A leaf's initial prediction. Each class counts as seen once more (Laplace's rule), so that none is impossible. */
function startOf(places: Int32Array, rows: Int32Array, labels: ArrayLike<number>, classes: number | "regression"): number[] {
  const found = Array.from(places, (place) => labels[rows[place]]), n = found.length;
  if (classes === "regression") return [found.reduce((sum, y) => sum + y, 0) / n];
  const logs = Array.from({ length: classes }, (_, k) => log((found.filter((y) => y === k).length + 1) / (n + classes)));
  return classes === 2 ? [logs[1] - logs[0]] : logs;
}

function outputsOf(classes: number | "regression"): number {
  return classes === "regression" || classes === 2 ? 1 : classes;
}

import type { Tensor } from "../../autodiff/mod.ts";
import { checkArgument, checkOptions, list } from "../../autodiff/options.ts";
import { mersenne, uniformInt } from "../../deps.ts";
import type { Module } from "../module.ts";
import { checkData, DecisionTree, grown, type TreeData, type TreeSize } from "./decision_tree.ts";
import { type ForestOptions, forestOptions } from "./options.ts";

/**
 * The mean prediction of several decision trees. Each is grown on a bootstrap sample of the rows, with splits that consider some
 * of the features, by default the square root of their number. All leaves are trained together. Source: L. Breiman, "Random
 * forests", Machine Learning 45 (2001).
 */
export class RandomForest implements Module {
  /** The trees whose predictions are averaged. */
  readonly trees: readonly DecisionTree[];

  /** A forest of trees of these sizes, to be loaded from a file. */
  constructor(trees: readonly TreeSize[] | readonly DecisionTree[]) {
    checkArgument("make a forest", "the list of trees", trees, list);
    this.trees = trees.map((tree) => tree instanceof DecisionTree ? tree : new DecisionTree(tree));
  }

  /**
   * Grows a forest on candidate data.
   * @throws {RangeError} as {@link DecisionTree.grow}
   */
  static grow(data: TreeData, given: ForestOptions = {}): RandomForest {
    checkOptions("grow a forest", given, forestOptions);
    checkData("grow a forest", data);
    const [rows, width = 1] = data.features.shape;
    const { trees = 20, seed = 0, featuresASplit = Math.max(1, Math.round(Math.sqrt(width))), ...options } = given;
    const some = { featuresASplit, ...options }, random = mersenne(seed);
    return new RandomForest(
      Array.from(
        { length: trees },
        () => grown(data, some, Int32Array.from({ length: rows }, () => uniformInt(random, 0, rows - 1)), random),
      ),
    );
  }

  /** [rows, columns] to predictions [rows, 1] or, for more than two classes, [rows, classes]. */
  forward(x: Tensor): Tensor {
    return this.trees.map((tree) => tree.forward(x)).reduce((sum, told) => sum.add(told)).div(this.trees.length);
  }
}

import { type Kind, type Known, whole } from "../../autodiff/options.ts";
import type { GrowOptions } from "./grow.ts";

/** Options of a tree. */
export interface TreeOptions extends GrowOptions {
  /** Number of classes: 2 (default), one probability per row; more, one per class; "regression": numbers. */
  classes?: number | "regression";
  /** Default 0. */
  seed?: number;
}

/** Options of a forest. */
export interface ForestOptions extends TreeOptions {
  /** Default 20. */
  trees?: number;
}

const wholeFrom = (value: unknown, least: number) => Number.isInteger(value) && (value as number) >= least;

/** Number of classes, or "regression". */
export const classesKind: Kind = {
  wanted: 'a whole number from 2, or "regression"',
  holds: (value) => value === "regression" || wholeFrom(value, 2),
};

/** The kind of each option of a tree. */
export const treeOptions: Known<TreeOptions> = {
  classes: classesKind,
  criterion: {
    type: "string",
    wanted: '"gini" (default), "entropy" or "log_loss" of classes, or "squared_error" of numbers',
    holds: (value, { classes }: TreeOptions) =>
      (classes === "regression" ? ["squared_error"] : ["gini", "entropy", "log_loss"]).includes(value as string),
  },
  maxDepth: {
    type: "number",
    wanted: "a whole number from 0, or Infinity",
    holds: (value) => value === Infinity || wholeFrom(value, 0),
  },
  minLeaf: whole(1),
  featuresASplit: whole(1),
  seed: whole(),
};

/** The kind of each option of a forest. */
export const forestOptions: Known<ForestOptions> = { ...treeOptions, trees: whole(1) };

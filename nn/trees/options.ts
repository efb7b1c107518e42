import type { TreeOptions } from "./decision_tree.ts";
import type { ForestOptions } from "./random_forest.ts";

/** What an option may be, in words and as a test. */
interface Wanted {
  wanted: string;
  holds(value: unknown, options: TreeOptions): boolean;
}

const isWhole = (value: unknown, least = -Infinity) => Number.isInteger(value) && (value as number) >= least;
const whole = (least: number): Wanted => ({ wanted: `a whole number from ${least}`, holds: (value) => isWhole(value, least) });

/** Every option of a forest; a tree has all but `trees`. */
const wantedOf: Record<keyof ForestOptions, Wanted> = {
  classes: { wanted: 'a whole number from 2, or "regression"', holds: (value) => value === "regression" || isWhole(value, 2) },
  criterion: {
    wanted: '"gini" (default), "entropy" or "log_loss" of classes, or "squared_error" of numbers',
    holds: (value, { classes }) =>
      (classes === "regression" ? ["squared_error"] : ["gini", "entropy", "log_loss"]).includes(value as string),
  },
  maxDepth: { wanted: "a whole number from 0, or Infinity", holds: (value) => value === Infinity || isWhole(value, 0) },
  minLeaf: whole(1),
  featuresASplit: whole(1),
  seed: { wanted: "a whole number", holds: (value) => isWhole(value) },
  trees: whole(1),
};

/** @throws {RangeError} for an option that there is not, or a value that it cannot have; `undefined` is the default */
export function checkOptions(what: "tree" | "forest", options: ForestOptions): void {
  const known = Object.keys(wantedOf).filter((name) => what === "forest" || name !== "trees");
  for (const [name, value] of Object.entries(options)) {
    if (!known.includes(name)) {
      throw new RangeError(`Cannot grow a ${what}: there is no option ${name}; wanted some of ${known.join(", ")}`);
    }
    const { wanted, holds } = wantedOf[name as keyof ForestOptions];
    if (value === undefined || holds(value, options)) continue;
    const found = typeof value === "string" ? `"${value}"` : value;
    throw new RangeError(`Cannot grow a ${what}: ${name} is ${found}; wanted ${wanted}`);
  }
}

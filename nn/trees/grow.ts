import { log } from "../../autodiff/mathematics/elementary.ts";
import { type RandomGenerator, uniformInt } from "../../deps.ts";

/** Options of growing a tree. */
export interface GrowOptions {
  /**
   * The impurity that each split minimises, with scikit-learn's names. For classes "gini" (default), n (1 - Σ p²) of both sides;
   * or "entropy", the same as "log_loss", -n Σ p ln p. For numbers "squared_error", n times their variance.
   */
  criterion?: "gini" | "entropy" | "log_loss" | "squared_error";
  /** The most splits on a path; default 6. */
  maxDepth?: number;
  /** The fewest rows in a leaf; default 5. */
  minLeaf?: number;
  /** Number of features that each split considers, drawn at random; default: all. */
  featuresASplit?: number;
}

/** Rows to grow on. */
export interface Grown {
  /** [rows, width], row-major. */
  x: ArrayLike<number>;
  width: number;
  /** A class 0, 1, … or a number per row. */
  y: ArrayLike<number>;
  /** Number of classes; 0: y are numbers. */
  classes: number;
  /** The rows; one may occur several times. */
  rows: Int32Array;
}

/** A tree as lists by node; node 0 is the root. A leaf has feature -1 and its number in `left`. */
export interface TreeStructure {
  feature: number[];
  /** A row goes left if its feature is at most this, a float32. */
  threshold: number[];
  left: number[];
  right: number[];
  /** The rows of each leaf, as positions in the list of rows that the tree was grown on. */
  leaves: Int32Array[];
}

/**
 * Grows a tree greedily: each split minimises the impurity of both sides.
 * Features are sorted once, and each split partitions the sorted lists.
 * Source: L. Breiman, J. Friedman, R. Olshen and C. Stone, "Classification and Regression Trees" (1984).
 */
export function growTree(
  { x, width, y, classes, rows }: Grown,
  { criterion = "gini", maxDepth = 6, minLeaf = 5, featuresASplit = width }: GrowOptions,
  random: RandomGenerator,
): TreeStructure {
  const tree: TreeStructure = { feature: [], threshold: [], left: [], right: [], leaves: [] }, n = rows.length;
  const at = (place: number, feature: number) => x[rows[place] * width + feature], label = (place: number) => y[rows[place]];
  const sorted = Array.from({ length: width }, (_, feature) => {
    const values = Float64Array.from({ length: n }, (_, place) => at(place, feature));
    return Int32Array.from({ length: n }, (_, place) => place).sort((a, b) => values[a] - values[b] || a - b);
  });
  const entropy = criterion === "entropy" || criterion === "log_loss" ? entropyTerms(n) : null;
  const goesLeft = new Uint8Array(n), spare = new Int32Array(n);
  grow(0, n, 0);
  return tree;

  /** Grows the node of the positions from start to end of each sorted list, and returns its number. */
  function grow(start: number, end: number, depth: number): number {
    const node = tree.feature.length, split = depth < maxDepth && end - start >= 2 * minLeaf ? bestSplit(start, end) : null;
    tree.feature.push(split?.feature ?? -1);
    tree.threshold.push(split?.threshold ?? 0);
    tree.left.push(0);
    tree.right.push(0);
    if (split === null) {
      // Without features, all rows are one leaf.
      const places = width === 0 ? Int32Array.from({ length: n }, (_, place) => place) : sorted[0].slice(start, end);
      tree.left[node] = tree.leaves.push(places.sort()) - 1;
      return node;
    }
    const middle = start + split.count;
    for (let i = start; i < end; i++) goesLeft[sorted[split.feature][i]] = i < middle ? 1 : 0;
    for (const list of sorted) {
      let left = start, right = 0;
      for (let i = start; i < end; i++) {
        if (goesLeft[list[i]] === 1) list[left++] = list[i];
        else spare[right++] = list[i];
      }
      list.set(spare.subarray(0, right), left);
    }
    tree.left[node] = grow(start, middle, depth + 1);
    tree.right[node] = grow(middle, end, depth + 1);
    return node;
  }

  function bestSplit(start: number, end: number): { feature: number; threshold: number; count: number } | null {
    const size = end - start, whole = new Moments(classes, entropy);
    for (let i = start; i < end; i++) whole.add(label(sorted[0][i]), 1);
    if (whole.impurity() <= 1e-12 * size) return null;
    // A split without an immediate gain, as for an exclusive or, may be what the next ones need.
    let best: { feature: number; threshold: number; count: number } | null = null, least = Infinity;
    for (const feature of looked()) {
      const list = sorted[feature], left = new Moments(classes, entropy), right = whole.copy();
      for (let i = start; i < end - 1; i++) {
        const y = label(list[i]), here = at(list[i], feature), next = at(list[i + 1], feature), count = i + 1 - start;
        left.add(y, 1);
        right.add(y, -1);
        if (here === next || count < minLeaf || size - count < minLeaf) continue;
        const impurity = left.impurity() + right.impurity();
        if (impurity >= least) continue;
        const middle = Math.fround((here + next) / 2);
        // There may be no float32 between neighbours.
        [least, best] = [impurity, { feature, threshold: middle >= here && middle < next ? middle : here, count }];
      }
    }
    return best;
  }

  /** The features that a split considers. */
  function looked(): number[] {
    const all = Array.from({ length: width }, (_, feature) => feature);
    if (featuresASplit >= width) return all;
    for (let i = 0; i < featuresASplit; i++) {
      const j = uniformInt(random, i, width - 1);
      [all[i], all[j]] = [all[j], all[i]];
    }
    return all.slice(0, featuresASplit);
  }
}

/** c ln c for c = 0 … n, the terms of entropies. */
function entropyTerms(n: number): Float64Array {
  return Float64Array.from({ length: n + 1 }, (_, c) => c === 0 ? 0 : c * log(c));
}

/** The sums for the impurity of some labels. */
class Moments {
  readonly #counts: Float64Array;
  #n = 0;
  #sum = 0;
  #squares = 0;

  /** @param entropy c ln c for each count c, for the entropy instead of Gini's impurity */
  constructor(readonly classes: number, readonly entropy: Float64Array | null) {
    this.#counts = new Float64Array(classes);
  }

  add(y: number, times: 1 | -1): void {
    this.#n += times;
    if (this.classes === 0) {
      this.#sum += times * y;
      this.#squares += times * y * y;
    } else this.#counts[y] += times;
  }

  copy(): Moments {
    const twin = new Moments(this.classes, this.entropy);
    twin.#counts.set(this.#counts);
    [twin.#n, twin.#sum, twin.#squares] = [this.#n, this.#sum, this.#squares];
    return twin;
  }

  /** n times Gini's impurity, n (1 - Σ p²), the entropy, -n Σ p ln p, or the variance, Σ y² - (Σ y)² / n. */
  impurity(): number {
    if (this.#n === 0) return 0;
    if (this.classes === 0) return Math.max(0, this.#squares - this.#sum * this.#sum / this.#n);
    const { entropy } = this;
    if (entropy !== null) return Math.max(0, this.#counts.reduce((left, count) => left - entropy[count], entropy[this.#n]));
    let squares = 0;
    for (const count of this.#counts) squares += count * count;
    return this.#n - squares / this.#n;
  }
}

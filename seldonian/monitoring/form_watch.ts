import { kinshipOf, type Known } from "../constraints/membership.ts";
import { type About, kinOf } from "./kin.ts";
import type { LinearForm } from "../constraints/linear.ts";
import type { Leaf } from "../constraints/expression.ts";
import { type Capital, daring, grow, growBy, newCapital } from "./e_process.ts";
import { type Course, follow, followBy, newCourse } from "./course.ts";

/** The terms of a form on one group of rows: u = Σ coefficient · value. */
export interface Part {
  terms: LinearForm["terms"];
  low: number;
  high: number;
}

/** What a formula constant + Σ E[u_G | G] keeps of its outcomes, whatever their number. */
export interface FormState {
  capital: Capital;
  course: Course;
  /** The open block: by group, the u of its rows; or one list a row, with u by group. */
  open: (number | null)[][];
  /** By group, the rows since the block began, and their usual number. */
  seen: number[];
  usual: number[];
  /** By group, the mean of u over rather recent rows. */
  recent: number[];
}

/** The least and the greatest number of rows of each group in a block of exclusive groups. */
const leastRows = 3, mostRows = 32;
/** A group that is more frequent than the rarest has more rows, but not so many that blocks often wait for them. */
const caution = 0.75;
/** The number of rows in a block of groups that may overlap. */
const mixedRows = 6;

/**
 * Tests "constant + Σ E[u_G | G] <= 0" for all time.
 *
 * - One group: every row's value constant + u is a step. A bet is valid if the mean given the past is at most 0; it may drift.
 * - Groups without common rows: a step is a block. Of each group G it takes the next n_G rows, at least {@link leastRows}, and
 *   ends when it has them all; further rows of a group are left out. Every n_G, t and r_G with Σ r_G = -constant is chosen before
 *   the block. A bet multiplies by Π_G Π_rows (1 + t (u - r_G) / n_G). If u has the mean m_G given the past, the same throughout the
 *   block, a row's factor has the mean c_G = 1 + t (m_G - r_G) / n_G, whichever group comes next and why. So the product of factors
 *   divided by their c_G is a martingale; a block ends with exactly n_G factors of each, and the mean of its product is at most
 *   Π c_G^n_G <= (1 + t (g - 0) / N)^N with N = Σ n_G, by the inequality of means: at most 1 where the block's means keep the
 *   promise. They may change from block to block. Source of the factors: R. Turner, A. Ly and P. Grünwald, "Generic E-variables for
 *   exact sequential k-sample tests" (2024), for two groups and 0/1.
 * - Groups that may overlap: a step is {@link mixedRows} rows that are in some group; the value is the mean of constant + Σ u_G
 *   over all choices of distinct rows, one in each group, and 0 for choices that are not. Its mean is g Π P(G).
 */
export class FormWatch {
  readonly kind: "rows" | "blocks" | "tuples";
  /** The range of the formula. */
  readonly range: readonly [number, number];
  /** The range of what moves its course at once: the formula; in a block, a row, whose weight is at most 1 / leastRows. */
  readonly length: number;
  readonly #constant: number;
  readonly #greatest: number;

  constructor({ constant }: LinearForm, readonly parts: readonly Part[], about: About) {
    const pairs = parts.flatMap((a, i) => parts.slice(i + 1).map((b) => kinOf(a.terms[0].leaf, b.terms[0].leaf, about)));
    this.kind = parts.length < 2 ? "rows" : pairs.every((kin) => kin === "exclusive") ? "blocks" : "tuples";
    this.#constant = constant;
    this.range = [
      parts.reduce((sum, { low }) => sum + low, constant),
      parts.reduce((sum, { high }) => sum + high, constant),
    ];
    this.length = this.kind === "blocks"
      ? Math.max(...parts.map(({ low, high }) => high - low)) / leastRows
      : this.range[1] - this.range[0];
    const least = this.kind === "tuples" ? leastOfTuples(constant, parts, about) : this.range[0];
    this.#greatest = daring / Math.max(-least, 1e-3 * (this.range[1] - this.range[0]));
  }

  initial(): FormState {
    return {
      capital: newCapital(),
      course: newCourse(),
      open: this.#noRows(),
      seen: this.parts.map(() => 0),
      usual: this.parts.map(() => 1),
      recent: this.parts.map(({ low, high }) => (low + high) / 2),
    };
  }

  /**
   * One outcome.
   * @param values u by group; `null` where it is not in it
   * @returns what the greatest bet wins, if the outcome is a step
   */
  add(state: FormState, values: readonly (number | null)[]): number | undefined {
    if (values.every((u) => u === null)) return;
    if (this.kind === "rows") {
      const y = this.#constant + values[0]!, won = this.#greatest * y;
      growBy(state.capital, 1, won);
      this.#follow(state, y, 1);
      return won;
    }
    if (this.kind === "blocks") this.#block(state, values);
    else this.#tuples(state, values);
  }

  /** Whether no block is open. */
  settled({ open }: FormState): boolean {
    return open.every((rows) => rows.length === 0);
  }

  #block(state: FormState, values: readonly (number | null)[]): void {
    const { open, seen, usual, recent, capital } = state, { parts } = this, rarest = Math.min(...usual);
    const counts = usual.map((n) => Math.min(mostRows, Math.max(leastRows, Math.floor(caution * leastRows * n / rarest))));
    values.forEach((u, i) => {
      if (u === null) return;
      seen[i]++;
      if (open[i].length < counts[i]) open[i].push(u);
    });
    if (open.some((rows, i) => rows.length < counts[i])) return;
    const sums = open.map((rows) => rows.reduce<number>((sum, u) => sum + u!, 0));
    // Guesses of variances, so that the best bet per unit hardly depends on the block.
    const spreads = parts.map(({ low, high }, i) => Math.max(0.01 * (high - low) ** 2, (recent[i] - low) * (high - recent[i])));
    const noises = spreads.map((v, i) => v / counts[i]), noise = noises.reduce((a, b) => a + b);
    const about = edgeNear(this.#constant, recent, noises);
    // The greatest t that leaves every factor positive.
    const most = daring / Math.max(1e-300, ...about.map((r, i) => (r - parts[i].low) / counts[i]));
    // The best t for an excess g is about g / noise.
    const unit = Math.max(0, this.range[1]) / noise;
    grow(capital, counts.reduce((sum, n) => sum + n), (size) => {
      const t = Math.min(most, unit * size);
      let factor = 1;
      open.forEach((rows, i) => rows.forEach((u) => factor *= 1 + t / counts[i] * (u! - about[i])));
      return factor;
    });
    const y = sums.reduce((sum, s, i) => sum + s / counts[i], this.#constant);
    const evenly = parts.reduce((sum, { low, high }, i) => sum + (high - low) ** 2 / counts[i], 0);
    const weight = Math.min(1, parts.reduce((sum, { low, high }) => sum + (high - low) ** 2, 0) / (1.5 * leastRows) / evenly);
    let spread = 0;
    open.forEach((rows, i) => rows.forEach((u) => spread += (weight / counts[i] * (u! - recent[i])) ** 2));
    followBy(state.course, weight * y, weight, spread);
    recent.forEach((r, i) => {
      const forget = Math.min(0.5, counts[i] / 200);
      recent[i] = r + forget * (sums[i] / counts[i] - r);
    });
    seen.forEach((n, i) => usual[i] += Math.max(0.1, 1 / state.course.steps) * (n - usual[i]));
    state.open = this.#noRows();
    state.seen = seen.map(() => 0);
  }

  #tuples(state: FormState, values: readonly (number | null)[]): void {
    const rows = state.open;
    rows.push([...values]);
    if (rows.length < mixedRows) return;
    let sum = 0, count = 0;
    const choose = (i: number, taken: number, value: number) => {
      if (i === values.length) {
        sum += value;
        count++;
        return;
      }
      rows.forEach((row, j) => {
        if (row[i] !== null && (taken & 1 << j) === 0) choose(i + 1, taken | 1 << j, value + row[i]!);
      });
    };
    choose(0, 0, this.#constant);
    const all = choices(values.length), y = sum / all;
    growBy(state.capital, mixedRows, this.#greatest * y);
    this.#follow(state, y, count / all);
    state.open = this.#noRows();
  }

  #follow({ course }: FormState, top: number, bottom: number): void {
    follow(course, top, bottom, (this.range[0] + this.range[1]) / 2);
  }

  #noRows(): FormState["open"] {
    return this.kind === "tuples" ? [] : this.parts.map(() => []);
  }
}

/** Where constant + Σ u_G is 0, nearest to a guess of u_G: against other such points, a bet on the guess wins at least as much. */
export function edgeNear(constant: number, guess: readonly number[], noises: readonly number[]): number[] {
  const excess = guess.reduce((sum, u) => sum + u, constant), noise = noises.reduce((a, b) => a + b);
  return guess.map((u, i) => u - excess * noises[i] / noise);
}

/** The groups of a form: measures of the same rows are one. */
export function partsOf({ terms }: LinearForm, known: Known, rangeOf: (leaf: Leaf) => readonly [number, number]): Part[] {
  const groups: LinearForm["terms"][number][][] = [];
  for (const term of terms) {
    const group = groups.find(([{ leaf }]) => kinshipOf(leaf, term.leaf, known) === "same");
    if (group === undefined) groups.push([term]);
    else group.push(term);
  }
  return groups.map((terms) => {
    const ends = terms.map(({ leaf, coefficient }) => rangeOf(leaf).map((end) => coefficient * end).sort((a, b) => a - b));
    const [low, high] = [0, 1].map((side) => ends.reduce((sum, end) => sum + end[side], 0));
    return { terms, low, high };
  });
}

/** The number of ways to choose distinct rows of a block, one for each group. */
function choices(groups: number): number {
  let all = 1;
  for (let i = 0; i < groups; i++) all *= mixedRows - i;
  return all;
}

/** The least value of a block of rows of two groups that may overlap, over all memberships and values. */
function leastOfTuples(constant: number, parts: readonly Part[], { clustered }: About): number {
  const lowest = Math.min(0, parts.reduce((sum, { low }) => sum + low, constant));
  if (parts.length !== 2) return lowest;
  const [a, b] = parts, [x, y] = parts.map(({ terms }) => terms);
  const alike = !clustered && x.length === 1 && y.length === 1 && x[0].leaf.measure === y[0].leaf.measure &&
    `${x[0].leaf.index}` === `${y[0].leaf.index}`;
  // A row in both groups has one value of a measure, not two; a cluster has a mean in each.
  const ofBoth = (p: number, q: number) =>
    alike ? Math.min(...[a.low, a.high].map((u) => p * u + q * u * y[0].coefficient / x[0].coefficient)) : p * a.low + q * b.low;
  let least = 0;
  for (let both = 0; both <= mixedRows; both++) {
    for (let first = 0; first + both <= mixedRows; first++) {
      const inA = first + both, inB = mixedRows - first;
      const value = constant * (inA * inB - both) + first * inB * a.low + (inB - both) * inA * b.low +
        both * ofBoth(inB - 1, inA - 1);
      least = Math.min(least, value / choices(2));
    }
  }
  return Math.max(lowest, least);
}

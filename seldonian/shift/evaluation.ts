import { decided, observed } from "../../autodiff/recorder.ts";
import { Tensor } from "../../autodiff/mod.ts";
import { oneAccount } from "../bounds/one_account.ts";
import type { Sample, Units } from "../constraints/sample.ts";
import { type Conjunct, evaluate, type Evaluation, intervalOf, valueOf } from "../constraints/evaluate.ts";
import { type Expression, type Leaf, leavesIn } from "../constraints/expression.ts";
import { type Group, jointOf } from "../constraints/groups.ts";
import { DomainError, type Interval } from "../constraints/interval.ts";
import { type Forecast, inflated, type Judgement, rangeOf } from "../constraints/judgement.ts";
import { type BoundedLeaf, boundLeaf, checkLeaf } from "../constraints/leaf_bounds.ts";
import { formText, intervalOfForm } from "../constraints/linear.ts";
import { type MixedGroup, type MixedMean, mixedMean, shiftedForecast, shiftedUpper } from "./bounds.ts";
import { groupsWith, type ShiftedGroup } from "./groups.ts";
import type { Strata } from "./strata.ts";
import { scaled } from "./vertices.ts";

/*
 * Let p be the proportions of a population, from a set whose vertices are known. Each measure's mean μ(p) is a quotient of two
 * linear functions of p, so over the set it is greatest and least at vertices. A form in measures is thus at most the form with
 * each measure at a vertex of its own. If it breaks the promise for some p, one of these choices breaks it; the test of this one
 * alone passes with probability at most delta, and the promise passes only if all do. So no choice needs a part of delta.
 *
 * Measures that are at different vertices are in different populations, so this promises more than is asked. A set with two
 * vertices is cut into pieces, and measures are at the ends of the same piece.
 */

/** The most choices of a vertex for each of two groups; beyond it each measure is bounded by itself. */
const mostChoices = 64;

/** A set of populations. */
export interface PopulationSet {
  groups: readonly ShiftedGroup[];
  /** Its vertices: the proportions of the groups. */
  corners: readonly (readonly number[])[];
  /** The ends of its pieces, in order, if it has two vertices; otherwise the vertices. */
  points: readonly (readonly number[])[];
  /** The groups that may have rows of a measure; conditions are compared once. */
  strataOfLeaf: Map<string, number[]>;
}

/** The evaluation of formulas for a set of populations. */
export class Shifted {
  readonly #means = new Map<Group, Map<readonly number[], MixedMean>>();
  /** Equal ones are one object. */
  readonly #mixtures = new Map<string, readonly number[]>();

  constructor(
    readonly set: PopulationSet,
    readonly sample: Sample & Units,
    /** The groups of its rows. */
    readonly strata: Strata,
    readonly judgement: Judgement,
    readonly forecast: Forecast | undefined,
  ) {}

  evaluate(conjunct: Conjunct): Evaluation {
    const { g, form, asOne, delta, shares } = conjunct, { sample, judgement, forecast } = this;
    if (leavesIn(g).every((leaf) => this.#strataOf(leaf).length === 1)) return evaluate(conjunct, sample, judgement, forecast);
    const estimate = () => this.worst(g), value = estimate();
    const joint = asOne && form !== null ? jointOf(form, sample) : null;
    const choices = joint !== null && joint.groups.length <= 2 ? this.#choices(joint.groups) : [];
    if (form !== null && joint !== null && choices.length > 0 && choices.length <= mostChoices) {
      const { upper, n, at } = this.#upper(form.constant, joint.groups, choices, delta);
      const leaves = forecast === undefined ? leavesIn(g).map((leaf) => this.#described(leaf)) : [];
      const interval = { lower: Tensor.scalar(-Infinity), upper };
      const note = decided(() => upper.value === Infinity) ? `${formText(form)} has groups without rows` : undefined;
      const statistic = { text: `${formText(form)} ${at}`, n, ...how, delta };
      return { value, estimate, interval, leaves, statistic, note };
    }
    const found = shares.map(({ leaf, lower, upper }) => this.#leaf(leaf, { lower, upper }));
    const leaves = found.map(({ report }) => report), intervals = new Map(found.map((one) => [one.report.name, one.interval]));
    const note = found.find(({ note }) => note !== undefined)?.note;
    try {
      const interval = form === null ? intervalOf(g, intervals) : intervalOfForm(form, intervals);
      return { value, estimate, interval, leaves, note };
    } catch (error) {
      if (!(error instanceof DomainError)) throw error;
      const interval = { lower: Tensor.scalar(-Infinity), upper: Tensor.scalar(Infinity) };
      return { value, estimate, interval, leaves, note: note ?? error.message };
    }
  }

  /** The mixtures of strata to test, one for each group. */
  #choices(groups: readonly Group[]): (readonly number[])[][] {
    const leaves = groups.map(({ terms }) => terms[0].leaf), { points, corners } = this.set;
    const whole = product(leaves.map((leaf) => this.#mixturesOf(leaf, corners)));
    if (points === corners || whole.length < 4) return whole;
    const found = points.slice(1).flatMap((end, k) => product(leaves.map((leaf) => this.#mixturesOf(leaf, [points[k], end]))));
    return [...new Map(found.map((choice) => [`${choice}`, choice])).values()];
  }

  /** The greatest bound over the choices of a mixture for each group. */
  #upper(constant: number, groups: readonly Group[], choices: readonly (readonly (readonly number[])[])[], delta: number) {
    const { sample, strata, judgement, forecast } = this;
    const none = { upper: Tensor.scalar(Infinity), n: 0, at: "" };
    if (choices.length === 0) return none;
    if (forecast === undefined) groups.forEach(({ terms }) => terms.forEach(({ leaf }) => this.#check(leaf)));
    const found = choices.map((choice) => {
      const mixed = groups.map((group, i): MixedGroup => ({ group, mixture: choice[i] })), at = this.#text(mixed);
      // A group needs rows, and every stratum of its mixture too.
      const some = mixed.every(({ group: { rows }, mixture }) =>
        rows.data.some((row) => mixture[strata.of[row]] > 0) && mixture.every((p, d) => p === 0 || strata.counts[d] > 0)
      );
      if (!some) return { ...none, at };
      if (forecast === undefined) {
        const { value, n } = shiftedUpper(constant, mixed, delta, sample, strata, judgement);
        return { upper: Tensor.scalar(value), n, at };
      }
      const { mean, upper } = shiftedForecast(constant, mixed.map((one) => this.#mean(one)), delta, sample);
      // NaN carries no information.
      if (decided(() => Number.isNaN(upper.value))) return { ...none, at };
      return { upper: inflated(upper, mean, forecast), n: sample.testRows, at };
    });
    return found.reduce((x, y) => decided(() => y.upper.value > x.upper.value) ? y : x);
  }

  #mean(mixed: MixedGroup): MixedMean {
    const known = this.#means.get(mixed.group) ?? new Map<readonly number[], MixedMean>();
    this.#means.set(mixed.group, known);
    const found = known.get(mixed.mixture) ??
      mixedMean(mixed, this.sample, this.strata, this.judgement);
    known.set(mixed.mixture, found);
    return found;
  }

  /** Bounds one measure by itself. */
  #leaf(leaf: Leaf, sides: { lower?: number; upper?: number }): BoundedLeaf {
    const { sample, judgement, forecast } = this, mixtures = this.#mixturesOf(leaf, this.set.corners);
    if (this.#strataOf(leaf).length === 1) return boundLeaf(leaf, sides, sample, judgement, forecast);
    const rows = sample.rowsOf(leaf), [low, high] = rangeOf(leaf, judgement);
    const bound = (coefficient: 1 | -1, delta: number) => {
      const group: Group = { terms: [{ leaf, coefficient }], rows, source: sample };
      const { upper } = this.#upper(0, [group], mixtures.map((mixture) => [mixture]), delta);
      return coefficient === 1 ? upper : upper.neg();
    };
    const interval: Interval = {
      lower: sides.lower === undefined ? Tensor.scalar(low) : bound(-1, sides.lower),
      upper: sides.upper === undefined ? Tensor.scalar(high) : bound(1, sides.upper),
    };
    const ends = {
      lower: sides.lower === undefined ? -Infinity : observed(() => interval.lower.value),
      upper: sides.upper === undefined ? Infinity : observed(() => interval.upper.value),
    };
    const report = {
      ...this.#described(leaf),
      ...how,
      ...ends,
      deltaLower: sides.lower ?? null,
      deltaUpper: sides.upper ?? null,
    };
    const few = decided(() => !Number.isFinite(interval.lower.value) || !Number.isFinite(interval.upper.value));
    return { report, interval, note: few ? `${leaf} has groups without rows` : undefined };
  }

  /** A measure on the data as it is. */
  #described(leaf: Leaf): BoundedLeaf["report"] {
    return boundLeaf(leaf, {}, this.sample, this.judgement, this.forecast).report;
  }

  #check(leaf: Leaf): void {
    checkLeaf(leaf, this.sample, rangeOf(leaf, this.judgement));
  }

  /**
   * The estimate of g for its worst vertex, or end of a piece.
   * @param steps of a search from there, towards vertices, for a worse population within the set
   */
  worst(g: Expression, steps = 0): number {
    const { of, counts } = this.strata, leaves = leavesIn(g);
    const sums = new Map(leaves.map((leaf) => {
      const all = counts.map(() => 0), rows = counts.map(() => 0);
      observed(() => {
        const { data } = this.sample.values(leaf);
        this.sample.rowsOf(leaf).data.forEach((row, i) => {
          all[of[row]] += data[i];
          rows[of[row]]++;
        });
      });
      return [`${leaf}`, { all, rows }];
    }));
    const valueAt = (p: readonly number[]) => {
      const mean = ({ all, rows }: { all: number[]; rows: number[] }) => {
        const over = (sums: number[]) => sums.reduce((total, sum, d) => total + (p[d] > 0 ? p[d] * sum / counts[d] : 0), 0);
        return over(all) / over(rows);
      };
      return valueOf(g, new Map(leaves.map((leaf) => [`${leaf}`, mean(sums.get(`${leaf}`)!)])));
    };
    const { points, corners } = this.set;
    let found = NaN, at: readonly number[] = [];
    const look = (populations: readonly (readonly number[])[]) => {
      const before = at;
      for (const p of populations) {
        const value = valueAt(p);
        if (value > found || Number.isNaN(found) && !Number.isNaN(value)) [found, at] = [value, p];
      }
      return at !== before;
    };
    look(points);
    for (let length = 0.5; at.length > 0 && length > 1e-7 && steps > 0; steps--) {
      if (!look(corners.map((corner) => at.map((p, d) => p + length * (corner[d] - p))))) length /= 2;
    }
    return found;
  }

  /** The strata that may have rows of a measure. */
  #strataOf(leaf: Leaf): number[] {
    const { exclusive, classes } = this.sample, key = `${leaf}\n${classes}`;
    const known = this.set.strataOfLeaf.get(key) ?? groupsWith(leaf, this.set.groups, { exclusive, classes });
    this.set.strataOfLeaf.set(key, known);
    return known;
  }

  /** The mixtures of strata that a measure's rows are from in some populations. */
  #mixturesOf(leaf: Leaf, populations: readonly (readonly number[])[]): (readonly number[])[] {
    const found = populations.flatMap((population) => {
      const mixture = this.#mixtureOf(leaf, population);
      return mixture === null ? [] : [[`${mixture}`, mixture] as const];
    });
    return [...new Map(found).values()];
  }

  /** The mixture in one population; `null` if it has no such rows, and so says nothing of their mean. */
  #mixtureOf(leaf: Leaf, population: readonly number[]): readonly number[] | null {
    const strata = this.#strataOf(leaf), own = population.map((p, d) => strata.includes(d) ? p : 0);
    if (own.every((p) => p === 0)) return null;
    const key = `${own}`, known = this.#mixtures.get(key) ?? scaled(own);
    this.#mixtures.set(key, known);
    return known;
  }

  #text(mixed: readonly MixedGroup[]): string {
    const shown = mixed.map(({ mixture }) =>
      this.set.groups.flatMap(({ name }, d) => mixture[d] > 0 ? [`${name} ${short(mixture[d])}`] : []).join(", ")
    );
    return `for ${[...new Set(shown)].join(" against ")}`;
  }
}

/** All choices of one from each list. */
function product<T>(lists: readonly (readonly T[])[]): T[][] {
  return lists.reduce<T[][]>((all, own) => all.flatMap((choice) => own.map((one) => [...choice, one])), [[]]);
}

const { name, assumes, guarantee } = oneAccount;
const how = { bound: name, assumes: `${assumes}, independent within each group of the shift`, guarantee };

function short(p: number): string {
  return `${Number(p.toPrecision(3))}`;
}

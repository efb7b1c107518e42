import { decided, observed } from "../../autodiff/recorder.ts";
import { Tensor } from "../../autodiff/mod.ts";
import { oneAccount } from "../bounds/one_account.ts";
import type { Batch } from "../constraints/batch.ts";
import { type Conjunct, evaluate, type Evaluation, intervalOf, valueOf } from "../constraints/evaluate.ts";
import { Leaf, leavesIn } from "../constraints/expression.ts";
import { type Group, jointOf } from "../constraints/groups.ts";
import { DomainError, type Interval } from "../constraints/interval.ts";
import { chosenFor, type Forecast, inflated, type Judgement, rangeOf } from "../constraints/judgement.ts";
import { type BoundedLeaf, boundLeaf, checkLeaf } from "../constraints/leaf_bounds.ts";
import { formText, intervalOfForm } from "../constraints/linear.ts";
import type { Measure } from "../constraints/measure.ts";
import { kinshipOf } from "../constraints/membership.ts";
import type { Compared, Promised } from "../constraints/promise.ts";
import type { Source } from "../data/data_set.ts";
import type { Sets } from "../sets.ts";
import { type Mixed, type MixedMean, mixedMean, shiftedForecast, shiftedUpper } from "./bounds.ts";
import { type ShiftedGroup, shiftedGroups } from "./groups.ts";
import type { Populations, Shift } from "./shift.ts";
import { strataOf } from "./strata.ts";
import { scaled, vertices } from "./vertices.ts";

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
/** Pieces of a set with two vertices. */
const pieces = 8;

/** All rows, which a mixture of strata is compared with. */
const everybody: Measure = { name: "all", task: "custom", indices: 0, range: [0, 1], values: ({ labels }) => labels };

/**
 * The promises, each with the populations that it must hold for.
 * @param isTest whether they are planned; then a group without rows fails the test instead of being an error
 * @throws {RangeError} for a shift that the data does not allow, and for what cannot be promised for other populations
 */
export async function shifted(promised: readonly Promised[], sets: Sets<Source>, isTest: boolean): Promise<Compared[]> {
  const made = new Map<string, Populations>(), found: Compared[] = [];
  for (const one of promised) {
    const { shift } = one, key = JSON.stringify(shift);
    if (shift === undefined) found.push(one);
    else {
      checkPossible(one, sets.main);
      const populations = made.get(key) ?? await populationsOf(shift, sets.main, isTest);
      made.set(key, populations);
      found.push({ ...one, populations });
    }
  }
  return found;
}

function checkPossible({ constraint, judgement }: Promised, main: Source): void {
  const refuse = (why: string) => {
    throw new RangeError(
      `Cannot promise "${constraint}" for other populations: ${why}; leave out shift, or promise it by itself`,
    );
  };
  if (main.hasClusters) refuse("rows are in clusters, each of which may have rows of several groups");
  for (const leaf of constraint.leaves) {
    const { measure, data } = leaf, chosen = chosenFor(leaf, judgement), [low, high] = rangeOf(leaf, judgement);
    if (data !== undefined) refuse(`${leaf} is of another data set, and shift is of the main one`);
    if (measure.perRow === false) refuse(`${measure.name} has no value for each row, so that rows have no weights`);
    if (measure.functional !== undefined) refuse(`${measure.name} is no mean`);
    if (measure.sided !== undefined) refuse(`${measure.name} has other values for each side`);
    if (chosen !== undefined && chosen.name !== "star") {
      refuse(`the bound "${chosen.name}" is not proven for them; wanted "auto"`);
    }
    if (high - low === Infinity) refuse(`${leaf} has no finite range; declare one in ranges`);
  }
}

async function populationsOf(shift: Shift, source: Source, isTest: boolean): Promise<Populations> {
  const groups = await shiftedGroups(shift, source, isTest),
    corners = vertices(groups),
    strataOfLeaf = new Map<string, number[]>();
  return {
    evaluate(conjunct, sample, judgement, forecast) {
      const [leaf] = leavesIn(conjunct.g);
      if (leaf === undefined) return evaluate(conjunct, sample, judgement, forecast);
      return new Shifted(groups, corners, sample.source(leaf) as Batch, judgement, forecast, strataOfLeaf).evaluate(conjunct);
    },
  };
}

/** One evaluation. */
class Shifted {
  readonly #means = new Map<Group, Map<readonly number[], MixedMean>>();
  /** Equal ones are one object. */
  readonly #mixtures = new Map<string, readonly number[]>();

  constructor(
    readonly groups: readonly ShiftedGroup[],
    readonly corners: readonly (readonly number[])[],
    readonly sample: Batch,
    readonly judgement: Judgement,
    readonly forecast: Forecast | undefined,
    /** Conditions are compared once. */
    readonly strataOfLeaf: Map<string, number[]>,
  ) {}

  evaluate(conjunct: Conjunct): Evaluation {
    const { g, form, asOne, delta, shares } = conjunct, { sample, judgement, forecast } = this;
    if (leavesIn(g).every((leaf) => this.#strataOf(leaf).length === 1)) return evaluate(conjunct, sample, judgement, forecast);
    const estimate = () => this.#worst(conjunct), value = estimate();
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
    const leaves = groups.map(({ terms }) => terms[0].leaf), [first, last] = this.corners;
    const whole = product(leaves.map((leaf) => this.#mixturesOf(leaf)));
    if (this.corners.length !== 2 || whole.length < 4) return whole;
    const points = Array.from({ length: pieces + 1 }, (_, k) => first.map((p, d) => p + (last[d] - p) * k / pieces));
    const found = points.slice(1).flatMap((end, k) =>
      product(
        leaves.map((leaf) =>
          [points[k], end].map((corner) => this.#mixtureOf(leaf, corner)).filter((mixture) => mixture !== null)
        ),
      )
    );
    return [...new Map(found.map((choice) => [`${choice}`, choice])).values()];
  }

  /** The greatest bound over the choices of a mixture for each group. */
  #upper(constant: number, groups: readonly Group[], choices: readonly (readonly (readonly number[])[])[], delta: number) {
    const { sample, judgement, forecast } = this, strata = strataOf(this.groups, sample);
    if (forecast === undefined) groups.forEach(({ terms }) => terms.forEach(({ leaf }) => this.#check(leaf)));
    const found = choices.map((choice) => {
      const mixed = groups.map((group, i): Mixed => ({ group, mixture: choice[i] })), at = this.#text(mixed);
      // A group needs rows, and every stratum of its mixture too.
      const some = mixed.every(({ group: { rows }, mixture }) =>
        rows.some((row) => mixture[strata.of[row]] > 0) && mixture.every((p, d) => p === 0 || strata.counts[d] > 0)
      );
      if (!some) return { upper: Tensor.scalar(Infinity), n: 0, at };
      if (forecast === undefined) {
        const { value, n } = shiftedUpper(constant, mixed, delta, sample, strata, judgement);
        return { upper: Tensor.scalar(value), n, at };
      }
      const { mean, upper } = shiftedForecast(constant, mixed.map((one) => this.#mean(one)), delta, sample);
      return { upper: inflated(upper, mean, forecast.inflation), n: sample.testRows, at };
    });
    return found.reduce((x, y) => decided(() => y.upper.value > x.upper.value) ? y : x);
  }

  #mean(mixed: Mixed): MixedMean {
    const known = this.#means.get(mixed.group) ?? new Map<readonly number[], MixedMean>();
    this.#means.set(mixed.group, known);
    const found = known.get(mixed.mixture) ?? mixedMean(mixed, this.sample, strataOf(this.groups, this.sample), this.judgement);
    known.set(mixed.mixture, found);
    return found;
  }

  /** Bounds one measure by itself. */
  #leaf(leaf: Leaf, sides: { lower?: number; upper?: number }): BoundedLeaf {
    const { sample, judgement, forecast } = this, mixtures = this.#mixturesOf(leaf);
    if (this.#strataOf(leaf).length === 1) return boundLeaf(leaf, sides, sample, judgement, forecast);
    const rows = sample.rowsOf(leaf).data as Int32Array, [low, high] = rangeOf(leaf, judgement);
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

  /** The estimate of g for its worst vertex. */
  #worst({ g }: Conjunct): number {
    const { of, counts } = strataOf(this.groups, this.sample), leaves = leavesIn(g);
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
    const values = this.corners.map((p) => {
      const mean = ({ all, rows }: { all: number[]; rows: number[] }) => {
        const over = (sums: number[]) => sums.reduce((total, sum, d) => total + (p[d] > 0 ? p[d] * sum / counts[d] : 0), 0);
        return over(all) / over(rows);
      };
      return valueOf(g, new Map(leaves.map((leaf) => [`${leaf}`, mean(sums.get(`${leaf}`)!)])));
    });
    const known = values.filter((value) => !Number.isNaN(value));
    return known.length === 0 ? NaN : Math.max(...known);
  }

  /** The strata that may have rows of a measure. */
  #strataOf(leaf: Leaf): number[] {
    const { exclusive, classes } = this.sample, key = `${leaf}\n${classes}`;
    const known = this.strataOfLeaf.get(key) ??
      this.groups.flatMap(({ condition }, d) =>
        kinshipOf(leaf, new Leaf(everybody, { conditions: [condition] }), { exclusive, classes }) === "exclusive" ? [] : [d]
      );
    this.strataOfLeaf.set(key, known);
    return known;
  }

  /** The mixtures of strata that a measure's rows are from, one for each vertex. */
  #mixturesOf(leaf: Leaf): (readonly number[])[] {
    const found = this.corners.flatMap((corner) => {
      const mixture = this.#mixtureOf(leaf, corner);
      return mixture === null ? [] : [[`${mixture.map((p) => p.toFixed(12))}`, mixture] as const];
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

  #text(mixed: readonly Mixed[]): string {
    const shown = mixed.map(({ mixture }) =>
      this.groups.flatMap(({ name }, d) => mixture[d] > 0 ? [`${name} ${short(mixture[d])}`] : []).join(", ")
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

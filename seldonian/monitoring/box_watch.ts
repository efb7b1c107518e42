import { noGrad, Tensor } from "../../autodiff/mod.ts";
import { exp } from "../../autodiff/mathematics/elementary.ts";
import { intervalOf, valueOf } from "../constraints/evaluate.ts";
import type { Expression } from "../constraints/expression.ts";
import { DomainError, type Interval } from "../constraints/interval.ts";
import { type Judgement, rangeOf } from "../constraints/judgement.ts";
import type { Shares } from "../constraints/shares.ts";
import { type Course, estimateOf, follow, intervalFrom, newCourse } from "./course.ts";
import type { Watch } from "./watch.ts";

/** Courses of the measures since some outcome, and what they show. */
interface Start {
  weight: number;
  courses: Course[];
  eValue: number;
}

/** What a formula that is not linear keeps. */
export interface BoxState {
  outcomes: number;
  /** The outcome after which the formula is next looked at. */
  next: number;
  starts: Start[];
  /** The number of starts so far. */
  begun: number;
}

/** Looks are so far apart, relative to the number of outcomes. */
const apart = 0.02;
/** The first start, and the last ones of those after 64, 128, 256, … outcomes; a start that is dropped is only lost. */
const mostStarts = 8;
/** The greatest evidence that is searched for, as a logarithm. */
const most = 40, steps = 14;

/**
 * Watches a formula that is not linear in its measures, by interval arithmetic. If g is above 0 wherever each measure lies in its
 * confidence sequence at level a, then at every law with g <= 0 some of the `sides` one-sided e-processes of measures is 2 / a or
 * more, and their mean 2 / (a · sides); the greatest such number is the evidence. A weighted sum over first outcomes is again an
 * e-process.
 */
export function boxWatch(g: Expression, shares: readonly Shares[], judgement: Judgement): Watch<BoxState> {
  const leaves = shares.map(({ leaf }) => leaf), ranges = leaves.map((leaf) => rangeOf(leaf, judgement));
  const sides = shares.reduce((sum, { lower, upper }) => sum + Number(lower !== undefined) + Number(upper !== undefined), 0);
  const endsOf = (courses: readonly Course[], alpha: number, onlyNeeded: boolean): [number, number] => {
    const box = new Map(leaves.map((leaf, i): [string, Interval] => {
      const [low, high] = intervalFrom(courses[i], ranges[i], alpha), { lower, upper } = shares[i];
      // Shares are for the upper end of g; its lower end depends on the other sides.
      return [`${leaf}`, {
        lower: Tensor.scalar(onlyNeeded && upper === undefined ? ranges[i][0] : low),
        upper: Tensor.scalar(onlyNeeded && lower === undefined ? ranges[i][1] : high),
      }];
    }));
    try {
      const { lower, upper } = noGrad(() => intervalOf(g, box));
      return [lower.value, upper.value];
    } catch (error) {
      if (!(error instanceof DomainError)) throw error;
      return [-Infinity, Infinity];
    }
  };
  const evidenceOf = (courses: readonly Course[]) => {
    const shown = (size: number) => endsOf(courses, 2 * exp(-size), true)[0] > 0;
    if (!shown(1)) return 0;
    let from = 1, to = most;
    for (let i = 0; i < steps; i++) {
      const middle = (from + to) / 2;
      if (shown(middle)) from = middle;
      else to = middle;
    }
    return exp(from) / sides;
  };
  return {
    text: `${g}`,
    initial: () => ({
      outcomes: 0,
      next: 1,
      starts: [{ weight: 0.5, courses: leaves.map(newCourse), eValue: 1 }],
      begun: 1,
    }),
    add(state, valueOf) {
      const values = leaves.map((leaf) => valueOf(`${leaf}`));
      if (values.every(Number.isNaN)) return;
      for (const { courses } of state.starts) {
        values.forEach((z, i) => {
          if (!Number.isNaN(z)) follow(courses[i], z, 1, (ranges[i][0] + ranges[i][1]) / 2);
        });
      }
      state.outcomes++;
      if (state.outcomes < state.next) return;
      state.next = Math.ceil(state.outcomes * (1 + apart));
      for (const start of state.starts) start.eValue = evidenceOf(start.courses);
      if (state.outcomes < 32 * 2 ** state.begun) return;
      state.starts.push({ weight: restOf(state.begun) - restOf(++state.begun), courses: leaves.map(newCourse), eValue: 1 });
      if (state.starts.length > mostStarts) state.starts.splice(1, 1);
    },
    settled: ({ outcomes, next }) => next === Math.ceil(outcomes * (1 + apart)),
    eValue: ({ starts, begun }) => starts.reduce((sum, { weight, eValue }) => sum + weight * eValue, restOf(begun)),
    seen({ starts: [{ courses }] }, alpha) {
      const value = valueOf(g, new Map(leaves.map((leaf, i) => [`${leaf}`, estimateOf(courses[i])])));
      const [lower, upper] = endsOf(courses, alpha / leaves.length, false);
      return { value, lower, upper };
    },
  };
}

/** The weight that is left for later starts. */
function restOf(begun: number): number {
  return 0.5 / begun;
}

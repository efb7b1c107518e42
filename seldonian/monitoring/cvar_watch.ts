import type { LinearForm } from "../constraints/linear.ts";
import { formText } from "../constraints/linear.ts";
import { type Judgement, rangeOf } from "../constraints/judgement.ts";
import { type Course, estimateOf, follow, intervalFrom, newCourse } from "./course.ts";
import { type Capital, daring, eValueOf, growBy, newCapital } from "./e_process.ts";
import type { Watch } from "./watch.ts";

/** Cells of thresholds up to the promised value, and beyond it. */
const below = 32, above = 16;

/** What a limit on a conditional value at risk keeps, by cell of thresholds. */
export interface CvarState {
  capitals: Capital[];
  courses: Course[];
}

/**
 * Watches factor · CVaR + constant <= 0, where CVaR = min over x of E[x + (z - x)₊ / level] (R. T. Rockafellar and S. Uryasev,
 * 2000). For x in a cell [from, to], the value from + (z - to)₊ / level has no greater mean than at x. So if CVaR <= c, it has a
 * mean of at most c for the cell of the best x, which is at most c: the evidence is the least over these cells. If CVaR >= c, the
 * mean at every x is at least c: the evidence is the mean over cells.
 */
export function cvarWatch(form: LinearForm, judgement: Judgement): Watch<CvarState> {
  const { constant, terms: [{ leaf, coefficient }] } = form, [level] = leaf.index, name = `${leaf}`;
  const [low, high] = rangeOf(leaf, judgement), limit = Math.min(high, Math.max(low, -constant / coefficient));
  const cells = [...spaced(low, limit, below, 1), ...spaced(limit, high, above, 2)];
  const valueIn = ([from, to]: [number, number], z: number) => from + Math.max(0, z - to) / level;
  const rangeIn = ([from, to]: [number, number]): [number, number] => [from, from + Math.max(0, high - to) / level];
  const isLimit = coefficient > 0, watched = isLimit ? cells.slice(0, below) : cells;
  return {
    text: formText(form),
    initial: () => ({ capitals: watched.map(newCapital), courses: cells.map(newCourse) }),
    settled: () => true,
    add({ capitals, courses }, valueOf) {
      const z = valueOf(name);
      if (Number.isNaN(z)) return;
      watched.forEach((cell, i) => {
        const width = isLimit ? 0 : cell[1] - cell[0], [least, most] = rangeIn(cell).map((end) => end + width - limit);
        const y = valueIn(cell, z) + width - limit, worst = Math.max(isLimit ? -least : most, 1e-3 * (most - least));
        growBy(capitals[i], 1, daring / worst * (isLimit ? y : -y));
      });
      cells.forEach((cell, i) => follow(courses[i], valueIn(cell, z), 1, (rangeIn(cell)[0] + rangeIn(cell)[1]) / 2));
    },
    eValue({ capitals }) {
      const found = capitals.map(eValueOf);
      return isLimit ? Math.min(...found) : found.reduce((sum, one) => sum + one, 0) / found.length;
    },
    seen({ courses }, alpha) {
      const ofForm = (value: number) => coefficient * value + constant;
      const value = Math.min(...courses.map((course, i) => estimateOf(course) + cells[i][1] - cells[i][0]));
      // The lower end needs one cell only, that of the best x; the upper one is the least of several.
      const least = Math.min(...courses.map((course, i) => intervalFrom(course, rangeIn(cells[i]), alpha)[0]));
      const most = Math.min(
        high,
        ...courses.map((course, i) =>
          intervalFrom(course, rangeIn(cells[i]), alpha / cells.length)[1] + cells[i][1] - cells[i][0]
        ),
      );
      const [lower, upper] = [least, most].map(ofForm).sort((a, b) => a - b);
      return { value: ofForm(value), lower, upper };
    },
  };
}

/** Cells of a range; with power 2, finer near its beginning. */
function spaced(from: number, to: number, count: number, power: 1 | 2): [number, number][] {
  const at = (i: number) => from + (to - from) * (i / count) * (power === 1 ? 1 : i / count);
  return Array.from({ length: count }, (_, i) => [at(i), at(i + 1)]);
}

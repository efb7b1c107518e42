import { formText, type LinearForm } from "../constraints/linear.ts";
import { pointsOf } from "../shift/vertices.ts";
import { type Course, estimateOf, follow, intervalFrom, newCourse } from "./course.ts";
import { type Capital, daring, eValueOf, growBy, newCapital } from "./e_process.ts";
import type { Part } from "./form_watch.ts";
import { type About, kinOf } from "./kin.ts";
import type { Watch } from "./watch.ts";

/** The most rows of a group in a block, and the part of its usual number there. */
const mostRows = 32, caution = 0.75;
/** The weight of the last block in what the next population is chosen by. */
const latest = 0.02;

/** Sums over rows of a group of the shift: a, a u, b, b v, and a b (constant + u + v). */
type Sums = [a: number, au: number, b: number, bv: number, both: number];

/** What a formula for a set of populations keeps of its outcomes, whatever their number. */
export interface ShiftState {
  capital: Capital;
  /** By population and part, its mean. */
  courses: Course[][];
  /** The open block: by group of the shift, its number of rows, and their sums. */
  open: { rows: number; sums: Sums }[];
  /** By group of the shift, rows since the block began, and their usual number. */
  seen: number[];
  usual: number[];
  /** By group of the shift, means over rather recent rows. */
  recent: Sums[];
}

/**
 * Tests "constant + E_p[u | A] + E_p[v | B] <= 0 for every p of a set of populations" for all time, where each row is in one group d
 * of a shift, p_d is the part of d in a population, and E_p[u | A] = Σ_d p_d E[a u | d] / Σ_d p_d E[a | d], with a = 1 for rows of A.
 *
 * Times the divisors, that is Σ_d Σ_e p_d p_e E[a b' (constant + u + v') | d, e] <= 0, with one row of d and another one of e. A step
 * is a block of n_d rows of each group d, chosen before, as is p; further rows of a group are left out. The step's value is the sum
 * with the mean over all choices of two rows of the block in place of E. It is linear in each row, so if rows of a group keep their
 * means throughout the block, given the past, whichever group comes next and why, its mean is that of the promise at p, at most 0;
 * nothing is asked of the groups' parts in the outcomes. Any p of the set is valid: the one that looked worst is taken. With one
 * part, B is everybody and v is 0.
 *
 * The interval is of the greatest value among the populations: p's are vertices of the set, where a mean is greatest and least, or
 * ends of pieces of a set with two.
 */
export function shiftWatch(
  form: LinearForm,
  parts: readonly Part[],
  corners: readonly (readonly number[])[],
  used: readonly number[],
  about: About,
): Watch<ShiftState> {
  const { constant } = form, single = parts.length === 1, ranges = parts.map(({ low, high }) => [low, high] as const);
  const points = single ? corners : pointsOf(corners), least = single ? 1 : 3;
  // At each vertex of many, one of two groups of rows may have none.
  const middle = used.map((_, d) => corners.reduce((sum, p) => sum + p[d], 0) / corners.length);
  const tried = single || points !== corners ? points : [...points, middle];
  const pieces = points === corners ? [corners] : points.slice(1).map((end, k) => [points[k], end]);
  const [low, high] = [0, 1].map((side) => ranges.reduce((sum, range) => sum + range[side], constant));
  // Of two groups without common rows, at most 3/8 of the choices are one of each: 1/4 of pairs in general, 3/8 within 3 rows.
  const apart = !single && kinOf(parts[0].terms[0].leaf, parts[1].terms[0].leaf, about) === "exclusive";
  const greatest = daring / (Math.max(-low, 1e-3 * (high - low)) * (apart ? 3 / 8 : 1));
  const none = (): Sums => [0, 0, 0, 0, 0];
  const newBlock = () => used.map(() => ({ rows: 0, sums: none() }));
  const product = ([a, au, b, bv]: Sums) => constant * a * b + au * b + a * bv;
  const mixed = (p: readonly number[], means: readonly Sums[]) =>
    none().map((_, k) => means.reduce((sum, mean, d) => sum + p[d] * mean[k], 0)) as Sums;
  // A leaf's text is long to make.
  const named = parts.map(({ terms }) => terms.map(({ leaf, coefficient }) => [`${leaf}`, coefficient] as const));
  const uOf = (terms: (typeof named)[number], valueOf: (leaf: string) => number) =>
    terms.reduce((sum, [leaf, coefficient]) => sum + coefficient * valueOf(leaf), 0);
  const boundsOf = (courses: readonly (readonly Course[])[], alpha: number) => {
    const each = alpha / (points.length * parts.length);
    return courses.map((own) => own.map((course, i) => intervalFrom(course, ranges[i], each)));
  };
  return {
    text: formText(form),
    initial: () => ({
      capital: newCapital(),
      courses: points.map(() => parts.map(newCourse)),
      open: newBlock(),
      seen: used.map(() => 0),
      usual: used.map(() => 1),
      recent: used.map(none),
    }),
    add(state, valueOf, group) {
      const d = used.indexOf(group), { open, seen, usual, recent, capital } = state, rarest = Math.min(...usual);
      if (d < 0) return;
      const counts = usual.map((n) => Math.min(mostRows, Math.max(least, Math.floor(caution * least * n / rarest))));
      seen[d]++;
      if (open[d].rows < counts[d]) {
        const [u, v] = single ? [uOf(named[0], valueOf), 0] : named.map((terms) => uOf(terms, valueOf));
        const isIn = !Number.isNaN(u), isInB = !Number.isNaN(v), { sums } = open[d];
        const row = [isIn ? 1 : 0, isIn ? u : 0, isInB ? 1 : 0, isInB ? v : 0, isIn && isInB ? constant + u + v : 0];
        open[d].rows++;
        row.forEach((x, k) => sums[k] += x);
      }
      if (open.some(({ rows }, e) => rows < counts[e])) return;
      const means = open.map(({ rows, sums }) => sums.map((sum) => sum / rows) as Sums);
      const looks = tried.map((p) => product(mixed(p, recent))), p = tried[looks.indexOf(Math.max(...looks))];
      // Two rows of one group are different rows.
      const y = means.reduce(
        (sum, mean, e) => sum + p[e] * p[e] * (product(mean) - mean[4]) / Math.max(1, open[e].rows - 1),
        product(mixed(p, means)),
      );
      growBy(capital, counts.reduce((sum, n) => sum + n), greatest * y);
      points.forEach((p, k) => {
        const at = mixed(p, means);
        parts.forEach((_, i) => follow(state.courses[k][i], at[2 * i + 1], at[2 * i], (ranges[i][0] + ranges[i][1]) / 2));
      });
      const { steps } = state.courses[0][0], weight = Math.max(latest, 1 / steps);
      recent.forEach((own, e) => own.forEach((x, k) => own[k] += weight * (means[e][k] - x)));
      seen.forEach((n, e) => usual[e] += Math.max(0.1, 1 / steps) * (n - usual[e]));
      state.open = newBlock();
      state.seen = used.map(() => 0);
    },
    settled: ({ open }) => open.every(({ rows }) => rows === 0),
    eValue: ({ capital }) => eValueOf(capital),
    seen({ courses }, alpha) {
      const values = courses.map((own) => own.reduce((sum, course) => sum + estimateOf(course), constant));
      const bounds = boundsOf(courses, alpha), at = (p: readonly number[]) => bounds[points.indexOf(p)];
      const lowers = bounds.map((own) => own.reduce((sum, [lower]) => sum + lower, constant));
      // Between two populations a mean is at most the greater one.
      const uppers = pieces.map((piece) =>
        parts.reduce((sum, _, i) => sum + Math.max(...piece.map((p) => at(p)[i][1])), constant)
      );
      const found = values.filter((value) => !Number.isNaN(value));
      return {
        value: found.length === 0 ? NaN : Math.max(...found),
        lower: Math.max(...lowers),
        upper: Math.max(...uppers),
      };
    },
  };
}

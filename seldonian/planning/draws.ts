import { Tensor } from "../../autodiff/mod.ts";
import { type RandomGenerator, uniformFloat64 } from "../../deps.ts";
import { momentsOf } from "../bounds/bound.ts";
import { commonIn, type Sample, type Units } from "../constraints/sample.ts";
import type { Leaf } from "../constraints/expression.ts";
import { type Compared, evaluatePromise, isShown } from "../constraints/promise.ts";
import { permutation, randomStream } from "../random.ts";
import type { Strata } from "../shift/strata.ts";
import type { Law, Stratum } from "./laws.ts";

/** Drawn rows, as a test sees them, with their strata. */
export interface Drawn extends Sample, Units {
  readonly strata: Strata;
}

/**
 * Whether the test passes on enough of the draws. Equal counts are tested once, and testing stops as soon as the answer is known.
 */
export function passOften(
  promised: Compared,
  strata: readonly Stratum[],
  rows: number,
  wanted: number,
  draws: number,
  seed: number,
): boolean {
  const random = randomStream(seed, "draws"), orders = randomStream(seed, "order"), sizes = sizesOf(strata, rows);
  const known = new Map<string, boolean>();
  let passed = 0;
  for (let draw = 0; draw < draws; draw++) {
    const counts = strata.map(({ laws }, d) =>
      laws.map(({ part, kinds }) => {
        const found = kinds.map(() => 0);
        // The normal approximation fails for rare events; the trials are few enough to draw.
        for (let i = Math.round(part * sizes[d]); i > 0; i--) {
          let left = uniformFloat64(random), kind = 0;
          while (kind < kinds.length - 1 && (left -= kinds[kind].p) >= 0) kind++;
          found[kind]++;
        }
        return found;
      })
    );
    const key = JSON.stringify(counts);
    let found = known.get(key);
    if (found === undefined) {
      const { value, interval } = evaluatePromise(promised, drawn(strata, counts, sizes, promised.constraint.leaves, orders));
      known.set(key, found = isShown(value, interval.upper.value));
    }
    if (found) passed++;
    if (passed >= wanted || passed + draws - draw - 1 < wanted) break;
  }
  return passed >= wanted;
}

/** The numbers of rows of strata. */
function sizesOf(strata: readonly Stratum[], rows: number): number[] {
  let sum = 0, before = 0;
  return strata.map(({ part }) => -before + (before = Math.round((sum += part) * rows)));
}

/** Rows with these counts of each kind, stratum after stratum and in a random order within each, as a sample for the test. */
function drawn(
  strata: readonly Stratum[],
  counts: readonly (readonly (readonly number[])[])[],
  sizes: number[],
  leaves: readonly Leaf[],
  random: RandomGenerator,
): Drawn {
  const found = new Map(leaves.map((leaf) => [`${leaf}`, { values: [] as number[], rows: [] as number[] }]));
  const of: number[] = [];
  strata.forEach(({ laws }, d) => {
    // A test that reads rows in order meets laws side by side.
    const places = permutation(sizes[d], random), apart = areApart(laws);
    let start = 0;
    laws.forEach(({ leaves, kinds, part }, i) => {
      const kindOf = counts[d][i].flatMap((count, kind) => new Array<number>(count).fill(kind));
      const n = Math.min(kindOf.length, sizes[d]), order = permutation(n, random);
      const first = apart ? Math.min(start, sizes[d] - n) : 0, own = places.slice(first, first + n).sort();
      leaves.forEach((leaf, k) => {
        const { values, rows } = found.get(`${leaf}`)!;
        order.forEach((j, row) => {
          values.push(kinds[kindOf[j]].values[k]);
          rows.push(of.length + own[row]);
        });
      });
      start += Math.round(part * sizes[d]);
    });
    for (let i = 0; i < sizes[d]; i++) of.push(d);
  });
  const samples = new Map(Array.from(found, ([leaf, { values, rows }]) => {
    const all = Tensor.from(Float64Array.from(values));
    return [leaf, { values: all, rows: Tensor.from(Int32Array.from(rows)), moments: momentsOf(all) }];
  }));
  const sampleOf = (leaf: Leaf) => samples.get(`${leaf}`)!;
  // Parts that sum to at most 1 are groups that exclude each other.
  const groups = strata.every(({ laws }) => areApart(laws))
    ? [...new Set(strata.flatMap(({ laws }) => laws.flatMap(({ leaves: [{ columns }] }) => columns.length === 1 ? columns : [])))]
    : [];
  const units: Units = {
    rows: of.length,
    testRows: of.length,
    clustered: false,
    exclusive: [groups],
    classes: 2,
    rowNumber: (row) => row,
    place: (row) => `row ${row}`,
  };
  const sources = new Map<string, Units>(), rowsOf = (leaf: Leaf) => sampleOf(leaf).rows;
  const drawn: Drawn = {
    ...units,
    strata: { of: Int32Array.from(of), counts: sizes },
    source({ data }) {
      if (data === undefined) return drawn;
      if (!sources.has(data)) sources.set(data, { ...units });
      return sources.get(data)!;
    },
    relation: (a, b) => a === b ? "same" : "unknown",
    key: samples,
    sided: (leaf) => leaf,
    values: (leaf) => sampleOf(leaf).values,
    rowsOf,
    common: (a, b) => commonIn({ rowsOf }, a, b),
    rowValues: (leaf) => ({
      values: sampleOf(leaf).values,
      rowNumber: (i) => sampleOf(leaf).rows.data[i],
      place: (i) => `row ${sampleOf(leaf).rows.data[i]}`,
    }),
    moments: (leaf) => sampleOf(leaf).moments,
    estimate: (leaf) => sampleOf(leaf).moments.mean,
  };
  return drawn;
}

/** Whether laws may be of rows that no two share. */
function areApart(laws: readonly Law[]): boolean {
  return laws.reduce((sum, { part }) => sum + part, 0) <= 1 + 1e-9;
}

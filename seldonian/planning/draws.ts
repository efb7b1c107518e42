import { Tensor } from "../../autodiff/mod.ts";
import { uniformFloat64 } from "../../deps.ts";
import { type Moments, momentsOf } from "../bounds/bound.ts";
import { commonIn, type Sample, type Units } from "../constraints/batch.ts";
import type { Leaf } from "../constraints/expression.ts";
import { evaluatePromise, isShown, type Promised } from "../constraints/promise.ts";
import { permutation, randomStream } from "../random.ts";
import type { Law } from "./laws.ts";

/**
 * Whether the test passes on enough of the draws. Equal counts are tested once, and testing stops as soon as the answer is known.
 */
export function passOften(
  promised: Promised,
  laws: readonly Law[],
  rows: number,
  wanted: number,
  draws: number,
  seed: number,
): boolean {
  const random = randomStream(seed, "draws"), known = new Map<string, boolean>();
  let passed = 0;
  for (let draw = 0; draw < draws; draw++) {
    const counts = laws.map(({ part, kinds }) => {
      const found = kinds.map(() => 0);
      // The normal approximation fails for rare events; the trials are few enough to draw.
      for (let i = Math.round(part * rows); i > 0; i--) {
        let left = uniformFloat64(random), kind = 0;
        while (kind < kinds.length - 1 && (left -= kinds[kind].p) >= 0) kind++;
        found[kind]++;
      }
      return found;
    });
    const key = JSON.stringify(counts);
    let found = known.get(key);
    if (found === undefined) {
      const { value, interval } = evaluatePromise(promised, drawn(laws, counts, rows, seed));
      known.set(key, found = isShown(value, interval.upper.value));
    }
    if (found) passed++;
    if (passed >= wanted || passed + draws - draw - 1 < wanted) break;
  }
  return passed >= wanted;
}

/** Rows with these counts of each kind, in a random order, as a sample for the test. */
function drawn(laws: readonly Law[], counts: readonly (readonly number[])[], rows: number, seed: number): Sample {
  const samples = new Map<string, { values: Tensor; rows: Tensor; moments: Moments }>();
  const apart = laws.reduce((sum, { part }) => sum + part, 0) <= 1 + 1e-9, random = randomStream(seed, "order");
  let start = 0;
  laws.forEach(({ leaves, kinds, part }, i) => {
    const kindOf = counts[i].flatMap((count, kind) => new Array<number>(count).fill(kind)), n = Math.min(kindOf.length, rows);
    const order = permutation(n, random), first = apart ? Math.min(start, rows - n) : 0;
    const places = Tensor.from(Int32Array.from({ length: n }, (_, j) => first + j));
    leaves.forEach((leaf, k) => {
      const values = Tensor.from(Float64Array.from(order, (j) => kinds[kindOf[j]].values[k]));
      samples.set(`${leaf}`, { values, rows: places, moments: momentsOf(values) });
    });
    if (apart) start += Math.round(part * rows);
  });
  const of = (leaf: Leaf) => samples.get(`${leaf}`)!;
  // Parts that sum to at most 1 are groups that exclude each other.
  const groups = apart ? [...new Set(laws.flatMap(({ leaves: [{ columns }] }) => columns.length === 1 ? columns : []))] : [];
  const sources = new Map<string | undefined, Units>();
  const source = ({ data }: Leaf) => {
    let units = sources.get(data);
    if (units === undefined) {
      units = {
        rows,
        testRows: rows,
        clustered: false,
        exclusive: [groups],
        classes: 2,
        rowNumber: (row) => row,
        place: (row) => `row ${row}`,
      };
      sources.set(data, units);
    }
    return units;
  };
  const rowsOf = (leaf: Leaf) => of(leaf).rows;
  return {
    source,
    relation: (a, b) => a === b ? "same" : "unknown",
    key: samples,
    sided: (leaf) => leaf,
    values: (leaf: Leaf) => of(leaf).values,
    rowsOf,
    common: (a, b) => commonIn({ rowsOf }, a, b),
    rowValues: (leaf: Leaf) => ({
      values: of(leaf).values,
      rowNumber: (i) => of(leaf).rows.data[i],
      place: (i) => `row ${of(leaf).rows.data[i]}`,
    }),
    moments: (leaf: Leaf) => of(leaf).moments,
    estimate: (leaf: Leaf) => of(leaf).moments.mean,
  };
}

import { noteUse } from "../../autodiff/recorder.ts";
import type { Tensor } from "../../autodiff/mod.ts";
import type { Batch } from "../constraints/batch.ts";
import { inOrder } from "../random.ts";
import { groupOfRows, type ShiftedGroup } from "./groups.ts";

/** The group of each row, and the number of rows of each group. */
export interface Strata {
  of: Int32Array;
  counts: number[];
}

/** The strata of a batch. */
export function strataOf(groups: readonly ShiftedGroup[], batch: Batch): Strata {
  noteUse(batch.columns);
  let known = strata.get(batch.labels);
  if (known?.groups !== groups) {
    const of = groupOfRows(groups, batch.columns, batch.rows, (row) => batch.place(row)), counts = groups.map(() => 0);
    for (const group of of) counts[group]++;
    strata.set(batch.labels, known = { groups, found: { of, counts } });
  }
  return known.found;
}

/** A batch of all rows comes again at every step. */
const strata = new WeakMap<Tensor, { groups: readonly ShiftedGroup[]; found: Strata }>();

/**
 * The rows of some strata in blocks, each with rows of every one of them: as many blocks as the smallest has rows. Rows of a
 * stratum keep their order.
 */
export interface Blocks {
  /** The rows, block after block. */
  rows: Int32Array;
  /** The place of the first row of each row's block. */
  starts: Int32Array;
  /** The rows of its block for each row of its stratum there: its weight, if each stratum counted 1. */
  shares: Float64Array;
}

export function blocksOf({ of, counts }: Strata, used: readonly number[]): Blocks {
  const blocks = Math.min(...used.map((group) => counts[group]));
  const rowsOf = used.map((group) => inOrder(of.length).filter((row) => of[row] === group));
  const size = rowsOf.reduce((sum, rows) => sum + rows.length, 0);
  const rows = new Int32Array(size), starts = new Int32Array(size), shares = new Float64Array(size);
  for (let b = 0, place = 0; b < blocks; b++) {
    const parts = rowsOf.map((own) => own.subarray(cut(b, own.length, blocks), cut(b + 1, own.length, blocks)));
    const start = place, whole = parts.reduce((sum, { length }) => sum + length, 0);
    for (const part of parts) {
      for (const row of part) {
        rows[place] = row;
        starts[place] = start;
        shares[place++] = whole / part.length;
      }
    }
  }
  return { rows, starts, shares };
}

function cut(block: number, rows: number, blocks: number): number {
  return Math.floor(block * rows / blocks);
}

import { counted } from "../counted.ts";
import { DataSet, type Source } from "../data/data_set.ts";
import { digestOf } from "../data/digest.ts";
import { wholeKeys } from "../data/row_keys.ts";
import { keysOf, placesOf } from "../data/units.ts";
import type { Ledger, Uses } from "../records/ledger.ts";
import { areSame, keysIn } from "./look_keys.ts";
import type { Attempt, Look, Repeats, SeenRows } from "./retest_kinds.ts";

/** Rows for a look. */
export interface NewRows {
  data: Source;
  /** The number of rows that were left out. */
  left: number;
  /** The ledger's record of the others. */
  uses?: Uses;
}

/**
 * The rows of a look that were not seen before.
 * @param before earlier tests of the model
 * @param deltas what the look spends: a test in sequence spends at its first look
 * @throws {RangeError} for rows that were looked at before, with the first, and if none is left
 * @throws {TypeError} for rows in clusters, and for a ledger that halves deltas
 */
export async function newRows(
  { data, seen = [], repeats = "refuse", ledger }: {
    data: Source;
    seen?: readonly Source[];
    repeats?: Repeats;
    ledger?: Ledger;
  },
  { looks, before }: { looks: readonly Look[]; before: readonly Attempt[] },
  deltas: readonly number[],
): Promise<NewRows> {
  if (data.hasClusters) {
    throw new TypeError("Cannot test rows in clusters in sequence: a later look could have rows of an earlier one's clusters");
  }
  if (ledger?.spend === "halving") {
    throw new TypeError("Cannot halve the delta of a plan that is made: give a ledger without spend");
  }
  const digest = await digestOf(data), own = wholeKeys(await keysOf([data]));
  const isOwn = (one: SeenRows) => one.sha256 === digest || repeats === "keep" && areSame(keysIn(one), own);
  const same = looks.findIndex(isOwn);
  if (same >= 0) throw new RangeError(`Cannot look at these rows again: they are those of look ${same + 1}; wanted new ones`);
  if (before.some(({ looks }) => looks.some(isOwn))) {
    throw new RangeError("Cannot look at these rows again: they are those of an earlier test, which are spent; wanted new ones");
  }
  const known = new Set(wholeKeys(await keysOf(seen))), kept: number[] = [];
  for (const one of [...before.flatMap(({ looks }) => looks), ...looks]) for (const key of keysIn(one)) known.add(key);
  own.forEach((key, row) => known.has(key) || kept.push(row));
  const left = repeats === "keep" ? 0 : data.size - kept.length;
  if (left > 0 && repeats === "refuse") {
    const first = kept.findIndex((row, i) => row !== i), repeated = first < 0 ? kept.length : first;
    throw new RangeError(
      `Cannot look at these rows: ${counted(left, "row")} of ${
        data.size.toLocaleString("en")
      } equal rows that were seen before, the ` +
        `first in ${placesOf(data)(repeated)}; say repeats: "drop" if they are the same rows, "keep" if others look like them`,
    );
  }
  if (left === data.size) throw new RangeError("Cannot look at these rows: all of them were seen before");
  if (left > 0 && !(data instanceof DataSet)) {
    throw new TypeError("Cannot leave rows of a stream out: wanted a DataSet, or rows that are all new");
  }
  const rows = left === 0 ? data : (data as DataSet).take(kept);
  const uses = await ledger?.use({ tested: await keysOf([rows]), trained: new Uint32Array(0), deltas });
  if (uses !== undefined && repeats === "refuse" && uses.tested + uses.trained > 0) {
    await ledger?.unused?.(uses);
    throw new RangeError(
      `Cannot look at these rows: by the ledger, ${counted(uses.tested, "row")} were tested and ${
        uses.trained.toLocaleString("en")
      } ` +
        'were trained on before; wanted new ones, or repeats: "keep" if others look like them',
    );
  }
  return { data: rows, left, ...(uses !== undefined && { uses }) };
}

import { checkOptions, type Kind, type Known } from "../../autodiff/options.ts";
import { DataSet } from "./data_set.ts";
import { rowKeysOf, wholeKeys } from "./row_keys.ts";
import type { Split } from "./split.ts";

const dataSet: Kind = { type: "object", wanted: "a DataSet", holds: (value) => value instanceof DataSet, needed: true };
const both: Known<Split<DataSet>> = { candidate: dataSet, safety: dataSet };

/**
 * Rows that candidate and safety data share, with equal features, label and columns: [candidate row, safety row]. Such a row is
 * no new evidence: the model was trained on it. Rows are compared by 64-bit keys of their content.
 */
export function sharedRows(parts: Split<DataSet>): [candidate: number, safety: number][] {
  const { candidate, safety } = checkOptions("compare rows", parts, both);
  const [first, second] = [candidate, safety].map(contentKeys),
    known = new Map<bigint, number>(),
    shared: [number, number][] = [];
  first.forEach((key, row) => known.has(key) || known.set(key, row));
  second.forEach((key, row) => {
    const same = known.get(key);
    if (same !== undefined) shared.push([same, row]);
  });
  return shared;
}

function contentKeys(data: DataSet): BigUint64Array {
  const { features, labels, columns } = data.whole();
  return wholeKeys(rowKeysOf({ features, labels: labels.data, columns }, data.size));
}

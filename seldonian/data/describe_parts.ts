import { coincidence } from "./coincidence.ts";
import { valuesAt } from "./columns.ts";
import { complete, dropsRows } from "./complete.ts";
import { DataSet, type Source } from "./data_set.ts";
import { describe } from "./describe.ts";
import { count } from "./described_column.ts";
import { Description, type Note } from "./description.ts";
import { neededColumns } from "./encoding.ts";
import { isDistinct, isIndex, looksLikeId } from "./ids.ts";
import { keysAt, rowKeysOf, wholeKeys } from "./row_keys.ts";
import type { Split } from "./split.ts";
import { storageOf, type Table, wholeOf } from "./table.ts";
import { unseen } from "./unseen.ts";

/** What the table was read as that both parts are of, with what is known of the parts; undefined of data that is of no table. */
export function describeParts({ candidate, safety }: Split<Source>): Description | undefined {
  if (!(candidate instanceof DataSet && safety instanceof DataSet)) return undefined;
  let known = described.get(safety)?.get(candidate);
  if (known === undefined && (known = descriptionOf(candidate, safety))) {
    described.set(safety, new WeakMap([[candidate, known]]));
  }
  return known;
}

/** Parts that were described: those that are prepared are trained on. */
const described = new WeakMap<DataSet, WeakMap<DataSet, Description>>();

function descriptionOf(candidate: DataSet, safety: DataSet): Description | undefined {
  const { source } = safety.about;
  if (source === undefined) return undefined;
  const { encoder, table: tested } = source, { encoding } = encoder, table = wholeOf(tested), whole = describe(table, encoding);
  const dropped = dropsRows(encoding) ? table.size - complete(table, encoding).size : 0;
  const notes = [...whole.notes];
  notes.push({ kind: "parts", text: `${count(candidate.size, "row")} to train on, ${count(safety.size, "row")} to test` });
  if (dropped > 0) {
    const lacking = neededColumns(table, encoding).flatMap((name) => {
      const values = table.column(name), missing = Array.prototype.filter.call(values, (x) => x === "" || Number.isNaN(x)).length;
      return missing === 0 ? [] : [`${name} (${missing.toLocaleString("en")})`];
    });
    notes.push({
      kind: "warning",
      text: `${count(dropped, "row")} of ${table.size.toLocaleString("en")} left out, because a value is missing in ${
        lacking.join(", ")
      }; what is promised is of complete rows`,
    });
  }
  const filled = encoder.scales.flatMap(({ name, missing }) => {
    const lacks = whole.columns.find((column) => column.name === name)?.missing ?? 0;
    return missing === undefined || lacks === 0
      ? []
      : [`${name} by ${typeof missing === "number" ? Number(missing.toPrecision(4)) : `"${missing}"`}`];
  });
  if (filled.length > 0) notes.push({ kind: "missing", text: `missing values are filled in: ${filled.join(", ")}` });
  notes.push(...copies({ candidate, safety }, table));
  notes.push(...unseen(encoder, tested));
  return new Description({ ...whole, notes });
}

/** Rows that are equal in all columns, where there are some. */
function copies({ candidate, safety }: Split<DataSet>, table: Table): Note[] {
  const { columns } = storageOf(table);
  // A number of the row, or an id, makes no other row of a copy.
  const used = table.names.filter((name) => {
    const { values } = columns.get(name)!;
    return !(values instanceof Float64Array ? isIndex(values) || isDistinct(values) : looksLikeId(name, values));
  });
  const keysOf = (data: DataSet) => {
    const { table } = data.about.source!, { rows } = storageOf(table);
    const own = new Map(used.map((name) => {
      const { values } = columns.get(name)!;
      return [name, rows === null ? values : valuesAt(values, rows)] as const;
    }));
    return wholeKeys(keysAt(rowKeysOf({ columns: own }, table.size), data.rowNumbers));
  };
  const [first, second] = [candidate, safety].map(keysOf), n = first.length + second.length, known = new Set(first);
  const both = second.reduce((sum, key) => sum + (known.has(key) ? 1 : 0), 0), equal = n - new Set([...first, ...second]).size;
  if (equal === 0) return [];
  const expected = coincidence(table, used) * n * (n - 1) / 2, copied = equal > 3 * expected + 0.005 * n + 3;
  return [{
    kind: copied ? "warning" : "note",
    text:
      `${count(equal, "row")} equal to another in every column, ${
        count(both, "row")
      } of the safety part to one of the candidate part` +
      (copied
        ? `, where chance gives about ${
          Math.round(expected).toLocaleString("en")
        }: are rows there twice? A copy is no new evidence; leave copies out`
        : ", as chance gives"),
  }];
}

import { coincidence } from "./coincidence.ts";
import { complete } from "./complete.ts";
import { DataSet, type Source } from "./data_set.ts";
import { describe } from "./describe.ts";
import { count } from "./described_column.ts";
import { Description } from "./description.ts";
import { neededColumns } from "./encoding.ts";
import { wholeKeys } from "./row_keys.ts";
import type { Split } from "./split.ts";
import { wholeOf } from "./table.ts";
import { unseen } from "./unseen.ts";

/** What the table was read as that both parts are of, with what is known of the parts; undefined of data that is of no table. */
export function describeParts({ candidate, safety }: Split<Source>): Description | undefined {
  if (!(candidate instanceof DataSet && safety instanceof DataSet)) return undefined;
  const { source } = safety.about;
  if (source === undefined) return undefined;
  const { encoder, table: tested } = source, { encoding } = encoder, table = wholeOf(tested), whole = describe(table, encoding);
  const dropped = encoding.missing === "drop" ? table.size - complete(table, encoding).size : 0;
  const equal = equalRows({ candidate, safety }), notes = [...whole.notes];
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
  if (equal > 0) {
    const expected = coincidence(table) * candidate.size * safety.size, copied = equal > 3 * expected + 0.005 * safety.size + 3;
    notes.push({
      kind: copied ? "warning" : "note",
      text: `${count(equal, "row")} of the safety part equal to one of the candidate part in every column` +
        (copied
          ? `, where chance gives about ${Math.round(expected)}: are rows there twice? Leave copies out before the split`
          : ", as chance gives"),
    });
  }
  notes.push(...unseen(encoder, tested));
  return new Description({ ...whole, notes });
}

/** How many rows of the safety part are equal to a candidate row, in all columns of the table. */
function equalRows({ candidate, safety }: Split<DataSet>): number {
  const known = new Set(wholeKeys(candidate.rowKeys()));
  return wholeKeys(safety.rowKeys()).reduce((sum, key) => sum + (known.has(key) ? 1 : 0), 0);
}

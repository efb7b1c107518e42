import { copies } from "./copies.ts";
import { complete, dropsRows } from "./complete.ts";
import { DataSet, type Source } from "./data_set.ts";
import { describe } from "./describe.ts";
import { count } from "./described_column.ts";
import { Description } from "./description.ts";
import { neededColumns } from "./encoding.ts";
import type { Split } from "./split.ts";
import { wholeOf } from "./table.ts";
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
  notes.push(...copies(candidate, safety, table));
  notes.push(...unseen(encoder, tested));
  return new Description({ ...whole, notes });
}

import { copies } from "./copies.ts";
import { completeRows, dropsRows } from "../encoding/complete.ts";
import { DataSet, type Source } from "../data/data_set.ts";
import { describe } from "./describe.ts";
import { counted } from "../counted.ts";
import { Description } from "../data/description.ts";
import { neededColumns } from "../encoding/encoding.ts";
import type { Split } from "../data/split.ts";
import { missingIn } from "../data/missing.ts";
import type { Fitted } from "../encoding/scales.ts";
import { joined, type Table } from "../tables/table.ts";
import { unseen } from "./unseen.ts";

/** The table rows that a data set was encoded from. */
export class EncodedRows {
  /**
   * The source of a data set.
   * @param table its rows
   * @param whole its rows and others; some of these are incomplete
   */
  constructor(readonly table: Table, readonly whole: Table, readonly encoder: Fitted) {}

  /** Describes both parts. */
  describe(parts: Split): Description | undefined {
    return describeParts(parts);
  }
}

/**
 * Describes the table that both parts come from, and the parts; undefined for data without a table.
 * @param given the table, with rows that are in neither part; default: the rows of both
 */
export function describeParts({ candidate, safety }: Split<Source>, given?: Table): Description | undefined {
  if (!(candidate instanceof DataSet && safety instanceof DataSet)) return undefined;
  let known = described.get(safety)?.get(candidate);
  if (known === undefined && (known = descriptionOf(candidate, safety, given))) {
    described.set(safety, new WeakMap([[candidate, known]]));
  }
  return known;
}

/** Descriptions by parts: prepared data is described again in training. */
const described = new WeakMap<DataSet, WeakMap<DataSet, Description>>();

function descriptionOf(candidate: DataSet, safety: DataSet, given?: Table): Description | undefined {
  const [trained, tested] = [candidate.about.source, safety.about.source];
  if (!(trained instanceof EncodedRows && tested instanceof EncodedRows)) return undefined;
  // With two files, the candidate data's decides, because the model is made from it.
  const table = given ?? joined(trained.whole, tested.whole) ?? trained.whole, { encoder } = tested, { encoding } = encoder;
  const whole = describe(table, encoding), dropped = dropsRows(encoding) ? table.size - completeRows(table, encoding).length : 0;
  const notes = [...whole.notes];
  notes.push({ kind: "parts", text: `${counted(candidate.size, "row")} to train on, ${counted(safety.size, "row")} to test` });
  if (dropped > 0) {
    const lacking = neededColumns(table, encoding).flatMap((name) => {
      const { count } = missingIn(table.column(name));
      return count === 0 ? [] : [`${name} (${count.toLocaleString("en")})`];
    });
    notes.push({
      kind: "warning",
      text: `${counted(dropped, "row")} of ${table.size.toLocaleString("en")} left out, because a value is missing in ${
        lacking.join(", ")
      }; the promise is about complete rows only`,
    });
  }
  const filled = encoder.scales.flatMap(({ name, missing }) => {
    const lacks = whole.columns.find((column) => column.name === name)?.missing ?? 0;
    return missing === undefined || lacks === 0
      ? []
      : [`${name} by ${typeof missing === "number" ? Number(missing.toPrecision(4)) : `"${missing}"`}`];
  });
  if (filled.length > 0) notes.push({ kind: "missing", text: `missing values are filled in: ${filled.join(", ")}` });
  notes.push(...copies(trained.table, tested.table));
  notes.push(...unseen(encoder.scales, tested.table));
  return new Description({ ...whole, notes });
}

import { commonRows } from "../data/common_rows.ts";
import { DataSet, type Source } from "../data/data_set.ts";
import type { Fitted } from "../encoding/scales.ts";
import { encodedIn } from "./encoded_in.ts";

/**
 * Checks the rows to export a model with.
 * @param tested the data of its test, the main one first
 * @throws {RangeError} for rows of the test, and for rows that are encoded otherwise than those of the model
 */
export async function checkRows(data: DataSet, tested: readonly Source[]): Promise<void> {
  for (const safety of tested) {
    const count = await testedAmong(data, safety);
    if (count > 0) {
      throw new RangeError(
        `Cannot export a model with its safety data: ${count} tested rows are among the ${data.size} given; give candidate data, or rows ` +
          "that no test needs",
      );
    }
  }
  const [main] = tested, own = encodedIn(data)?.encoder;
  // Of a stream, the encoder is not known.
  if (own === undefined || !(main instanceof DataSet)) return;
  const wanted = encodedIn(main)?.encoder;
  if (wanted !== undefined && said(wanted) === said(own)) return;
  throw new RangeError(
    "Cannot export a model with the encoder of other data: the rows are encoded otherwise than those it was " +
      `${wanted === undefined ? "tested on, which are features without an encoder" : "trained and tested on"}; give candidate ` +
      "data, or rows of the same encoder",
  );
}

/** The number of tested rows among the given, beyond what chance explains; of the same data, each. */
async function testedAmong(data: DataSet, safety: Source): Promise<number> {
  if (!(safety instanceof DataSet)) return await commonRows(data, safety);
  if (data.isPartOfSame(safety)) {
    const known = new Set(safety.rowNumbers);
    return data.rowNumbers.filter((row) => known.has(row)).length;
  }
  // Rows of a table and rows of features have other keys.
  const alike = (encodedIn(data) === undefined) === (encodedIn(safety) === undefined);
  return await commonRows(...alike ? [data, safety] as const : [bare(data), bare(safety)] as const);
}

function bare(data: DataSet): DataSet {
  const { features, labels } = data.whole();
  return new DataSet({ features, labels });
}

/** What an encoding makes of rows. */
function said({ scales, encoding: { label } }: Fitted): string {
  return JSON.stringify([
    typeof label === "object" ? label.classes : null,
    ...scales.map((scale) => [
      scale.name,
      scale.missing,
      ..."categories" in scale ? scale.categories : [scale.mean, scale.deviation],
    ]),
  ]);
}

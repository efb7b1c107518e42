import { commonRows } from "./data/common_rows.ts";
import { DataSet, type DataSetParts, type Source } from "./data/data_set.ts";
import { type Split, split } from "./data/split.ts";
import { checkUnsorted } from "./data/test_order.ts";
import { clusterIds } from "./data/units.ts";
import { mapped } from "./mapped.ts";

/** Data as `train()` takes it. */
export type GivenData = Source | DataSetParts | Split<Source | DataSetParts>;

/** Candidate and safety parts of all data sets. */
export interface Parts {
  main: Split;
  others: Record<string, Split>;
}

/** Parts as they were given, or split here; all by the same seed, so that rows that belong together stay so. */
export function partsOf(
  data: GivenData,
  others: Readonly<Record<string, GivenData>>,
  safetyFraction: number | undefined,
  { seed }: { seed?: number },
): Parts {
  return {
    main: parted(data, safetyFraction, seed),
    others: mapped(others, (other) => parted(other, "candidate" in other ? undefined : safetyFraction, seed)),
  };
}

/**
 * The parts, if nothing that is tested was trained on.
 * @throws {RangeError} for rows or clusters in both parts, and for a paired data set that is not split as the main one is
 */
export async function checkedParts(
  parts: Parts,
  data: GivenData,
  others: Readonly<Record<string, GivenData>>,
  paired: readonly string[] = [],
): Promise<Parts> {
  const splitBefore = (name: string) => "candidate" in (name === "" ? data : others[name]);
  for (const name of paired) {
    if (!Object.hasOwn(others, name) || splitBefore(name) === splitBefore("")) continue;
    throw new RangeError(
      `Cannot pair the rows of "${name}" with those of the data: give both whole, or both split in the same way`,
    );
  }
  const sets = { "": parts.main, ...parts.others };
  // What the test would refuse is not trained for.
  for (const [name, { safety }] of Object.entries(sets)) {
    if (splitBefore(name) && !safety.hasClusters) checkUnsorted(await safety.rowKeys());
  }
  await checkApart(sets, new Set(Object.keys(sets).filter((name) => !splitBefore(name))));
  return parts;
}

/**
 * That no row is in a candidate part and in a safety part, of any data set: what was trained on is no evidence.
 * @param splitHere names of those that were split here
 * @throws {RangeError} with how many are, and for clusters that both parts have
 */
async function checkApart(sets: Readonly<Record<string, Split>>, splitHere: ReadonlySet<string>): Promise<void> {
  const nameOf = (name: string) => name === "" ? "the data" : `"${name}"`;
  for (const [trained, { candidate }] of Object.entries(sets)) {
    for (const [tested, { safety }] of Object.entries(sets)) {
      if (trained === tested && splitHere.has(trained)) continue;
      const count = await commonRows(candidate, safety);
      if (count > 0) {
        throw new RangeError(
          `Cannot test on what was trained on: ${count} of ${safety.size} rows of the safety part of ${
            nameOf(tested)
          } are in the ` +
            `candidate part of ${nameOf(trained)}; give data whole, to be split here, or parts as split() makes them` +
            (trained === tested ? "" : "; of data sets that share rows, split one table, and make both of its parts"),
        );
      }
      if (!candidate.hasClusters || !safety.hasClusters) continue;
      const known = new Set(await clusterIds(candidate)), both = (await clusterIds(safety)).find((id) => known.has(id));
      if (both === undefined) continue;
      throw new RangeError(
        `Cannot test on clusters that were trained on: ${JSON.stringify(both)} is in the candidate part of ${
          nameOf(trained)
        } and in the ` +
          `safety part of ${nameOf(tested)}; split by them, as in split(table, { groups: table.column(…) })` +
          (trained === tested ? "" : "; clusters that are others need other ids"),
      );
    }
  }
}

/** Candidate and safety data, split here or before. */
function parted(data: GivenData, safetyFraction: number | undefined, seed: number | undefined): Split {
  if ("candidate" in data) {
    if (safetyFraction !== undefined) {
      throw new RangeError("Cannot use a safetyFraction for data that is split already: leave it out, or give the data whole");
    }
    return { candidate: sourceOf(data.candidate), safety: sourceOf(data.safety) };
  }
  const whole = sourceOf(data);
  if (!(whole instanceof DataSet)) {
    throw new TypeError("Cannot split a stream of data here: split its tables by splitTables(), and give { candidate, safety }");
  }
  return split(whole, { safetyFraction, seed });
}

function sourceOf(data: Source | DataSetParts): Source {
  return "chunks" in data ? data : new DataSet(data);
}

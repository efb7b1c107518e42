import { commonRows } from "./data/common_rows.ts";
import { DataSet, type DataSetParts, type Source } from "./data/data_set.ts";
import { type Split, split } from "./data/split.ts";
import { checkUnsorted } from "./data/test_order.ts";
import { clusterIds, unitCount } from "./data/units.ts";
import type { CandidateData } from "./selection_options.ts";
import { nameOfSet, type Sets } from "./sets.ts";

/** The data of `train()`. */
export type GivenData = Source | DataSetParts | Split<Source | DataSetParts>;

/** The given parts, or parts split here; all by the same seed, so that paired rows stay together. */
export function partsOf(data: Sets<GivenData>, safetyFraction: number | undefined, seed: number | undefined): Sets<Split> {
  return data.map((one, name) => parted(one, name !== undefined && "candidate" in one ? undefined : safetyFraction, seed));
}

/**
 * The parts, after checking that no tested row was trained on.
 * @throws {RangeError} for rows or clusters in both parts, and for a paired data set that is not split like the main one
 */
export async function checkedParts(
  parts: Sets<Split>,
  data: Sets<GivenData>,
  paired: readonly string[] = [],
): Promise<Sets<Split>> {
  const splitBefore = data.map((one) => "candidate" in one);
  for (const [name, { candidate, safety }] of parts.entries) {
    if (candidate.kind === safety.kind) continue;
    throw new RangeError(
      `Cannot test on other rows than ${
        nameOfSet(name)
      } is trained on: candidate data are ${candidate.kind}, safety data ${safety.kind}`,
    );
  }
  for (const name of paired) {
    if ((splitBefore.of(name) ?? splitBefore.main) === splitBefore.main) continue;
    throw new RangeError(
      `Cannot pair the rows of "${name}" with those of the data: give both whole, or both split in the same way`,
    );
  }
  // Refuses before training what the test would refuse.
  for (const [name, { safety }] of parts.entries) {
    if (splitBefore.of(name) && !safety.hasClusters) checkUnsorted(await safety.rowKeys());
  }
  await checkApart(parts, splitBefore);
  return parts;
}

/**
 * Checks that no row is in a candidate part and in a safety part of any data set: rows that were trained on are no evidence.
 * @throws {RangeError} with the number of such rows, and for clusters in both parts
 */
async function checkApart(sets: Sets<Split>, splitBefore: Sets<boolean>): Promise<void> {
  for (const [trained, { candidate }] of sets.entries) {
    for (const [tested, { safety }] of sets.entries) {
      if (trained === tested && !splitBefore.of(trained)) continue;
      const count = await commonRows(candidate, safety);
      if (count > 0) {
        throw new RangeError(
          `Cannot test on rows that were trained on: ${count} of ${safety.size} rows of the safety part of ${
            nameOfSet(tested)
          } are in the ` +
            `candidate part of ${nameOfSet(trained)}; give data whole, to be split here, or parts such as split() returns` +
            (trained === tested ? "" : "; of data sets that share rows, split one table, and make both of its parts"),
        );
      }
      if (!candidate.hasClusters || !safety.hasClusters) continue;
      const known = new Set(await clusterIds(candidate)), both = (await clusterIds(safety)).find((id) => known.has(id));
      if (both === undefined) continue;
      throw new RangeError(
        `Cannot test on clusters that were trained on: ${JSON.stringify(both)} is in the candidate part of ${
          nameOfSet(trained)
        } and in the ` +
          `safety part of ${nameOfSet(tested)}; split by them, as in split(table, { groups: table.column(…) })` +
          (trained === tested ? "" : "; clusters that are others need other ids"),
      );
    }
  }
}

/** Candidate and safety data, as given or split here. */
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

/** The candidate part, and how many rows or clusters the test will have. */
export async function candidateDataOf({ candidate, safety }: Split): Promise<CandidateData> {
  return { data: candidate, safetyRows: await unitCount(safety) };
}

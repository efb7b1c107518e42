import { isDate } from "../tables/cells.ts";
import { type Cure, DataError } from "../data/data_error.ts";
import { doubtError } from "../tables/doubt_error.ts";
import { isIndex, looksLikeId, looksLikeUnits } from "./ids.ts";
import { storageOf, storedPlace, type Table } from "../tables/table.ts";

/** Why a default feature cannot have been meant. */
type Reason = "index" | "id" | "units" | "dates" | "levels" | "unclear" | "empty";

const inWords: Readonly<Record<Reason, string>> = {
  index: "it numbers the rows in the order of the file",
  id: "it looks like an id, with a different value in every row",
  units: "it has the name of an id, and its values come again",
  dates: "it looks like dates or times, each of which would become a separate feature",
  levels: "each of its many texts would become a feature",
  unclear: "it is not clear what its cells are",
  empty: "all of its values are missing",
};

/** @throws {DataError} for all columns among these that nobody can have meant as features */
export function checkMeant(table: Table, names: readonly string[], exclude: readonly string[], maxLevels?: number): void {
  const found = names.flatMap((name) => {
    const reason = reasonOf(table, name, maxLevels);
    return reason === undefined ? [] : [{ name, reason }];
  });
  if (found.length === 0) return;
  const [{ name, reason }] = found, unclear = found.filter(({ reason }) => reason === "unclear");
  if (unclear.length > 0) throw unclearError(table, unclear.map(({ name }) => name));
  const units = found.find(({ reason }) => reason === "units");
  const cures: Cure[] = [
    { option: "exclude", value: [...exclude, ...found.map(({ name }) => name)] },
    ...units === undefined ? [] : [{
      when: `or, if the rows of one ${units.name} belong together, as those of one person,`,
      option: "groupBy",
      value: units.name,
    }],
    {
      when: found.length === 1 ? "or, if the model is to see it" : "or name those that the model is to see",
      option: "features",
      value: found.length === 1 ? [name, "…"] : ["…"],
    },
  ];
  throw new DataError(
    found.length === 1
      ? `Cannot take "${name}" for a feature without being told: ${inWords[reason]}`
      : `Cannot take ${found.length} columns for features without being told: ${
        found.map(({ name, reason }) => `"${name}", as ${inWords[reason]}`).join("; ")
      }`,
    cures,
  );
}

/** The error for the first unclear column, naming the others. */
function unclearError(table: Table, [first, ...others]: readonly string[]): DataError {
  const { columns, origin } = storageOf(table),
    error = doubtError(first, columns.get(first)!.doubt!, (row) => storedPlace(table, row), origin);
  if (others.length === 0) return error;
  return new DataError(
    `${error.problem}; not clear ${others.length > 1 ? "are" : "is"} ${others.map((name) => `"${name}"`).join(", ")} either`,
    error.cures,
  );
}

function reasonOf(table: Table, name: string, maxLevels: number | undefined): Reason | undefined {
  const { values, doubt } = storageOf(table).columns.get(name)!;
  if (doubt !== undefined) return "unclear";
  if (isIndex(values)) return "index";
  if (looksLikeId(name, values)) return "id";
  if (looksLikeUnits(name, values)) return "units";
  if (values instanceof Float64Array) return values.every(Number.isNaN) ? "empty" : undefined;
  const levels = new Set(values);
  levels.delete("");
  if (levels.size === 0) return "empty";
  if ([...levels].slice(0, 50).every(isDate)) return "dates";
  return levels.size > (maxLevels ?? levelLimit(values.length)) ? "levels" : undefined;
}

/** The default limit of distinct texts of a feature, for this number of rows. */
export function levelLimit(rows: number): number {
  return Math.max(20, Math.min(1000, rows / 10));
}

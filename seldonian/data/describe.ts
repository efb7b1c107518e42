import { inOrder } from "../random.ts";
import { checkArgument, checkOptions } from "../../autodiff/options.ts";
import { valuesAt } from "./columns.ts";
import { encodingOptions } from "./data_kinds.ts";
import { DataError } from "./data_error.ts";
import { describedColumn } from "./described_column.ts";
import { type ColumnDescription, Description, type Note } from "./description.ts";
import { disguiseOf } from "./disguise.ts";
import { short } from "./odd_values.ts";
import { sameColumns } from "./same_columns.ts";
import { doubtError } from "./doubt_error.ts";
import { type Encoding, featuresOf, groupColumns, labelColumn } from "./encoding.ts";
import { storageOf, type Table, tableKind } from "./table.ts";

/** Rows at most that quantiles, histograms and correlations are computed of: evenly spaced ones of a longer table. */
const lookedAt = 10000;

/**
 * What a table was read as, short enough to be read: each column as numbers, texts, or neither; what is missing; and what may have been
 * misread, as cells that are nearly numbers, levels that differ by case or a letter, columns that are constant, and columns that look
 * like ids, dates or the label in disguise. Quantiles, histograms and correlations are of 10,000 rows at most.
 * @param encoding what the columns are for, as far as that is known; what will be refused of it is a problem here
 *
 * @example
 * ```ts
 * import { csv, describe } from "@seldonian/kit";
 * console.log(`${describe(csv("age,job,paid\n31,cook,1\n45,,0\n"), { label: "paid" })}`);
 * ```
 */
export function describe(table: Table, encoding: Partial<Encoding> = {}): Description {
  checkArgument("describe a table", "it", table, tableKind);
  checkOptions("describe a table", encoding, { ...encodingOptions, label: { ...encodingOptions.label, needed: false } });
  const { columns, origin, rows } = storageOf(table), notes: Note[] = origin.repairs.map((text) => ({ kind: "mended", text }));
  const roles = rolesOf(table, encoding, notes), label = table.names.find((name) => roles.get(name) === "label");
  const sampled = sampleOf(table.size),
    valuesOf = (name: string) => {
      const { values } = columns.get(name)!;
      return rows === null ? values : valuesAt(values, rows) as typeof values;
    };
  const spaced: string[] = [], different: string[] = [];
  const described = Array.from(columns, ([name, stored]): ColumnDescription => {
    const role = roles.get(name), values = valuesOf(name), purpose = role === undefined ? {} : { role };
    if (stored.doubt !== undefined) {
      const error = doubtError(name, stored.doubt, (row) => placeOf(table, row), origin);
      if (!notes.some(({ text }) => text === error.message)) {
        notes.push({ kind: role === "left out" ? "note" : "problem", column: name, text: error.message, error });
      }
      return { name, kind: "mixed", missing: 0, ...purpose };
    }
    const { column, notes: own, halves } = describedColumn(name, values, stored, sampled, (row) => table.place(row));
    if (halves !== undefined && role !== "left out") different.push(`${name} (${halves.map(short).join(" and ")})`);
    const { trimmed } = stored.met ?? {};
    if (trimmed !== undefined) spaced.push(`${name} (${trimmed.count.toLocaleString("en")})`);
    if (role === "label" && typeof encoding.label === "object") {
      const met = new Set(Array.from<number | string>(values).map((value) => `${value}`.toLowerCase()));
      const absent = encoding.label.classes.find((name) => !met.has(`${name}`.toLowerCase()) && !met.has(`${Number(name)}`));
      if (absent !== undefined) own.push({ kind: "warning", text: `no row has the class ${JSON.stringify(absent)}` });
    }
    if (role === "label" && (column.levelCount ?? column.distinct) === 1) {
      own.push({ kind: "warning", text: "every row has the same label, so that there is nothing to learn" });
    }
    if ((role === "feature" || role === "feature, group") && label !== undefined) {
      const sampledValues = valuesAt(values, sampled), how = disguiseOf(sampledValues, valuesAt(valuesOf(label), sampled));
      for (const [group] of role === "feature" ? [...roles].filter(([, role]) => role === "group") : []) {
        const tells = disguiseOf(sampledValues, valuesAt(valuesOf(group), sampled));
        if (tells !== undefined) own.push({ kind: "note", text: `${tells} "${group}", of which groups are made` });
      }
      if (how !== undefined) {
        own.push({ kind: "warning", text: `${how} the label "${label}": is it known when the model decides?` });
      }
    }
    // What is left out changes no verdict.
    const kindOf = ({ kind, rare }: Note) =>
      role === "left out" && kind === "warning" ? "note" : rare && role?.includes("group") ? "warning" : kind;
    notes.push(...own.map((note) => ({ ...note, column: name, kind: kindOf(note) })));
    return { ...column, ...purpose };
  });
  if (spaced.length > 0) notes.push({ kind: "mended", text: `white space around values was left out in ${listed(spaced)}` });
  if (different.length > 0) {
    notes.push({
      kind: "note",
      text: `the first and the second half of the file differ, by their medians in ${listed(different)}`,
    });
  }
  // What is left out may say what it likes.
  const used = new Map(
    table.names.filter((name) => roles.get(name) !== "left out" && columns.get(name)!.doubt === undefined).map((
      name,
    ) => [name, valuesAt(valuesOf(name), sampled.subarray(0, 1000)) as Float64Array | readonly string[]]),
  );
  notes.push(...sameColumns(used));
  return new Description({
    ...(origin.file !== undefined && { file: origin.file }),
    rows: table.size,
    columns: described,
    notes,
  });
}

/** Some of a list, and how many more there are. */
function listed(names: readonly string[]): string {
  return names.length <= 5 ? names.join(", ") : `${names.slice(0, 4).join(", ")} and ${names.length - 4} more`;
}

type Role = NonNullable<ColumnDescription["role"]>;

/** What each column is for; what will be refused becomes a problem. */
function rolesOf(table: Table, encoding: Partial<Encoding>, notes: Note[]): Map<string, Role> {
  if (encoding.label === undefined) return new Map();
  const full = encoding as Encoding, roles = new Map<string, Role>();
  const set = (names: readonly string[], role: Role) =>
    names.filter((name) => table.names.includes(name)).forEach((name) => roles.set(name, role));
  const groups = groupColumns(full);
  set(groups, "group");
  try {
    const features = featuresOf(table, full);
    set(table.names.filter((name) => !roles.has(name)), "left out");
    set(features, "feature");
    set(features.filter((name) => groups.includes(name)), "feature, group");
    if (full.features === undefined && groups.length > 0) {
      notes.push({
        kind: "note",
        text: `the model does not see ${groups.join(", ")}, as groups or conditions are made of ${
          groups.length > 1 ? "them" : "it"
        }; name all that it is to see in features, if it should`,
      });
    }
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    notes.push({ kind: "problem", text: error.message, ...(error instanceof DataError && { error }) });
  }
  if (full.clusters !== undefined) set([full.clusters], "cluster");
  set([labelColumn(full)], "label");
  return roles;
}

/** Evenly spaced rows. */
function sampleOf(size: number): Int32Array {
  if (size <= lookedAt) return inOrder(size);
  return Int32Array.from({ length: lookedAt }, (_, i) => Math.floor(i * size / lookedAt));
}

/** Where a row of the whole stands, of which the table may be a part. */
function placeOf(table: Table, row: number): string {
  const { rows } = storageOf(table), place = rows === null ? row : rows.indexOf(row);
  return place < 0 ? "another part" : table.place(place);
}

import { spaced } from "../random.ts";
import { checkArgument, checkOptions } from "../../autodiff/options.ts";
import { type ColumnValues, valuesAt } from "../data/columns.ts";
import { type Encoding, encodingOptions, featuresOf, groupColumns, labelColumn } from "../encoding/encoding.ts";
import { DataError } from "../data/data_error.ts";
import { describedColumn } from "./described_column.ts";
import { type ColumnDescription, Description, type Note, saysSame } from "../data/description.ts";
import { disguiseOf } from "./disguise.ts";
import { short } from "./odd_values.ts";
import { sameColumns } from "./same_columns.ts";
import { doubtError } from "../tables/doubt_error.ts";
import { storageOf, storedPlace, type Table, tableKind } from "../tables/table.ts";

/** The most rows for quantiles, histograms and correlations: evenly spaced rows of a longer table. */
const lookedAt = 10000;

/**
 * Describes how a table was read, briefly: each column as numbers, texts, or neither; missing values; and possible misreadings,
 * such as cells that are nearly numbers, levels that differ by case or a letter, constant columns, and columns that look like
 * ids, dates or the label in disguise. Quantiles, histograms and correlations use at most 10,000 rows.
 * @param encoding the purpose of the columns, as far as known; parts that will be refused are reported as problems
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
  const sampled = spaced(table.size, lookedAt),
    valuesOf = (name: string) => {
      const { values } = columns.get(name)!;
      return rows === null ? values : valuesAt(values, rows) as typeof values;
    };
  /** How well a feature predicts the label, and columns of groups. */
  const disguises = (feature: ColumnValues, role: Role, label: string): Note[] => {
    const others = role === "feature" ? [...roles].filter(([, role]) => role === "group").map(([name]) => name) : [];
    return [label, ...others].flatMap((name): Note[] => {
      const how = disguiseOf(feature, valuesAt(valuesOf(name), sampled));
      if (how === undefined) return [];
      return name === label
        ? [{ kind: "warning", text: `${how} the label "${label}": is it known when the model decides?` }]
        : [{ kind: "note", text: `${how} "${name}", a column of groups` }];
    });
  };
  const spacedOut: string[] = [], different: string[] = [];
  const described = Array.from(columns, ([name, stored]): ColumnDescription => {
    const role = roles.get(name), values = valuesOf(name), purpose = role === undefined ? {} : { role };
    if (stored.doubt !== undefined) {
      const error = doubtError(name, stored.doubt, (row) => storedPlace(table, row), origin);
      if (!notes.some((note) => note.error !== undefined && saysSame(note.error, error))) {
        notes.push({ kind: role === "left out" ? "note" : "problem", column: name, text: error.message, error });
      }
      return { name, kind: "unclear", missing: 0, ...purpose };
    }
    const { column, notes: own, halves } = describedColumn({ name, values, stored, sampled, table });
    if (halves !== undefined && role !== "left out") different.push(`${name} (${halves.map(short).join(" and ")})`);
    const { trimmed } = stored.met ?? {};
    if (trimmed !== undefined) spacedOut.push(`${name} (${trimmed.count.toLocaleString("en")})`);
    if (role === "label") own.push(...notesOfLabel(column, values, encoding.label));
    if ((role === "feature" || role === "feature, group") && label !== undefined) {
      own.push(...disguises(valuesAt(values, sampled), role, label));
    }
    // Unused columns change no verdict.
    const kindOf = ({ kind, rare }: Note) =>
      role === "left out" && kind === "warning" ? "note" : rare && role?.includes("group") ? "warning" : kind;
    notes.push(...own.map((note) => ({ ...note, column: name, kind: kindOf(note) })));
    return { ...column, ...purpose };
  });
  if (spacedOut.length > 0) {
    notes.push({ kind: "mended", text: `white space around values was left out in ${listed(spacedOut)}` });
  }
  if (different.length > 0) {
    notes.push({
      kind: "note",
      text: `the first and the second half of the file differ, by their medians in ${listed(different)}`,
    });
  }
  // Unused columns are not compared.
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

/** Notes on a label: classes without rows, and whether there is anything to learn. */
function notesOfLabel(
  { levelCount, distinct }: ColumnDescription,
  values: Float64Array | readonly string[],
  label: Encoding["label"] | undefined,
): Note[] {
  const notes: Note[] = [];
  if (typeof label === "object") {
    const met = new Set(Array.from<number | string>(values).map((value) => `${value}`.toLowerCase()));
    const absent = label.classes.find((name) => !met.has(`${name}`.toLowerCase()) && !met.has(`${Number(name)}`));
    if (absent !== undefined) notes.push({ kind: "warning", text: `no row has the class ${JSON.stringify(absent)}` });
  }
  if ((levelCount ?? distinct) === 1) {
    notes.push({ kind: "warning", text: "every row has the same label, so there is nothing to learn" });
  }
  return notes;
}

/** Some of a list, and the number of the others. */
function listed(names: readonly string[]): string {
  return names.length <= 5 ? names.join(", ") : `${names.slice(0, 4).join(", ")} and ${names.length - 4} more`;
}

type Role = NonNullable<ColumnDescription["role"]>;

/** The role of each column; what will be refused becomes a problem. */
function rolesOf(table: Table, encoding: Partial<Encoding>, notes: Note[]): Map<string, Role> {
  if (encoding.label === undefined) return new Map();
  const full = encoding as Encoding, roles = new Map<string, Role>(), { columns } = storageOf(table);
  const set = (names: readonly string[], role: Role) =>
    names.filter((name) => columns.has(name)).forEach((name) => roles.set(name, role));
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
        text: `the model does not see ${groups.join(", ")}, because groups or conditions use ${
          groups.length > 1 ? "them" : "it"
        }; to include ${groups.length > 1 ? "them" : "it"}, list all features in features`,
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

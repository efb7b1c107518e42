import { nearestTo } from "../../autodiff/nearest.ts";
import { isRecord } from "../../autodiff/options.ts";
import { groupColumns } from "../encoding/encoding.ts";
import { type Table, tableOf } from "../tables/table.ts";
import { shownText } from "./body.ts";
import type { Run } from "./open_run.ts";
import { type FieldError, pointerTo } from "./refusal.ts";
import { Spelling } from "./spelling.ts";

/** A value of a row; `null`: missing. */
export type Value = number | string | null;

/** A row that fits the model. */
export interface Row {
  /** The features' columns, in the encoder's order. */
  features: Value[];
  /** The columns that the promise names, as far as they are given. */
  columns: Record<string, Value>;
  /** Whose row it is, if that was told. */
  person?: string | number;
}

/** What a field of a row may be. */
export interface Field {
  name: string;
  kind: "number" | "text";
  /** The texts that training knew, if only these are allowed. */
  levels?: ReadonlySet<string>;
  /** Whether the value may be missing. */
  nullable: boolean;
  /** Whether the model's numbers can hold a value. */
  holds(value: number): boolean;
  /** Numbers that are no further from 0 are values as they are: they hold, and are no spelling of another; below 0: none is. */
  plain: number;
  /** How its values may be spelt. */
  spelling: Spelling;
}

/** After so many errors, a request is read no further. */
export const mostErrors = 100;

/** The fields of rows and outcomes. */
export class Fields {
  /** The columns that the model sees. */
  readonly features: readonly Field[];
  /** The columns that the promise names, by name. */
  readonly columns: ReadonlyMap<string, Field>;
  readonly #place: ReadonlyMap<string, number>;

  /** The fields of a run. `unknown` says what becomes of texts that training did not know. */
  constructor({ encoder, saved }: Pick<Run, "encoder" | "saved">, unknown: "refuse" | "encode") {
    const { cells } = saved;
    this.features = encoder.scales.map((scale): Field => {
      const { name } = scale, nullable = scale.missing !== undefined, spelling = new Spelling(name, cells);
      if ("categories" in scale) {
        const levels = unknown === "refuse" ? new Set(scale.categories.filter((text) => text !== "")) : undefined;
        return {
          name,
          kind: "text",
          levels,
          nullable: nullable || scale.categories.includes(""),
          holds: () => true,
          plain: -1,
          spelling,
        };
      }
      const { mean, deviation } = scale;
      // Features are float32.
      const holds = (value: number) => Number.isFinite(deviation === 0 ? value : Math.fround((value - mean) / deviation));
      // Far from what float32 can hold.
      const plain = spelling.numbers.size > 0 ? -1 : deviation === 0 ? Number.MAX_VALUE : 1e30 * deviation - Math.abs(mean);
      return { name, kind: "number", nullable, holds, plain, spelling };
    });
    const kinds = new Map(saved.columns);
    this.columns = new Map(
      groupColumns(encoder.encoding).map((name): [string, Field] => {
        const kind = kinds.get(name) ?? "texts", nullable = saved.missing !== "drop", spelling = new Spelling(name, cells);
        if (kind === "numbers") return [name, { name, kind: "number", nullable, holds: Number.isFinite, plain: -1, spelling }];
        return [name, {
          name,
          kind: "text",
          levels: kind === "texts" ? undefined : new Set(kind),
          nullable,
          holds: () => true,
          plain: -1,
          spelling,
        }];
      }),
    );
    this.#place = new Map(this.features.map(({ name }, place) => [name, place]));
  }

  /**
   * A row, alone or as `{ row, person }`, or `undefined` if something in it does not fit, which is added to `errors`.
   * @param path where the row stands in the request
   */
  row(given: unknown, path: readonly (string | number)[], errors: FieldError[]): Row | undefined {
    if (!isRecord(given)) return wrong(errors, path, `is ${shown(given)}; wanted an object with a value for each field`);
    // No column has an object, so that a row with a column of this name is told apart.
    if (Object.hasOwn(given, "row") && isRecord((given as { row: unknown }).row)) return this.#application(given, path, errors);
    return this.#plain(given, path, errors);
  }

  #plain(given: object, path: readonly (string | number)[], errors: FieldError[]): Row | undefined {
    const before = errors.length, features = new Array<Value>(this.features.length);
    let columns = noColumns;
    const values = given as Readonly<Record<string, unknown>>, names = Object.keys(given), listed = Object.values(given);
    let found = 0, next = 0;
    for (let place = 0; place < features.length; place++) {
      const field = this.features[place];
      // Most rows have the order of the features, perhaps with others between them: then no value is looked for.
      if (names[next] !== field.name && names[next + 1] === field.name) next++;
      const value = names[next] === field.name ? listed[next++] : values[field.name];
      // Most values need no more; what is inherited is no number.
      if (typeof value === "number" && value <= field.plain && value >= -field.plain) features[place] = value;
      else if (Object.hasOwn(given, field.name)) features[place] = valueOf(field, value, path, errors) ?? null;
      else {
        wrong(errors, [...path, field.name], "is missing");
        continue;
      }
      found++;
    }
    for (const [name, column] of this.columns) {
      if (!Object.hasOwn(given, name)) continue;
      if (!this.#place.has(name)) found++;
      const read = valueOf(column, values[name], path, errors);
      if (read === undefined) continue;
      if (columns === noColumns) columns = noValues();
      columns[name] = read;
    }
    if (found < names.length) {
      for (const name of names) {
        if (errors.length >= mostErrors) break;
        if (!this.#place.has(name) && !this.columns.has(name)) this.#unknown(name, path, errors);
      }
    }
    return errors.length > before ? undefined : { features, columns };
  }

  /** A row and whose it is. */
  #application(given: object, path: readonly (string | number)[], errors: FieldError[]): Row | undefined {
    const { row, person, ...more } = given as Record<string, unknown>, before = errors.length;
    for (const name of Object.keys(more)) {
      wrong(errors, [...path, name.slice(0, mostCompared)], "is no field; wanted row or person");
    }
    const isPerson = typeof person === "number" || (typeof person === "string" && person !== "");
    if (person !== undefined && !isPerson) {
      wrong(errors, [...path, "person"], `is ${shown(person)}; wanted a text or a number`);
    }
    const read = this.#plain(row as object, [...path, "row"], errors);
    return read === undefined || errors.length > before ? undefined : isPerson ? { ...read, person } : read;
  }

  /** Columns that the promise names, as they come with an outcome. */
  some(given: unknown, path: readonly (string | number)[], errors: FieldError[]): Record<string, Value> {
    const columns = noValues();
    if (given === undefined) return columns;
    if (!isRecord(given)) {
      wrong(errors, path, `is ${shown(given)}; wanted an object with values by column`);
      return columns;
    }
    for (const [name, value] of Object.entries(given)) {
      const column = this.columns.get(name), read = column && valueOf(column, value, path, errors);
      if (column === undefined) this.#unknown(name, path, errors);
      else if (read !== undefined) columns[name] = read;
    }
    return columns;
  }

  /** The features' columns of rows, as the encoder reads them. */
  table(rows: readonly Row[]): Table {
    const { length: size } = rows, numbers = new Float64Array(this.features.length * size);
    const columns = this.features.map(({ kind }, at) =>
      kind === "number" ? numbers.subarray(at * size, (at + 1) * size) : new Array<string>(size)
    );
    for (let row = 0; row < size; row++) {
      const { features } = rows[row];
      for (let at = 0; at < columns.length; at++) {
        columns[at][row] = features[at] ?? (this.features[at].kind === "number" ? NaN : "");
      }
    }
    const stored = this.features.map(({ name }, at) => [name, { values: columns[at], typed: true }] as const);
    return tableOf({ columns: new Map(stored), origin: { firstLine: 0, firstRow: 0, repairs: [] }, size });
  }

  #unknown(name: string, path: readonly (string | number)[], errors: FieldError[]): void {
    const near = name.length > mostCompared ? undefined : nearestTo(name, [...this.#place.keys(), ...this.columns.keys()]);
    wrong(errors, [...path, name.slice(0, mostCompared)], `is no field of the model${near === undefined ? "" : `; ${near}`}`);
  }
}

/** The columns of rows that have none. */
export const noColumns: Record<string, Value> = Object.freeze(noValues());

/** Values by any name, "__proto__" too. */
export function noValues(): Record<string, Value> {
  return Object.create(null);
}

/** A field's value, or `undefined` if it is none, which is added to `errors`. */
export function valueOf(
  field: Field,
  given: unknown,
  path: readonly (string | number)[],
  errors: FieldError[],
): Value | undefined {
  const { name, kind, levels, nullable, spelling } = field,
    value = spelling.read(typeof given === "boolean" && kind === "number" ? Number(given) : given);
  if (typeof value === "number" && kind === "number") {
    if (field.holds(value)) return value;
    return wrong(errors, [...path, name], `is ${value}; wanted a number that float32 can hold`);
  }
  if (typeof value === "string" && kind === "text" && value !== "") {
    if (levels === undefined || levels.has(value)) return value;
    const near = Math.max(levels.size, value.length) > mostCompared ? undefined : nearestTo(value, [...levels]);
    return wrong(
      errors,
      [...path, name],
      `is ${shownText(value)}, which training did not know; ${near ?? `wanted ${listed(levels)}`}`,
    );
  }
  if ((value === null || value === "") && nullable) return null;
  const wanted = kind === "number" ? "a number" : levels === undefined ? "a text" : listed(levels);
  return wrong(
    errors,
    [...path, name],
    `is ${shown(given)}${value === null && given !== null ? ", a missing value" : ""}; wanted ${wanted}${
      nullable ? " or null" : ""
    }`,
  );
}

/** With more levels, or a longer text, a hint at the nearest costs too much. */
const mostCompared = 100;

function listed(levels: ReadonlySet<string>): string {
  const some = [...levels].slice(0, 8).map(shownText).join(", ");
  return levels.size > 8 ? `one of ${levels.size}, such as ${some}` : `one of ${some}`;
}

/** A value of a request, in a few letters. */
export function shown(value: unknown): string {
  if (typeof value === "string") return shownText(value);
  if (Array.isArray(value)) return "a list";
  return typeof value === "object" && value !== null ? "an object" : `${value}`;
}

/** Notes an error. */
export function wrong(errors: FieldError[], path: readonly (string | number)[], found: string): undefined {
  const name = path.length === 0
    ? "The body"
    : typeof path.at(-1) === "number"
    ? `Row ${path.at(-1)}`
    : shownText(`${path.at(-1)}`);
  errors.push({ pointer: pointerTo(...path), detail: `${name} ${found}` });
}

import { median, modeFast } from "../../deps.ts";
import * as v from "../../deps.ts";
import { isDate } from "../tables/cells.ts";
import { added, DataError } from "../data/data_error.ts";
import { missingIn } from "../data/missing.ts";
import { type Encoding, featuresOf, type Imputation, type MissingPolicy } from "./encoding.ts";
import { storageOf, type Table } from "../tables/table.ts";
import { levelLimit } from "./unmeant.ts";

/**
 * The encoding of a column, from candidate data: (x - mean) / deviation, or 0 if the deviation is 0, since a constant column
 * carries no information; or one feature for each category. `missing` replaces a missing value; `low` and `high` are the ends of
 * the candidate values.
 */
export type Scale =
  | { name: string; mean: number; deviation: number; low?: number; high?: number; missing?: number }
  | { name: string; categories: readonly string[]; missing?: string };

/** An encoding fitted to candidate data. */
export interface Fitted {
  /** How columns are to be encoded. */
  readonly encoding: Encoding;
  /** How each column is encoded. */
  readonly scales: readonly Scale[];
}

/**
 * The scales of complete candidate data.
 * @throws {DataError} for a column that cannot be a feature as it is
 */
export function scalesOf(candidate: Table, encoding: Encoding): Scale[] {
  const fitting = featuresOf(candidate, encoding).map((name) => new ScaleFit(name, encoding));
  for (const fit of fitting) fit.add(candidate, candidate.column(fit.name));
  return fitting.map((fit) => fit.scale());
}

/** The scale of a column, fitted piece by piece. */
export class ScaleFit {
  #count = 0;
  #mean = 0;
  #squares = 0;
  #low = Infinity;
  #high = -Infinity;
  #seen: Map<string, number> | null = null;
  #values: Float64Array | null = null;
  #rows = 0;
  #pieces = 0;

  constructor(readonly name: string, readonly encoding: Encoding) {}

  add(table: Table, values: Float64Array | readonly string[]): void {
    this.#rows += values.length;
    this.#pieces++;
    if (!(values instanceof Float64Array)) return this.#addTexts(values, table);
    const numbers = this.#imputation() === undefined
      ? requireNumbers(this.name, values, table, "feature", this.encoding)
      : values.filter((x) => !Number.isNaN(x));
    if (numbers.length === 0) return;
    this.#values = numbers;
    const mean = average(numbers), count = this.#count + numbers.length;
    // Combines mean and squares of two parts (T. F. Chan, G. H. Golub and R. J. LeVeque, 1983).
    const apart = mean - this.#mean, squares = numbers.reduce((sum, x) => sum + (x - mean) ** 2, 0);
    this.#squares += squares + apart * apart * this.#count * numbers.length / count;
    this.#mean += apart * numbers.length / count;
    this.#count = count;
    for (const x of numbers) {
      if (x < this.#low) this.#low = x;
      if (x > this.#high) this.#high = x;
    }
  }

  scale(): Scale {
    const { name, encoding: { standardise = true } } = this, imputation = this.#imputation();
    if (this.#seen !== null) {
      if (this.#seen.size === 0) throw this.#allMissing();
      this.#checkLevels(levelLimit(this.#rows));
      const missing = this.#missingText(imputation);
      // The replacement for a missing text is a category, even if no row has it.
      const seen = [...new Set([...this.#seen.keys(), ...missing === undefined ? [] : [missing]])].sort();
      return { name, categories: seen, ...(missing !== undefined && { missing }) };
    }
    if (this.#count === 0) throw this.#allMissing();
    const low = this.#low, high = this.#high, constant = high - low <= 1e-12 * Math.max(Math.abs(low), Math.abs(high));
    const missing = this.#missingNumber(imputation);
    const scaled = standardise
      ? { mean: constant ? low : this.#mean, deviation: constant ? 0 : Math.sqrt(this.#squares / this.#count) }
      : { mean: 0, deviation: 1 };
    return { name, ...scaled, low, high, ...(missing !== undefined && { missing }) };
  }

  #allMissing(): DataError {
    return new DataError(
      `Cannot use the column "${this.name}" as a feature: all of its values are missing in the candidate data`,
      [
        { option: "exclude", value: [...this.encoding.exclude ?? [], this.name] },
      ],
    );
  }

  #addTexts(values: readonly string[], table: Table): void {
    const { name } = this, seen = this.#seen ??= new Map();
    for (const value of values) seen.set(value, (seen.get(value) ?? 0) + 1);
    const missing = seen.get("") ?? 0;
    if (missing > 0 && this.#imputation() === undefined) {
      throw missingError(name, table, "feature", this.encoding);
    }
    seen.delete("");
    this.#checkLevels(this.encoding.maxLevels === undefined ? 1000 : Infinity);
    if (seen.size === 0) return;
    let looked = 0;
    for (const text of seen.keys()) {
      if (text !== "" && !isDate(text)) return;
      if (++looked === 50) break;
    }
    throw new DataError(
      `Cannot use the column "${name}" as a feature: its texts, such as ${
        JSON.stringify(values[0])
      }, look like dates or times, each of ` +
        "which would become a separate feature; turn them into a number, such as days or years",
      [{ when: "or leave it out", option: "exclude", value: [...this.encoding.exclude ?? [], name] }],
    );
  }

  #checkLevels(most: number): void {
    const { name, encoding: { maxLevels = most } } = this, { size } = this.#seen!;
    if (size <= maxLevels) return;
    throw new DataError(
      `Cannot use the column "${name}" as a feature: it has ${size.toLocaleString("en")} different texts in ${
        this.#rows.toLocaleString("en")
      } rows of candidate data, each of which would become a feature, such as ${
        [...this.#seen!.keys()].slice(0, 3).map((text) => JSON.stringify(text)).join(", ")
      }`,
      [
        { when: "if these are ids, names or free text", option: "exclude", value: [...this.encoding.exclude ?? [], name] },
        { when: "if they are levels", option: "maxLevels", value: size },
      ],
    );
  }

  #imputation(): Imputation | undefined {
    const { missing } = this.encoding;
    if (typeof missing !== "object") return undefined;
    const { impute } = missing;
    if (isImputation(impute)) return impute;
    return Object.hasOwn(impute, this.name) ? impute[this.name] : undefined;
  }

  #missingNumber(imputation: Imputation | undefined): number | undefined {
    if (imputation === undefined) return undefined;
    if (typeof imputation === "object") {
      if (typeof imputation.value === "number" && Number.isFinite(imputation.value)) return imputation.value;
      // A text for all columns applies only to text columns.
      if (this.#count === this.#rows) return undefined;
      throw new TypeError(`Cannot impute ${JSON.stringify(imputation.value)} in "${this.name}": the column is of numbers`);
    }
    if (imputation === "mean") return this.#mean;
    if (this.#pieces > 1) {
      throw new RangeError(
        `Cannot impute the ${imputation} of "${this.name}", which is read in pieces: wanted "mean", or a value, as { value: 0 }`,
      );
    }
    return imputation === "median" ? median([...this.#values!]) : modeFast([...this.#values!]);
  }

  /** Texts have no mean; their commonest replaces it. */
  #missingText(imputation: Imputation | undefined): string | undefined {
    if (imputation === undefined) return undefined;
    if (typeof imputation === "object") return `${imputation.value}`;
    const [first, ...others] = [...this.#seen!];
    return first &&
      others.reduce((most, level) => level[1] > most[1] || (level[1] === most[1] && level[0] < most[0]) ? level : most, first)[0];
  }
}

/** Whether it is one imputation for all columns, rather than one for each of some. */
export function isImputation(impute: Imputation | Readonly<Record<string, Imputation>>): impute is Imputation {
  if (typeof impute === "string") return true;
  const keys = Object.keys(impute);
  return keys.length === 1 && keys[0] === "value" && typeof impute.value !== "object";
}

/** @throws {DataError} for a text, and for a missing number */
export function requireNumbers(
  name: string,
  values: Float64Array | readonly string[],
  table: Table,
  role: "label" | "feature" = "feature",
  encoding: Partial<Encoding> = {},
): Float64Array {
  if (!(values instanceof Float64Array)) {
    const levels = [...new Set(values)].filter((text) => text !== ""), row = values.findIndex((text) => text !== "");
    throw new DataError(
      `Cannot use "${name}" as numbers: it is of texts, such as ${JSON.stringify(values[row])} in ${
        table.place(Math.max(0, row))
      }`,
      role !== "label" || levels.length > 20
        ? []
        : [{ when: "if these are classes", option: "label", value: { column: name, classes: levels.sort() } }],
    );
  }
  for (let row = 0; row < values.length; row++) if (Number.isNaN(values[row])) throw missingError(name, table, role, encoding);
  return values;
}

/**
 * The error for missing values that are needed.
 * @param role the column's purpose
 * @param encoding the user's encoding, which cures extend
 */
export function missingError(
  name: string,
  table: Table,
  role: "label" | "feature" = "feature",
  { missing, exclude = [], features }: Partial<Encoding> = {},
): DataError {
  const values = table.column(name),
    { count, first } = missingIn(values),
    written = [...storageOf(table).columns.get(name)?.missing?.keys() ?? []];
  return new DataError(
    `Cannot use the column "${name}": ${count.toLocaleString("en")} of its ${values.length.toLocaleString("en")} values ${
      count === 1 ? "is" : "are"
    } missing, the first in ${table.place(first)}${
      written.length === 0 ? "" : `; some are written as ${written.map((text) => JSON.stringify(text)).join(", ")}`
    }`,
    [
      ...(role === "label" && typeof missing === "object"
        ? [{ when: "to leave such rows out", option: "missing", value: { ...missing, label: "drop" } }]
        : typeof missing === "object"
        ? []
        : [{ when: "to leave such rows out", option: "missing", value: "drop" }]),
      ...(role === "label" ? [] : [
        { when: "to fill features in from the candidate data", option: "missing", value: imputing(missing, name) },
        features === undefined
          ? { when: "to leave the column out", option: "exclude", value: [...exclude, name] }
          : { when: "to leave the column out", option: "features", value: features.filter((feature) => feature !== name) },
      ]),
      ...(values instanceof Float64Array || written.length === 0 ? [] : [{
        when: `if ${JSON.stringify(written[0])} is a value`,
        option: "text",
        value: added(storageOf(table).origin.given?.text, [name]),
      }]),
    ],
  );
}

/** The policy, extended to impute a column. */
function imputing(missing: Encoding["missing"], name: string): MissingPolicy {
  if (typeof missing !== "object" || isImputation(missing.impute)) return { impute: "median" };
  return { ...missing, impute: { ...missing.impute, [name]: "median" } };
}

function average(values: Float64Array): number {
  let sum = 0;
  for (const x of values) sum += x;
  return sum / values.length;
}

const schema = v.object({
  version: v.literal(1),
  scales: v.array(v.union([
    v.object({
      name: v.string(),
      mean: v.number(),
      deviation: v.number(),
      low: v.optional(v.number()),
      high: v.optional(v.number()),
      missing: v.optional(v.number()),
    }),
    v.object({ name: v.string(), categories: v.array(v.string()), missing: v.optional(v.string()) }),
  ])),
});

/**
 * Scales from an encoder's `toJSON()`.
 * @throws {RangeError} for anything else
 */
export function savedScales(given: unknown): readonly Scale[] {
  const { success, output } = v.safeParse(schema, given);
  if (success) return output.scales as readonly Scale[];
  throw new RangeError("Cannot make an encoder: wanted a table, or the result of an encoder's toJSON()");
}

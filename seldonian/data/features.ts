import { Tensor, tensor, type TypedArray } from "../../autodiff/mod.ts";
import { showShape, sizeOf } from "../../autodiff/shape.ts";

/** The features of rows: a tensor [rows, …], or several by name. Nested arrays become float32. */
export type FeatureParts =
  | Tensor
  | readonly (readonly number[])[]
  | Readonly<Record<string, Tensor | readonly (readonly number[])[]>>;

/** The numbers of each row. */
type RowNumbers = Tensor | readonly (readonly number[])[];

/** The features of rows, with access to some of them. */
export interface FeatureStore {
  readonly size: number;
  /** The shape of a row, for digests: one shape, shapes by name, or null for items of any kind. */
  readonly rowShape: unknown;
  /** The features of all rows, for the model's `forward`. */
  readonly all: unknown;
  /** Copies of the features of these rows, for the model's `forward`. */
  at(rows: Int32Array): unknown;
}

/**
 * @param names of the columns, for messages
 * @param place the place of a row, for messages
 * @throws {RangeError} for values that cannot be features, with row and column
 */
export function storeOf(features: FeatureParts, names?: readonly string[], place = (row: number) => `row ${row}`): FeatureStore {
  if (features instanceof Tensor || Array.isArray(features)) {
    return tensorStore(features as RowNumbers, { names, place });
  }
  const named = Object.entries(features as Readonly<Record<string, RowNumbers>>).map(([name, one]) =>
    [name, tensorStore(one, { place })] as const
  );
  if (named.length === 0) throw new RangeError("Cannot make a data set without features: give a tensor, or some by name");
  const [[first, { size }]] = named;
  for (const [name, store] of named) {
    if (store.size !== size) {
      throw new RangeError(`Cannot make a data set: the features "${first}" have ${size} rows, and "${name}" ${store.size}`);
    }
  }
  return {
    size,
    rowShape: Object.fromEntries(named.map(([name, store]) => [name, store.rowShape])),
    all: Object.fromEntries(named.map(([name, store]) => [name, store.all])),
    at: (rows) => Object.fromEntries(named.map(([name, store]) => [name, store.at(rows)])),
  };
}

/** Rows of any kind, which the model gets as a list. */
export function itemStore(items: readonly unknown[]): FeatureStore {
  return { size: items.length, rowShape: null, all: items, at: (rows) => Array.from(rows, (row) => items[row]) };
}

/** Names of rows and columns in messages. */
interface Naming {
  names?: readonly string[];
  place: (row: number) => string;
}

function tensorStore(given: RowNumbers, naming: Naming): FeatureStore {
  const features = given instanceof Tensor ? given : stacked(given, naming);
  if (features.rank < 2) {
    throw new RangeError(`Cannot use features of shape ${showShape(features.shape)}: wanted [rows, …], as in x.reshape(rows, 1)`);
  }
  if (features.dtype === "int32") {
    throw new TypeError('Cannot use int32 features: cast them, as in x.cast("float32")');
  }
  const { data, shape: [size, ...rowShape] } = features, width = sizeOf(rowShape);
  checkFinite(data, rowShape, naming);
  return {
    size,
    rowShape,
    all: Tensor.from(data, features.shape),
    at(rows) {
      const found = data instanceof Float32Array ? new Float32Array(rows.length * width) : new Float64Array(rows.length * width);
      if (width <= widest && data.length > nearNumbers && rows.length > 0) found[0] = lines(data, rows, width);
      for (let i = 0, to = 0; i < rows.length; i++) {
        const from = rows[i] * width;
        // A view of a short row would take longer than its numbers.
        if (width > widest) found.set(data.subarray(from, from + width), to);
        else for (let k = 0; k < width; k++) found[to + k] = data[from + k];
        to += width;
      }
      return Tensor.from(found, [rows.length, ...rowShape]);
    },
  };
}

/** Numbers of a row that are copied one by one; numbers that a near cache holds; numbers of a cache line. */
const widest = 128, nearNumbers = 2 ** 17, line = 16;

/**
 * Reads a number of each cache line of some rows. Then the memory fetches many lines at a time, where a loop that copies waits for
 * each row.
 * @returns their sum, so that they are read
 */
function lines(data: TypedArray, rows: Int32Array, width: number): number {
  let sum = 0;
  for (let i = 0; i < rows.length; i++) {
    const from = rows[i] * width, last = from + width - 1;
    for (let place = from; place < last; place += line) sum += data[place];
    sum += data[last];
  }
  return sum;
}

/** Nested lists as a tensor. Only for those that are none, each number is looked at for the reason. */
function stacked(rows: readonly (readonly number[])[], naming: Naming): Tensor {
  try {
    if (Array.isArray(rows) && rows.every(Array.isArray)) return tensor(rows as number[][]);
  } catch {
    // The reason follows.
  }
  return tensor(rowsOfNumbers(rows, naming));
}

/** @throws {TypeError} unless rows are lists of numbers */
function rowsOfNumbers(rows: readonly (readonly number[])[], { place }: Naming): readonly (readonly number[])[] {
  if (!Array.isArray(rows)) {
    throw new TypeError(
      `Cannot use ${
        typeof rows === "object" ? "an object" : `${rows}`
      } as features: wanted a tensor, tensors by name, or nested lists of numbers`,
    );
  }
  const find = (values: unknown): unknown => {
    if (typeof values === "number" || typeof values === "boolean") return undefined;
    if (!Array.isArray(values) && !ArrayBuffer.isView(values)) return { value: values };
    for (const value of values as unknown as ArrayLike<unknown>[]) {
      const found = find(value);
      if (found !== undefined) return found;
    }
  };
  for (const [row, values] of rows.entries()) {
    const found = find(values) as { value: unknown } | undefined;
    if (found === undefined && typeof values === "object") continue;
    const value = found === undefined ? values : found.value;
    throw new TypeError(
      `Cannot use ${JSON.stringify(value) ?? `${value}`} as a feature, in ${place(row)}: wanted ${
        found === undefined ? "a list of numbers for each row, as [[1, 2], [3, 4]]" : "a number"
      }${typeof value === "string" ? "; an Encoder makes features of a table's texts" : ""}`,
    );
  }
  return rows;
}

function checkFinite(data: TypedArray, rowShape: readonly number[], { names, place }: Naming): void {
  const width = sizeOf(rowShape);
  for (let i = 0; i < data.length; i++) {
    if (Number.isFinite(data[i])) continue;
    const column = rowShape.length === 1 ? names?.[i % width] ?? `${i % width}` : placeIn(rowShape, i % width);
    throw new RangeError(
      `Cannot use ${data[i]} as a feature: ${place(Math.floor(i / width))}, column ${column} must be a finite number`,
    );
  }
}

/** The indices of a flat position, as "[0, 3, 7]". */
function placeIn(shape: readonly number[], flat: number): string {
  const indices: number[] = [];
  for (const length of shape.toReversed()) {
    indices.unshift(flat % length);
    flat = Math.floor(flat / length);
  }
  return showShape(indices);
}

import { Tensor, tensor, type TypedArray } from "../../autodiff/mod.ts";
import { showShape, sizeOf } from "../../autodiff/ndarray.ts";

/** What a model may see of rows: a tensor [rows, …], or several of them by name. Nested arrays become float32. */
export type FeatureParts = Tensor | readonly (readonly number[])[] | Readonly<Record<string, Tensor>>;

/** What a model sees of rows, and how some of them are taken out. */
export interface FeatureStore {
  readonly size: number;
  /** What a row is like, for digests: the shape of its features, shapes by name, or nothing of items of any kind. */
  readonly rowShape: unknown;
  /** The features of all rows, as the model's `forward` gets them. */
  readonly all: unknown;
  /** Copies of the features of these rows, as the model's `forward` gets them. */
  at(rows: Int32Array): unknown;
}

/** @throws {RangeError} for what cannot be features, with row and column */
export function storeOf(features: FeatureParts): FeatureStore {
  if (features instanceof Tensor || Array.isArray(features)) {
    return tensorStore(features as Tensor | readonly (readonly number[])[]);
  }
  const named = Object.entries(features as Readonly<Record<string, Tensor>>).map(([name, one]) =>
    [name, tensorStore(one)] as const
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

function tensorStore(given: Tensor | readonly (readonly number[])[]): FeatureStore {
  const features = given instanceof Tensor ? given : tensor(given);
  if (features.rank < 2) {
    throw new RangeError(`Cannot use features of shape ${showShape(features.shape)}: wanted [rows, …], as in x.reshape(rows, 1)`);
  }
  if (features.dtype === "int32") {
    throw new TypeError('Cannot use int32 features: cast them, as in x.cast("float32")');
  }
  const { data, shape: [size, ...rowShape] } = features, width = sizeOf(rowShape);
  checkFinite(data, rowShape);
  return {
    size,
    rowShape,
    all: Tensor.from(data, features.shape),
    at(rows) {
      const found = data instanceof Float32Array ? new Float32Array(rows.length * width) : new Float64Array(rows.length * width);
      rows.forEach((row, i) => found.set(data.subarray(row * width, (row + 1) * width), i * width));
      return Tensor.from(found, [rows.length, ...rowShape]);
    },
  };
}

function checkFinite(data: TypedArray, rowShape: readonly number[]): void {
  const width = sizeOf(rowShape);
  for (let i = 0; i < data.length; i++) {
    if (Number.isFinite(data[i])) continue;
    const column = rowShape.length === 1 ? `${i % width}` : placeIn(rowShape, i % width);
    throw new RangeError(
      `Cannot use ${data[i]} as a feature: row ${Math.floor(i / width)}, column ${column} must be a finite number`,
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

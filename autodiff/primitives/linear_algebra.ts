import type { Device } from "../device.ts";
import { broadcastShapes, type Shape, showShape, sizeOf } from "../shape.ts";
import { type Apply, primitive, requireSameDType } from "../primitive.ts";
import type { DType } from "../dtype.ts";
import { emptyArray, type NdArray } from "../ndarray.ts";
import { type AnyArray, isRemote } from "../remote_array.ts";
import type { Tensor } from "../tensor.ts";
import { broadcastArray, contiguous, viewOf } from "../views.ts";

const product: Apply = primitive({
  name: "matmul",
  shape: ([[n], [, m]]) => [n, m],
  forward: (device, [x, y]) => device.matmul(x, y),
  gradient: ({ dy, inputs: [x, y] }) => [
    () => inLayoutOf(x, () => product([dy, y.transpose()]), () => product([y, dy.transpose()])),
    () => inLayoutOf(y, () => product([x.transpose(), dy]), () => product([dy.transpose(), x])),
  ],
});

/**
 * The gradient in a matrix, as the product or as the transpose of the transposed product. The second has neighbouring columns, as
 * the gradient of a transposed weight needs, so that what follows reads memory in order. Products with a column sum in another
 * order, so they stay.
 */
function inLayoutOf({ array: { shape: [n, m], stride } }: Tensor, plainly: () => Tensor, transposed: () => Tensor): Tensor {
  return n > 1 && m > 1 && stride[0] === 1 && stride[1] >= n ? transposed().transpose() : plainly();
}

/** The products of [.., n, k] and [.., k, m], whose leading axes are broadcast. A product has the same bits in every batch. */
const products: Apply = primitive({
  name: "matmul",
  shape: ([x, y]) => [...broadcastShapes(x.slice(0, -2), y.slice(0, -2), "multiply"), x[x.length - 2], y[y.length - 1]],
  forward: multiplyEach,
  gradient: ({ dy, inputs: [x, y] }) => [
    () => products([dy, turned(y)]),
    () => products([turned(x), dy]),
  ],
});

function turned(x: Tensor): Tensor {
  const axes = x.shape.map((_, axis) => axis), last = x.rank - 1;
  return x.transpose(...axes.slice(0, -2), last, last - 1);
}

function multiplyEach(device: Device<AnyArray>, [x, y]: readonly AnyArray[], _: void, shape: Shape): AnyArray {
  const batch = shape.slice(0, -2), [n, m] = shape.slice(-2), k = x.shape[x.shape.length - 1];
  if (sizeOf(batch) === 0) return viewOf(contiguous(x), shape);
  const places = [x, y].map((array) => placesOf(array, batch));
  if (n * k * m <= small && x.dtype !== "int32" && !isRemote(x) && !isRemote(y)) return smallProducts(x, y, places, shape);
  const matrix = (array: AnyArray, place: number) => viewOf(array, array.shape.slice(-2), array.stride.slice(-2), place);
  const found = places[0].map((place, i) => device.matmul(matrix(x, place), matrix(y, places[1][i])));
  return viewOf(device.concatenate(found, 0, [found.length * n, m]), shape);
}

/** Where each matrix of [.., n, m] begins, broadcast to a shape of leading axes, in row-major order. */
function placesOf(x: AnyArray, batch: Shape): number[] {
  const { stride, offset } = broadcastArray(x, [...batch, ...x.shape.slice(-2)]);
  let places = [offset];
  batch.forEach((length, axis) => {
    const outer = places;
    places = [];
    for (const place of outer) for (let i = 0; i < length; i++) places.push(place + i * stride[axis]);
  });
  return places;
}

/** Multiplications in a product below which the way to the kernels costs more than the product. */
const small = 1024;

function smallProducts(x: NdArray, y: NdArray, places: readonly number[][], shape: Shape): NdArray {
  const [n, m] = shape.slice(-2), k = x.shape[x.shape.length - 1], z = emptyArray(x.dtype as DType, shape), to = z.data;
  const [down, right] = x.stride.slice(-2), [below, beside] = y.stride.slice(-2), { data: numbers } = x, { data: factors } = y;
  for (let g = 0, at = 0; g < places[0].length; g++) {
    const [start, first] = [places[0][g], places[1][g]];
    for (let i = 0; i < n; i++) {
      for (let j = 0; j < m; j++) {
        let sum = 0;
        for (let l = 0, from = start + i * down, other = first + j * beside; l < k; l++, from += right, other += below) {
          sum += numbers[from] * factors[other];
        }
        to[at++] = sum;
      }
    }
  }
  return z;
}

/**
 * Matrix product: [.., n, k] times [.., k, m] is [.., n, m], with leading axes broadcast as in NumPy. A vector [k] is a row on the
 * left, a column on the right.
 */
export function matmul(x: Tensor, y: Tensor): Tensor {
  requireSameDType("multiply", x, y);
  const rows = x.rank === 1 ? x.reshape(1, x.size) : x, columns = y.rank === 1 ? y.reshape(y.size, 1) : y;
  if (rows.rank < 2 || columns.rank < 2) {
    throw new RangeError(`Cannot multiply ${showShape(x.shape)} by ${showShape(y.shape)}: matmul takes vectors and matrices`);
  }
  const [k, other] = [rows.shape[rows.rank - 1], columns.shape[columns.rank - 2]];
  if (k !== other) {
    throw new RangeError(`Cannot multiply ${showShape(x.shape)} by ${showShape(y.shape)}: ${k} must equal ${other}`);
  }
  if (rows.rank === 2 && columns.rank === 2) {
    const z = product([rows, columns]);
    return x.rank === 2 && y.rank === 2
      ? z
      : z.reshape(...(x.rank === 1 ? [] : [z.shape[0]]), ...(y.rank === 1 ? [] : [z.shape[1]]));
  }
  const batch = rows.shape.slice(0, -2), m = columns.shape[columns.rank - 1], n = rows.shape[rows.rank - 2];
  // With one matrix on the right, all rows are one product.
  if (columns.rank === 2) {
    const z = product([rows.reshape(sizeOf(batch) * n, k), columns]);
    return z.reshape(...batch, n, ...(y.rank === 1 ? [] : [m]));
  }
  const z = products([rows, columns]);
  return x.rank === 1 ? z.reshape(...z.shape.slice(0, -2), m) : z;
}

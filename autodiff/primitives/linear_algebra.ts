import { type Shape, showShape } from "../shape.ts";
import { type Apply, primitive, requireSameDType } from "../primitive.ts";
import type { Tensor } from "../tensor.ts";

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

/** Matrix product: [n, k] times [k, m] is [n, m]. A vector [k] is a row on the left, a column on the right, as in NumPy. */
export function matmul(x: Tensor, y: Tensor): Tensor {
  requireSameDType("multiply", x, y);
  const rows = x.rank === 1 ? x.reshape(1, x.size) : x, columns = y.rank === 1 ? y.reshape(y.size, 1) : y;
  if (rows.rank !== 2 || columns.rank !== 2) {
    throw new RangeError(`Cannot multiply ${showShape(x.shape)} by ${showShape(y.shape)}: matmul takes vectors and matrices`);
  }
  if (rows.shape[1] !== columns.shape[0]) {
    throw new RangeError(
      `Cannot multiply ${showShape(x.shape)} by ${showShape(y.shape)}: ${rows.shape[1]} must equal ${columns.shape[0]}`,
    );
  }
  const z = product([rows, columns]);
  const shape: Shape = [...(x.rank === 1 ? [] : [z.shape[0]]), ...(y.rank === 1 ? [] : [z.shape[1]])];
  return shape.length === 2 ? z : z.reshape(...shape);
}

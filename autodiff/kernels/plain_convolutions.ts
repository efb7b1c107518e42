import { type DType, integers, type TypedArray } from "../dtype.ts";
import { allocate, contiguousData, type NdArray } from "../ndarray.ts";
import { sizeOf } from "../shape.ts";
import type { Convolution, Pooling2d } from "../device.ts";
import type { ConvolutionKernels, KernelInputs } from "./kernels.ts";
import { gradientsSeparately, pooledSeparately } from "./separately.ts";

/** Convolutions as plain loops, like the products of `plain.ts`. */
export const plainConvolutions: ConvolutionKernels = {
  conv2d([x, filter, bias]: KernelInputs, convolution: Convolution) {
    const { output: shape } = convolution;
    const sums = new Float64Array(sizeOf(shape));
    if (bias !== null) {
      const plane = shape[2] * shape[3];
      for (let i = 0; i < sums.length; i++) sums[i] = bias[Math.floor(i / plane) % shape[1]];
    }
    forEachProduct(convolution, (from, tap, to, count, step) => {
      const factor = filter.data[filter.offset + tap];
      for (let i = 0; i < count; i++) sums[to + i] += factor * x.data[x.offset + from + i * step];
    });
    return rounded(sums, x.dtype as DType);
  },

  conv2dPooled: (...inputs) => pooledSeparately(plainConvolutions, ...inputs),

  conv2dInputGradient(dy: NdArray, filter: NdArray, convolution: Convolution) {
    const sums = new Float64Array(sizeOf(convolution.image));
    forEachProduct(convolution, (from, tap, to, count, step) => {
      const factor = filter.data[filter.offset + tap];
      for (let i = 0; i < count; i++) sums[from + i * step] += factor * dy.data[dy.offset + to + i];
    });
    return rounded(sums, dy.dtype as DType);
  },

  conv2dFilterGradient(x: NdArray, dy: NdArray, convolution: Convolution) {
    const sums = new Float64Array(sizeOf(convolution.filter));
    forEachProduct(convolution, (from, tap, to, count, step) => {
      let sum = 0;
      for (let i = 0; i < count; i++) sum += x.data[x.offset + from + i * step] * dy.data[dy.offset + to + i];
      sums[tap] += sum;
    });
    return rounded(sums, x.dtype as DType);
  },

  conv2dGradients: (...inputs) => gradientsSeparately(plainConvolutions, ...inputs),

  maxPool2d(x: NdArray, { kernel: [height, width], stride, padding, relu, shape }: Pooling2d) {
    const [, , rows, columns] = x.shape, [images, channels, outRows, outColumns] = shape;
    const data = contiguousData(x), positions = new Int32Array(sizeOf(shape));
    for (let plane = 0, to = 0; plane < images * channels; plane++) {
      for (let i = 0; i < outRows; i++) {
        const top = Math.max(0, i * stride[0] - padding[0]);
        const bottom = Math.min(rows, i * stride[0] - padding[0] + height);
        for (let j = 0; j < outColumns; j++) {
          const left = Math.max(0, j * stride[1] - padding[1]);
          const right = Math.min(columns, j * stride[1] - padding[1] + width);
          let best = (plane * rows + top) * columns + left;
          for (let row = top; row < bottom; row++) {
            for (let column = left; column < right; column++) {
              const candidate = (plane * rows + row) * columns + column;
              if (!(data[candidate] <= data[best]) && data[best] === data[best]) best = candidate;
            }
          }
          positions[to++] = best;
        }
      }
    }
    const values = allocate(x.dtype as DType, positions.length);
    for (let i = 0; i < values.length; i++) values[i] = relu && data[positions[i]] <= 0 ? 0 : data[positions[i]];
    return { values, positions };
  },
};
/**
 * Visits the index pattern of a convolution in runs: `count` image elements from, from + step, … meet filter element `tap` and go
 * to outputs to, to + 1, …. The three convolution products differ only in which of the three they sum into.
 */
function forEachProduct(
  convolution: Convolution,
  visit: (from: number, tap: number, to: number, count: number, step: number) => void,
): void {
  const { image: [images, channels, rows, columns], filter: [outputs, , height, width] } = convolution;
  const { output: [, , outRows, outColumns], stride: [down, right], padding: [top, left] } = convolution;
  for (let n = 0; n < images; n++) {
    for (let o = 0; o < outputs; o++) {
      for (let c = 0; c < channels; c++) {
        for (let u = 0; u < height; u++) {
          for (let v = 0; v < width; v++) {
            // Output columns j whose image column j * right + v - left is in the image.
            const first = Math.max(0, Math.ceil((left - v) / right));
            const end = Math.min(outColumns, Math.floor((columns - 1 + left - v) / right) + 1);
            if (end <= first) continue;
            for (let i = 0; i < outRows; i++) {
              const row = i * down + u - top;
              if (row < 0 || row >= rows) continue;
              visit(
                ((n * channels + c) * rows + row) * columns + first * right + v - left,
                ((o * channels + c) * height + u) * width + v,
                ((n * outputs + o) * outRows + i) * outColumns + first,
                end - first,
                right,
              );
            }
          }
        }
      }
    }
  }
}

function rounded(sums: Float64Array, dtype: DType): TypedArray {
  if (dtype === "float64") return sums;
  const z = allocate(dtype, sums.length);
  z.set(dtype === "int32" ? integers(sums, "convolve", true) : sums);
  return z;
}

import type { Convolution, Pooling2d } from "../../device.ts";
import { type Element, whole } from "./kernel.ts";
import { beats, rectified } from "./moves.ts";
import { ownNumbers, type Product } from "./products.ts";

/* The three products of a convolution. Images and their patches are never copied: an element of the matrix of patches is found
 * where it is read. Its columns are pixels, four neighbours or the four pixels of a pooling window at a time. Only the number of
 * images may vary without another kernel.
 */

const lanes = [0, 1, 2, 3], outside = "-1000000";
const own = (i: number) => whole(ownNumbers + i);
const count = whole(1);

/** Whether each window of a pooling is four pixels that no other window has. */
export function inQuads({ kernel, stride, padding }: Pooling2d): boolean {
  return kernel[0] === 2 && kernel[1] === 2 && stride[0] === 2 && stride[1] === 2 && padding[0] === 0 && padding[1] === 0;
}

/** A key of everything but the number of images. */
export function keyOf({ image, filter, output, stride, padding }: Convolution): string {
  return `${image.slice(1)} ${filter} ${output.slice(1)} ${stride} ${padding}`;
}

/** Columns of pixels: declares where each of the four patches begins. */
function patches(positions: readonly string[], [top, left]: readonly [string, string], plane: number): string {
  return lanes.map((j) =>
    `let e${j} = ${positions[j]}; let base${j} = e${j}.x * ${plane}u; ` +
    `let y${j} = select(${outside}, i32(e${j}.y)${top}, n + ${j}u < ${count}); let x${j} = i32(e${j}.z)${left};\n`
  ).join("");
}

/** Text of a pixel number as (image, row, column). */
function pixelOf(at: string, rows: number, columns: number): string {
  const [pixels, width] = [`${rows * columns}u`, `${columns}u`];
  return `vec3<u32>(${at} / ${pixels}, ${at} % ${pixels} / ${width}, ${at} % ${width})`;
}

/** Declares a patch's channel and the place in it that belong to row k. */
function tap(height: number, width: number): string {
  return `let c = k / ${height * width}u; let t = k % ${
    height * width
  }u; let du = i32(t / ${width}u); let dv = i32(t % ${width}u); `;
}

/**
 * Outputs from filters (a0), images (a1) and perhaps biases (a2), where a pooling in quads may follow. Own numbers are the
 * offsets of the three.
 */
export function forward(convolution: Convolution, biased: boolean, pooling: Pooling2d | null, wide: boolean): Product {
  const { image, filter, output, stride, padding } = convolution, [, channels, rows, columns] = image;
  const [, outputs, height, width] = output, terms = channels * filter[2] * filter[3], pixels = height * width;
  const bias = biased ? ` + a2[${own(2)} + m]` : "", shift = [` - ${padding[0]}`, ` - ${padding[1]}`] as const;
  const inputs: Element[] = [wide ? "vec4<f32>" : "f32", "f32", ...(biased ? ["f32" as const] : [])];
  const [, , pooledRows, pooledColumns] = pooling?.shape ?? output;
  const window = pixelOf("(n / 4u)", pooledRows, pooledColumns);
  const positions = lanes.map((j) =>
    pooling === null
      ? `${pixelOf(`(n + ${j}u)`, height, width)} * vec3<u32>(1u, ${stride[0]}u, ${stride[1]}u)`
      : `(${window} * vec3<u32>(1u, 2u, 2u) + vec3<u32>(0u, ${j >> 1}u, ${j & 1}u)) * vec3<u32>(1u, ${stride[0]}u, ${stride[1]}u)`
  );
  const at = tap(filter[2], filter[3]) +
    lanes.map((j) =>
      `{ let r = u32(y${j} + du); let s = u32(x${j} + dv); if (r < ${rows}u && s < ${columns}u) { ` +
      `v.${"xyzw"[j]} = a1[${own(1)} + base${j} + c * ${rows * columns}u + r * ${columns}u + s]; } }\n`
    ).join("");
  const best = `let w = ${window}; var best = v.x; var at = 0u; if (beats(v.y, best)) { best = v.y; at = 1u; } ` +
    `if (beats(v.z, best)) { best = v.z; at = 2u; } if (beats(v.w, best)) { best = v.w; at = 3u; } ` +
    `let plane = w.x * ${outputs}u + m; let to = plane * ${pooledRows * pooledColumns}u + n / 4u % ${
      pooledRows * pooledColumns
    }u; ` +
    `let sum = best${bias}; z0[to] = ${pooling?.relu ? rectified("sum") : "sum"}; ` +
    `z1[to] = i32((plane * ${height}u + 2u * w.y + at / 2u) * ${width}u + 2u * w.z + at % 2u);`;
  const plain = lanes.map((j) =>
    `if (n + ${j}u < ${count}) { z0[((n + ${j}u) / ${pixels}u * ${outputs}u + m) * ${pixels}u + (n + ${j}u) % ${pixels}u] = v.${
      "xyzw"[j]
    }${bias}; }`
  ).join(" ");
  return {
    key: `forward ${keyOf(convolution)} ${biased} ${pooling === null ? "" : `${pooling.relu}`} ${wide}`,
    inputs,
    outputs: pooling === null ? ["f32"] : ["f32", "i32"],
    functions: pooling === null ? "" : beats,
    rows: { along: "k", at: wide ? `a0[(${own(0)} + m * ${terms}u + k) / 4u]` : `a0[${own(0)} + m * ${terms}u + k]`, wide },
    columns: { along: "n", setup: patches(positions, shift, channels * rows * columns), at },
    store: pooling === null ? plain : best,
  };
}

/** The image's gradient from filters (a0) and d(output) (a1). Own numbers are both offsets, and that of the result. */
export function imageGradient(convolution: Convolution): Product {
  const { image, filter, output, stride, padding } = convolution, [, channels, rows, columns] = image;
  const [, outputs, height, width] = output, taps = filter[2] * filter[3], pixels = rows * columns;
  const positions = lanes.map((j) => pixelOf(`(n + ${j}u)`, rows, columns));
  const place = (name: string, step: number) => step === 1 ? name : `${name} / ${step}u`;
  const fits = (name: string, step: number) => step === 1 ? "" : ` && ${name} % ${step}u == 0u`;
  const at = tap(filter[2], filter[3]) + lanes.map((j) =>
    `{ let r = u32(y${j} - du); let s = u32(x${j} - dv); ` +
    `if (${place("r", stride[0])} < ${height}u && ${place("s", stride[1])} < ${width}u${fits("r", stride[0])}${
      fits("s", stride[1])
    }) { ` +
    `v.${"xyzw"[j]} = a1[${own(1)} + base${j} + c * ${height * width}u + ${place("r", stride[0])} * ${width}u + ${
      place("s", stride[1])
    }]; } }\n`
  ).join("");
  const store = lanes.map((j) =>
    `if (n + ${j}u < ${count}) { z0[${
      own(2)
    } + ((n + ${j}u) / ${pixels}u * ${channels}u + m) * ${pixels}u + (n + ${j}u) % ${pixels}u] = v.${"xyzw"[j]}; }`
  ).join(" ");
  return {
    key: `imageGradient ${keyOf(convolution)}`,
    inputs: ["f32", "f32"],
    outputs: ["f32"],
    rows: { along: "k", at: `a0[${own(0)} + (k / ${taps}u * ${channels}u + m) * ${taps}u + k % ${taps}u]` },
    columns: {
      along: "n",
      setup: patches(positions, [` + ${padding[0]}`, ` + ${padding[1]}`], outputs * height * width),
      at,
    },
    store,
  };
}

/** How the slopes of a convolution are found that a pooling in quads follows. */
export interface PooledSlopes {
  pooling: Pooling2d;
  /** Whether the slope is 0 where the pooled value (a3) is at most 0. */
  gated: boolean;
}

/**
 * Parts of the filters' gradient, followed by the biases' if `biased`, from d(output) (a0) and images (a1). With `pooled`, a0 are
 * the slopes after the pooling, and a2 their positions. Own numbers are the offsets of a0 and a1, that of the result, and those
 * of a2 and a3.
 */
export function filterGradient(convolution: Convolution, biased: boolean, pooled: PooledSlopes | null, wide: boolean): Product {
  const { image, filter, output, stride, padding } = convolution, [, channels, rows, columns] = image;
  const [, outputs, height, width] = output, taps = filter[2] * filter[3], terms = channels * taps, pixels = height * width;
  const size = outputs * (terms + (biased ? 1 : 0)), [, , pooledRows, pooledColumns] = pooled?.pooling.shape ?? output;
  const slope = pooled === null ? "" : `
fn slope(m : u32, k : u32) -> f32 {
  let e = ${pixelOf("k", height, width)}; let plane = e.x * ${outputs}u + m; let r = e.y / 2u; let s = e.z / 2u;
  if (r >= ${pooledRows}u || s >= ${pooledColumns}u) { return 0.0; }
  let at = (plane * ${pooledRows}u + r) * ${pooledColumns}u + s;
  if (u32(a2[${own(3)} + at]) != (plane * ${height}u + e.y) * ${width}u + e.z${
    pooled.gated ? ` || a3[${own(4)} + at] <= 0.0` : ""
  }) { return 0.0; }
  return a0[${own(0)} + at];
}`;
  const plain = `${own(0)} + (k / ${pixels}u * ${outputs}u + m) * ${pixels}u + k % ${pixels}u`;
  const setup = lanes.map((j) =>
    `let t${j} = (n + ${j}u) % ${taps}u; let base${j} = ${own(1)} + (n + ${j}u) / ${taps}u * ${rows * columns}u; ` +
    `let y${j} = select(${outside}, i32(t${j} / ${filter[3]}u) - ${padding[0]}, n + ${j}u < ${terms}u); ` +
    `let x${j} = i32(t${j} % ${filter[3]}u) - ${padding[1]};\n`
  ).join("");
  const at = `let e = vec3<i32>(${pixelOf("k", height, width)}) * vec3<i32>(1, ${stride[0]}, ${stride[1]}); ` +
    `let first = u32(e.x) * ${channels * rows * columns}u;\n` +
    lanes.map((j) =>
      `{ let r = u32(y${j} + e.y); let s = u32(x${j} + e.z); if (r < ${rows}u && s < ${columns}u) { ` +
      `v.${"xyzw"[j]} = a1[base${j} + first + r * ${columns}u + s]; }${
        biased ? ` else if (n + ${j}u == ${terms}u) { v.${"xyzw"[j]} = 1.0; }` : ""
      } }\n`
    ).join("");
  const store = lanes.map((j) =>
    `if (n + ${j}u < ${count}) { z0[${own(2)} + part * ${size}u + ${
      biased ? `select(m * ${terms}u + n + ${j}u, ${outputs * terms}u + m, n + ${j}u == ${terms}u)` : `m * ${terms}u + n + ${j}u`
    }] = v.${"xyzw"[j]}; }`
  ).join(" ");
  const slopes: Element[] = pooled === null ? [] : ["i32", ...(pooled.gated ? ["f32" as const] : [])];
  return {
    key: `filterGradient ${keyOf(convolution)} ${biased} ${pooled === null ? "" : `pooled ${pooled.gated}`} ${wide}`,
    inputs: [wide ? "vec4<f32>" : "f32", "f32", ...slopes],
    outputs: ["f32"],
    functions: slope,
    rows: { along: "k", at: pooled !== null ? "slope(m, k)" : wide ? `a0[(${plain}) / 4u]` : `a0[${plain}]`, wide },
    columns: { along: "n", setup, at },
    store,
  };
}

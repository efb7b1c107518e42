import type { Pooling2d } from "../../device.ts";
import type { AxisRange, Shape } from "../../shape.ts";
import { coordinatesOf, placeOf } from "./elementwise.ts";
import { greater } from "./folds.ts";
import { type Element, entry, type Kernel, oneEach, threads, whole } from "./kernel.ts";

/* Kernels with a thread for each element of the result. Whole number 0 is their count; the first length of a shape may vary.
 */

const start = `${entry(threads)} { ${oneEach(whole(0))}\n`;

/** Whether a number takes the place of the greatest so far: the first among equals stays, and NaN before all. */
export const beats = "fn beats(x : f32, best : f32) -> bool { return !(x <= best) && best == best; }";

/** max(x, 0), where NaN stays NaN. */
export function rectified(x: string): string {
  return `select(${x}, 0.0, ${x} <= 0.0)`;
}

/** The greatest element of each window of images (a0, from whole number 1), and its position in them. */
export function pooling({ kernel, stride, padding, relu, shape }: Pooling2d, image: Shape): Kernel {
  const [, channels, rows, columns] = image;
  return {
    key: `pooling ${image.slice(1)} ${kernel} ${stride} ${padding} ${relu}`,
    inputs: ["f32"],
    outputs: ["f32", "i32"],
    text: () =>
      `${beats}\n${start}${coordinatesOf("i", shape)}
  let top = i32(c2 * ${stride[0]}u) - ${padding[0]}; let left = i32(c3 * ${stride[1]}u) - ${padding[1]};
  let plane = (c0 * ${channels}u + c1) * ${rows * columns}u; var best = -1; var greatest = 0.0;
  for (var u = 0; u < ${kernel[0]}; u++) { for (var v = 0; v < ${kernel[1]}; v++) {
    let r = u32(top + u); let s = u32(left + v);
    if (r < ${rows}u && s < ${columns}u) {
      let at = plane + r * ${columns}u + s; let x = a0[${whole(1)} + at];
      if (best < 0 || beats(x, greatest)) { greatest = x; best = i32(at); }
    }
  } }
  z0[i] = ${relu ? rectified("greatest") : "greatest"}; z1[i] = best;
}`,
  };
}

/**
 * Puts values of windows (a0) back at their positions (a1) in images, where a2 is positive if `gated`; whole numbers 1 to 3 are
 * the offsets.
 */
export function unpooling({ kernel, stride, padding, shape }: Pooling2d, image: Shape, gated: boolean): Kernel {
  const [, channels] = image, [, , rows, columns] = shape;
  return {
    key: `unpooling ${image.slice(1)} ${kernel} ${stride} ${padding} ${gated}`,
    inputs: ["f32", "i32", ...(gated ? ["f32" as const] : [])],
    outputs: ["f32"],
    text: () =>
      `${start}${coordinatesOf("i", image)}
  var sum = 0.0; let y = c2 + ${padding[0]}u; let x = c3 + ${padding[1]}u;
  for (var r = y / ${stride[0]}u; r + 1u > 0u && r * ${stride[0]}u + ${kernel[0]}u > y; r--) { if (r < ${rows}u) {
    for (var s = x / ${stride[1]}u; s + 1u > 0u && s * ${stride[1]}u + ${kernel[1]}u > x; s--) { if (s < ${columns}u) {
      let at = ((c0 * ${channels}u + c1) * ${rows}u + r) * ${columns}u + s;
      if (u32(a1[${whole(2)} + at]) == i${gated ? ` && !(a2[${whole(3)} + at] <= 0.0)` : ""}) { sum += a0[${whole(1)} + at]; }
    } }
  } }
  z0[i] = sum;
}`,
  };
}

/** The elements of a0 at positions a1; whole numbers 1 and 2 are the offsets. */
export function picking(type: Element): Kernel {
  const text = `${start}z0[i] = a0[${whole(1)} + u32(a1[${whole(2)} + i])]; }`;
  return { key: `picking ${type}`, inputs: [type, "i32"], outputs: [type], text: () => text };
}

/**
 * Sums of elements of a0: those that `order` (a2) lists from `starts[i]` (a1) to before `starts[i + 1]`. Whole number 1 is a0's
 * offset.
 */
export function gathering(type: Element): Kernel {
  const text = `${start}var sum = ${type}(0); let end = a1[i + 1u]; ` +
    `for (var j = a1[i]; j < end; j++) { sum += a0[${whole(1)} + u32(a2[j])]; } z0[i] = sum; }`;
  return { key: `gathering ${type}`, inputs: [type, "i32", "i32"], outputs: [type], text: () => text };
}

/** Sums of the elements of a0 whose position (a1) is i; whole numbers 1 and 2 are the offsets, 3 is the number of elements. */
export function scattering(type: Element): Kernel {
  const text = `${start}var sum = ${type}(0); for (var j = 0u; j < ${whole(3)}; j++) { ` +
    `if (u32(a1[${whole(2)} + j]) == i) { sum += a0[${whole(1)} + j]; } } z0[i] = sum; }`;
  return { key: `scattering ${type}`, inputs: [type, "i32"], outputs: [type], text: () => text };
}

/** Zeros of `shape` with an array of any strides in a range of an axis. */
export function widening(
  type: Element,
  { axis, start: first, step, length }: AxisRange,
  array: { shape: Shape; stride: readonly number[]; offset: number },
  shape: Shape,
): Kernel {
  const place = placeOf(array.shape.map((length, i) => i === axis ? 2 : length), array, "d");
  const others = shape.map((_, i) => i === axis ? "" : `let d${i} = c${i}; `).join("");
  const text = `${start}${coordinatesOf("i", shape)}let d${axis} = (c${axis} - ${first}u) / ${step}u; ${others}` +
    `if (c${axis} >= ${first}u && d${axis} < ${length}u && d${axis} * ${step}u + ${first}u == c${axis}) ` +
    `{ z0[i] = a0[${place}]; } else { z0[i] = ${type}(0); } }`;
  return { key: `${type} ${text}`, inputs: [type], outputs: [type], text: () => text };
}

/** Arrays that one kernel joins. */
export const mostJoined = 6;

/**
 * Copies arrays to parts of a joined one. Whole number 1 is the elements of the joined one's last axes; those from 2 are, for
 * each array, its own, where it begins among them, the threads up to its end, and its offset.
 */
export function joining(type: Element, count: number): Kernel {
  const branches = Array.from({ length: count }, (_, k) => {
    const [inner, first, end, offset] = [0, 1, 2, 3].map((i) => whole(2 + 4 * k + i)), before = k === 0 ? "0u" : whole(4 * k);
    return `if (i < ${end}) { let j = i - ${before}; ` +
      `z0[j / ${inner} * ${whole(1)} + ${first} + j % ${inner}] = a${k}[${offset} + j]; return; }\n`;
  }).join("");
  const inputs = Array.from({ length: count }, () => type);
  return { key: `joining ${type} ${count}`, inputs, outputs: [type], text: () => `${start}${branches}}` };
}

/**
 * x - ln Σ e^x over the middle axis of [outer, length, inner], a thread for each sum. Whole numbers from 1 are length, inner and
 * the offset.
 */
export function logSoftmaxes(): Kernel {
  const text = `${greater}\n${start}${rowSums}
  for (var j = 0u; j < ${whole(1)}; j++) { z0[first + j * ${whole(2)}] = a0[${whole(3)} + first + j * ${
    whole(2)
  }] - greatest - sum; }
}`;
  return { key: "logSoftmaxes", inputs: ["f32"], outputs: ["f32"], text: () => text };
}

/** The log-losses of logits (a0) [rows, classes] for classes (a1), and their slopes for the mean; whole numbers as above. */
export function logLosses(): Kernel {
  const text = `${greater}\n${start}${rowSums}
  let label = u32(a1[i]); z0[i] = greatest - a0[${whole(3)} + first + label] + sum;
  for (var j = 0u; j < ${whole(1)}; j++) {
    z1[first + j] = (exp(a0[${whole(3)} + first + j] - greatest - sum) - select(0.0, 1.0, j == label)) / f32(${whole(0)});
  }
}`;
  return { key: "logLosses", inputs: ["f32", "i32"], outputs: ["f32", "f32"], text: () => text };
}

const rowSums = `
  let first = i / ${whole(2)} * ${whole(1)} * ${whole(2)} + i % ${whole(2)}; var greatest = a0[${
  whole(3)
} + first]; var sum = 0.0;
  for (var j = 1u; j < ${whole(1)}; j++) { greatest = greater(greatest, a0[${whole(3)} + first + j * ${whole(2)}]); }
  for (var j = 0u; j < ${whole(1)}; j++) { sum += exp(a0[${whole(3)} + first + j * ${whole(2)}] - greatest); }
  sum = log(sum);`;

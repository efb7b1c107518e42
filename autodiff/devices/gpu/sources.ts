import type { Shape } from "../../shape.ts";
import type { Convolution, Pooling2d } from "../../device.ts";

/* Bodies of kernels, in the subset of JavaScript that gpu.js translates. Every array is one-dimensional, and every thread computes one
* element; shapes, strides and offsets are numbers in the text. In WGSL an expression is an integer only if both operands are, and
* `/` always divides floats, perhaps with a rounding error, so integer quotients are corrected by their remainder.
 */

/** The layout of an array, for the text that computes an element's position from coordinates c0, c1, … */
export interface Layout {
  shape: Shape;
  stride: readonly number[];
  offset: number;
}

/** Declares `${names}0`, `${names}1`, … as the coordinates of element `index` of a row-major shape. */
export function coordinates(index: string, shape: Shape, names = "c"): string {
  if (shape.length === 0) return "";
  let text = "", rest = index;
  for (let axis = shape.length - 1; axis > 0; axis--) {
    const quotient = `${names}q${axis}`, name = `${names}${axis}`, length = shape[axis];
    text += `let ${quotient} = (${rest} / ${length}) | 0; let ${name} = ${rest} - ${quotient} * ${length}; ` +
      `if (${name} < 0) { ${quotient} = ${quotient} - 1; ${name} = ${name} + ${length}; } ` +
      `if (${name} >= ${length}) { ${quotient} = ${quotient} + 1; ${name} = ${name} - ${length}; } `;
    rest = quotient;
  }
  return `${text}let ${names}0 = ${rest}; `;
}

/** The position of the element at the coordinates. */
export function place({ shape, stride, offset }: Layout, names = "c"): string {
  const terms = shape.flatMap((length, axis) => length === 1 || stride[axis] === 0 ? [] : [`${names}${axis} * ${stride[axis]}`]);
  return [...terms, ...(offset === 0 && terms.length > 0 ? [] : [`${offset}`])].join(" + ");
}

/** A formula with WGSL's functions, rewritten with JavaScript's. */
export function inJavaScript(formula: string): string {
  return formula.replace(/\b(abs|ceil|cos|exp|floor|log|max|min|pow|sin|sqrt|tanh)\(/g, "Math.$1(");
}

/** The first value and the update of a reduction. */
const joins = {
  sum: { first: "0", join: (x: string) => `total = total + ${x};` },
  max: { first: "-3.4e38", join: (x: string) => `total = Math.max(total, ${x});` },
  min: { first: "3.4e38", join: (x: string) => `total = Math.min(total, ${x});` },
};

/** Reduces [outer, length, inner] to [outer, parts, inner]: each part takes `span` elements, the last one the rest. */
export function reduction(operation: keyof typeof joins, length: number, span: number, parts: number, inner: number): string {
  const { first, join } = joins[operation];
  const last = parts * span === length ? "" : `if (part * ${span} + i < ${length}) `;
  return `${coordinates("this.thread.x", [1, parts, inner])} const part = c1; let at = c0 * ${length * inner} + part * ${
    span * inner
  } + c2; let total = ${first}; ` +
    `for (let i = 0; i < ${span}; i++) { ${last}{ ${join(`a0[at]`)} } at = at + ${inner}; } return total;`;
}

/** ln Σ e^x over the middle axis of [outer, length, inner], to [outer, inner]. */
export function logSumExp(length: number, inner: number): string {
  return `${coordinates("this.thread.x", [1, inner])} const start = c0 * ${length * inner} + c1; let greatest = a0[start]; ` +
    `for (let i = 1; i < ${length}; i++) { greatest = Math.max(greatest, a0[start + i * ${inner}]); } let total = 0; ` +
    `for (let i = 0; i < ${length}; i++) { total = total + Math.exp(a0[start + i * ${inner}] - greatest); } ` +
    `return greatest + Math.log(total);`;
}

/** The product of [n, k] and [k, m], of any strides. */
export function product(x: Layout, y: Layout): string {
  const [, k] = x.shape, [, m] = y.shape;
  return `${coordinates("this.thread.x", [1, m])} let p = ${x.offset} + c0 * ${x.stride[0]}; let q = ${y.offset} + c1 * ${
    y.stride[1]
  }; let total = 0; for (let i = 0; i < ${k}; i++) { total = total + a0[p] * a1[q]; p = p + ${x.stride[1]}; q = q + ${
    y.stride[0]
  }; } return total;`;
}

/** Images, filters and perhaps a bias (a2) to outputs. */
export function convolution({ image, filter, output, stride, padding }: Convolution, bias: boolean): string {
  const [, channels, rows, columns] = image, [, , height, width] = filter;
  return `${coordinates("this.thread.x", output)} let total = ${bias ? "a2[c1]" : "0"}; ` +
    `const top = c2 * ${stride[0]} - ${padding[0]}; const left = c3 * ${stride[1]} - ${padding[1]}; ` +
    `for (let c = 0; c < ${channels}; c++) { for (let u = 0; u < ${height}; u++) { const row = top + u; ` +
    `if (row >= 0 && row < ${rows}) { ` +
    `const from = ((c0 * ${channels} + c) * ${rows} + row) * ${columns} + left; ` +
    `const weight = ((c1 * ${channels} + c) * ${height} + u) * ${width}; ` +
    `for (let v = 0; v < ${width}; v++) { if (left + v >= 0 && left + v < ${columns}) { ` +
    `total = total + a0[from + v] * a1[weight + v]; } } } } } return total;`;
}

/** d(output) (a0) and filters (a1) to d(image). */
export function imageGradient({ image, filter, output, stride, padding }: Convolution): string {
  const [, channels] = image, [, outputs, rows, columns] = output, [, , height, width] = filter;
  const [ys, xs] = [steps("y", "r", "u", stride[0], rows), steps("x", "s", "v", stride[1], columns)];
  return `${coordinates("this.thread.x", image)} let total = 0; const y = c2 + ${padding[0]}; const x = c3 + ${padding[1]}; ` +
    `for (let o = 0; o < ${outputs}; o++) { for (let u = 0; u < ${height}; u++) { ${ys.declare} if (${ys.inside}) { ` +
    `const from = ((c0 * ${outputs} + o) * ${rows} + r) * ${columns}; ` +
    `const weight = ((o * ${channels} + c1) * ${height} + u) * ${width}; ` +
    `for (let v = 0; v < ${width}; v++) { ${xs.declare} if (${xs.inside}) { ` +
    `total = total + a0[from + s] * a1[weight + v]; } } } } } return total;`;
}

/** Finds the window, if any, whose element `within` is at pixel `at`. */
function steps(at: string, name: string, within: string, stride: number, count: number): { declare: string; inside: string } {
  const distance = `${at} - ${within}`, range = `${name} >= 0 && ${name} < ${count}`;
  if (stride === 1) return { declare: `const ${name} = ${distance};`, inside: range };
  const down = `const ${name} = ((${distance} + 0.5) / ${stride}) | 0;`;
  return { declare: down, inside: `${range} && ${distance} >= 0 && ${name} * ${stride} == ${distance}` };
}

/** Images (a0) and d(output) (a1) to partial sums of d(filter), [parts, ...filter], each over some of the images. */
export function filterGradient({ image, filter, output, stride, padding }: Convolution, imagesAPart: number): string {
  const [images, channels, rows, columns] = image, [, outputs, height, width] = output;
  return `${coordinates("this.thread.x", [1, ...filter])} let total = 0; const first = c0 * ${imagesAPart}; ` +
    `for (let i = 0; i < ${imagesAPart}; i++) { const n = first + i; if (n < ${images}) { for (let y = 0; y < ${height}; y++) { ` +
    `const row = y * ${stride[0]} + c3 - ${padding[0]}; if (row >= 0 && row < ${rows}) { ` +
    `const from = ((n * ${channels} + c2) * ${rows} + row) * ${columns} + c4 - ${padding[1]}; ` +
    `const slope = ((n * ${outputs} + c1) * ${height} + y) * ${width}; ` +
    `for (let x = 0; x < ${width}; x++) { const column = x * ${stride[1]} + c4 - ${padding[1]}; ` +
    `if (column >= 0 && column < ${columns}) { total = total + a0[from + x * ${
      stride[1]
    }] * a1[slope + x]; } } } } } } return total;`;
}

/** The greatest element of each window of images, or its position in the row-major images. */
export function pooling(
  { shape: image, stride: steps, offset }: Layout,
  { kernel, stride, padding, shape }: Pooling2d,
  result: "greatest" | "best",
): string {
  const [, channels, rows, columns] = image;
  return `${coordinates("this.thread.x", shape)} const top = c2 * ${stride[0]} - ${padding[0]}; ` +
    `const left = c3 * ${stride[1]} - ${padding[1]}; const plane = (c0 * ${channels} + c1) * ${rows * columns}; ` +
    `const from = c0 * ${steps[0]} + c1 * ${steps[1]} + ${offset}; let best = -1; let greatest = 0; ` +
    `for (let u = 0; u < ${kernel[0]}; u++) { for (let v = 0; v < ${
      kernel[1]
    }; v++) { const row = top + u; const column = left + v; ` +
    `if (row >= 0 && row < ${rows} && column >= 0 && column < ${columns}) { ` +
    `const value = a0[from + row * ${steps[2]} + column * ${steps[3]}]; ` +
    `if (best < 0 || value > greatest) { greatest = value; best = plane + row * ${columns} + column; } } } } return ${result};`;
}

/** Puts values (a0) of windows back at their positions (a1) in images of shape `image`. */
export function unpooling(image: Shape, { kernel, stride, padding, shape }: Pooling2d): string {
  const [, channels] = image, [, , height, width] = shape;
  const [ys, xs] = [steps("y", "r", "u", stride[0], height), steps("x", "s", "v", stride[1], width)];
  return `${coordinates("this.thread.x", image)} let total = 0; const y = c2 + ${padding[0]}; const x = c3 + ${padding[1]}; ` +
    `for (let u = 0; u < ${kernel[0]}; u++) { ${ys.declare} if (${ys.inside}) { ` +
    `for (let v = 0; v < ${kernel[1]}; v++) { ${xs.declare} if (${xs.inside}) { ` +
    `const window = ((c0 * ${channels} + c1) * ${height} + r) * ${width} + s; ` +
    `if (a1[window] == this.thread.x) { total = total + a0[window]; } } } } } return total;`;
}

import type { ReductionOperation } from "../../device.ts";
import { entry, groupIndex, type Kernel, real, whole } from "./kernel.ts";

/** What a reduction does with each element of an array, and with two results. */
interface Folding {
  /** The type of results in between. */
  type: string;
  first: string;
  /** Text of the result of one element. */
  of: (x: string) => string;
  /** Text of the result of two. */
  join: (a: string, b: string) => string;
  finish: (t: string) => string;
}

/** WGSL has no text for it. */
const infinity = real(1);

const plain = { of: (x: string) => x, finish: (t: string) => t };
const foldings: Record<ReductionOperation | "logSumExp", (type: "f32" | "i32") => Folding> = {
  sum: (type) => ({ ...plain, type, first: `${type}(0)`, join: (a, b) => `${a} + ${b}` }),
  max: (type) => ({
    ...plain,
    type,
    first: type === "f32" ? `-${infinity}` : "bitcast<i32>(0x80000000u)",
    join: (a, b) => type === "f32" ? `greater(${a}, ${b})` : `max(${a}, ${b})`,
  }),
  min: (type) => ({
    ...plain,
    type,
    first: type === "f32" ? infinity : "2147483647",
    join: (a, b) => type === "f32" ? `-greater(-${a}, -${b})` : `min(${a}, ${b})`,
  }),
  // The greatest element, and the sum of e^(x - greatest).
  logSumExp: () => ({
    type: "vec2<f32>",
    first: `vec2<f32>(-${infinity}, 0.0)`,
    of: (x) => `vec2<f32>(${x}, 1.0)`,
    join: (a, b) => `joined(${a}, ${b})`,
    finish: (t) => `${t}.x + log(${t}.y)`,
  }),
};

/** The greater of two numbers, and NaN before all: WGSL's max may drop it. */
export const greater = "fn greater(x : f32, y : f32) -> f32 { if (x > y) { return x; } if (x <= y) { return y; } return x + y; }";

/** The real numbers of a pass. */
export function foldNumbers(divisor: number): number[] {
  return [divisor, Infinity];
}

/** Threads of a workgroup. */
const size = 128;

/** A pass of a reduction: [outer, length, inner] to [outer, parts, inner]. */
export interface FoldPass {
  outer: number;
  length: number;
  inner: number;
  /** Elements before the first. */
  offset: number;
  parts: number;
  /** Elements before the first of the results. */
  at: number;
}

/** The parts to which a first pass should reduce, so that many workgroups have work. */
export function partsOf({ outer, length, inner }: { outer: number; length: number; inner: number }): number {
  const groups = outer * Math.ceil(inner / size);
  return length < 2048 || groups >= 256 ? 1 : Math.min(Math.ceil(length / 512), Math.ceil(512 / groups));
}

/**
 * The kernel of a pass, its numbers and the number of its workgroups. A workgroup has `lanes` neighbours along the last axis,
 * `steps` along the middle one, and as many of the first as fit. The last pass divides by the real number.
 */
export function foldCall(
  operation: ReductionOperation | "logSumExp",
  type: "f32" | "i32",
  { outer, length, inner, offset, parts, at }: FoldPass,
  divided: boolean,
): { kernel: Kernel; wholes: number[]; groups: number } {
  const span = Math.ceil(length / parts), lanes = powerAbove(inner, size), steps = powerAbove(span, size / lanes);
  const rows = size / lanes / steps, blocks = Math.ceil(inner / lanes);
  const text = () => {
    const { type: own, first, of, join, finish } = foldings[operation](type);
    const [outer, length, inner, offset, span, parts, blocks, at] = Array.from({ length: 8 }, (_, i) => whole(i));
    let halves = "";
    for (let half = steps / 2; half >= 1; half /= 2) {
      halves += `if (l < ${half}u) { s[id] = ${join("s[id]", `s[id + ${half * lanes}u]`)}; } workgroupBarrier();\n`;
    }
    return `
var<workgroup> s : array<${own}, ${size}>;
${greater}
fn joined(a : vec2<f32>, b : vec2<f32>) -> vec2<f32> {
  let g = greater(a.x, b.x);
  return vec2<f32>(g, a.y * below(a.x, g) + b.y * below(b.x, g));
}
fn below(x : f32, g : f32) -> f32 { if (x == g) { return 1.0; } return exp(x - g); }
${entry(size)} {
  let g = ${groupIndex}; let rest = g / ${blocks}; let part = rest % ${parts};
  let c = (g % ${blocks}) * ${lanes}u + id % ${lanes}u; let l = (id / ${lanes}u) % ${steps}u;
  let o = (rest / ${parts}) * ${rows}u + id / ${lanes * steps}u;
  var t = ${first};
  if (o < ${outer} && c < ${inner}) {
    let end = min(${length}, (part + 1u) * ${span});
    for (var j = part * ${span} + l; j < end; j += ${steps}u) {
      let x = a0[${offset} + (o * ${length} + j) * ${inner} + c]; t = ${join("t", of("x"))};
    }
  }
  s[id] = t; workgroupBarrier();
  ${halves}if (l == 0u && o < ${outer} && c < ${inner}) {
    let t = s[id]; z0[${at} + (o * ${parts} + part) * ${inner} + c] = ${finish("t")}${divided ? ` / ${real(0)}` : ""};
  }
}`;
  };
  return {
    kernel: { key: `${operation} ${type} ${lanes} ${steps} ${divided}`, inputs: [type], outputs: [type], text },
    wholes: [outer, length, inner, offset, span, parts, blocks, at],
    groups: Math.ceil(outer / rows) * parts * blocks,
  };
}

/** The least power of two that is not below a number, at most `most`. */
function powerAbove(number: number, most: number): number {
  return Math.min(most, 2 ** Math.ceil(Math.log2(Math.max(1, number))));
}

/** The programs, the kit's results, and their distance from PyTorch's. */
import { readdirSync } from "node:fs";
import { autodiff, grad, Tensor } from "../../mod.ts";
import { evaluateHere } from "./kit.ts";
import { read } from "./read.ts";
import { namesIn, numbers, type Scope } from "./language.ts";

/** Programs of one kind, and the meaning of their names. */
export interface Theme {
  /** Tensors, made by programs; the programs are differentiated by those of floating numbers. */
  inputs?: Record<string, string>;
  /** Named parts of programs. */
  names?: Record<string, string>;
  programs: string[];
  /** 0: values; 1: also gradients; 2, the default: also second gradients. */
  derivatives?: number;
  /** Whether the error of each number is relative to that number; default: relative to the greatest of its array. */
  each?: boolean;
  /** Whether the sign of zeros counts. */
  signed?: boolean;
  /** Default: both. */
  dtypes?: DType[];
  /** Whether PyTorch refuses these programs. */
  error?: boolean;
}

/**
 * PyTorch's results in float64, as `kind shape : numbers`, and after `|` the distance of its float32. If float32 overflows or
 * underflows and float64 does not, they are its results in float32.
 */
export type Figures = Record<string, string>;

/** The dtypes of comparisons. */
export type DType = "float64" | "float32";

/** The themes by name. */
export const themes: Record<string, Theme> = Object.fromEntries(
  readdirSync(new URL("programs", import.meta.url)).sort().map((file) => [file.replace(".json", ""), read(`programs/${file}`)]),
);

/** PyTorch's figures by theme and program. */
export const figures: Record<string, Record<string, Figures>> = read("../figures/parity.json").figures;

/** Value, gradients and second gradients of a program. Gradients are of weighted sums, so every element counts separately. */
export function results(program: string, theme: Theme, dtype: DType): Map<string, Tensor> {
  const scope: Scope = { ...theme.names }, { derivatives = 2 } = theme;
  for (const [name, text] of Object.entries(theme.inputs ?? {})) scope[name] = evaluateHere(text);
  const floating = (x: unknown): x is Tensor => x instanceof Tensor && x.dtype !== "int32";
  const names = [...namesIn(program, scope)].filter((name) => floating(scope[name])).sort();
  const leaves = names.map((name) => (scope[name] as Tensor).cast(dtype));
  const apply = (...values: Tensor[]) => {
    const given = Object.fromEntries(names.map((name, i) => [name, values[i]]));
    return evaluateHere(program, { ...scope, ...given }) as Tensor;
  };
  const gradient = grad((...x) => weighted(apply(...x), 0));
  const own = leaves.map((leaf) => leaf.withGrad()), value = apply(...own), found = new Map([["value", value]]);
  const add = (what: string, slopes: Tensor[]) => slopes.forEach((slope, i) => found.set(`${what} ${names[i]}`, slope));
  if (derivatives > 0 && names.length > 0) {
    add("gradient", gradient(...leaves));
    // The same by backward(), whose rules differ for gradients that are not differentiated again.
    if (value.requiresGrad) weighted(value, 0).backward();
    add("backward", own.map((leaf) => leaf.grad ?? leaf.zerosLike()));
  }
  if (derivatives > 1 && names.length > 0) {
    const second = grad((...x) => gradient(...x).map((slope, i) => weighted(slope, 1 + i)).reduce((sum, term) => sum.add(term)));
    add("second", second(...leaves));
  }
  return theme.each ? found : new Map([...found].flatMap(([name, x]) => parts(name, x)));
}

/** For a large array: some elements, its weighted sum, and the sum of magnitudes. */
function parts(name: string, x: Tensor): [string, Tensor][] {
  if (x.size <= 24) return [[name, x]];
  // A prime step spreads the elements over their images.
  const some = x.reshape(x.size).take(Array.from({ length: 9 }, (_, i) => 104729 * i % x.size));
  return [[`${name}, some`, some], [`${name}, sums`, autodiff.stack([weighted(x, 9), x.cast("float64").abs().sum()])]];
}

function weighted(x: Tensor, seed: number): Tensor {
  return x.cast("float64").mul(Tensor.from(numbers(x.size, seed, 0.5, 1.5), x.shape)).sum();
}

/** One comparison: the distances of the kit and of PyTorch's float32 from PyTorch's float64. */
export interface Comparison {
  what: string;
  dtype: DType;
  /** NaN or Infinity if not comparable, for example with another shape. */
  distance: number;
  allowed: number;
  /** The distance of PyTorch's float32. */
  theirs: number;
  found: string;
  wanted: string;
}

/** float64: the last four digits may be lost. */
const exact = 1e-12;
/** float32: three times PyTorch's error, and a few roundings, because PyTorch's error may be 0 by chance. */
const factor = 3, roundings = 2 ** -21;

/** Compares all results of a program with PyTorch's figures. */
export function compare(program: string, theme: Theme, recorded: Figures): Comparison[] {
  const { dtypes = ["float64", "float32"], each, signed } = theme;
  return dtypes.flatMap((dtype) => {
    const own = results(program, theme, dtype), nothing = "nothing";
    return [...new Set([...own.keys(), ...Object.keys(recorded)])].map((what): Comparison => {
      const x = own.get(what), found = x === undefined ? nothing : textOf(x);
      const figure = recorded[what.replace("backward", "gradient")] ?? nothing;
      const [float64, float32 = nothing] = figure.split(" | "), error = Number(float32);
      const theirs = dtype === "float64" || Number.isNaN(error) ? 0 : error;
      const wanted = dtype === "float32" && Number.isNaN(error) ? float32 : float64;
      const least = each ? 0 : dtype === "float64" ? 1 : 0.1;
      const allowed = dtype === "float64" ? exact : factor * theirs + roundings;
      return { what, dtype, distance: distance(found, wanted, { each, signed, least }), allowed, theirs, found, wanted };
    });
  });
}

/** A tensor as text: kind, shape and numbers. */
function textOf(x: Tensor): string {
  const kind = x.dtype === "int32" ? "int" : "float";
  const written = Array.from(x.data as Float64Array, (value) => Object.is(value, -0) ? "-0" : `${value}`);
  return [kind, ...x.shape, ":", ...written].join(" ");
}

/**
 * The greatest distance of two arrays, relative to the greatest finite number of the second or, with `each`, to each number. It
 * is infinite if kinds, shapes or non-finite numbers differ, or with `signed` the signs of zeros.
 * @param least the lower limit for the greatest number: programs start with numbers of about 1, so much smaller ones are left
 * from cancellation
 */
function distance(found: string, wanted: string, { each = false, signed = false, least = 0 }): number {
  const [[kind, mine = ""], [wantedKind, theirs = ""]] = [found, wanted].map((text) => text.split(/ : ?/));
  // The kit has no truth values; its comparisons return numbers.
  if (kind !== wantedKind && kind.replace(/^int|^float/, "bool") !== wantedKind) return Infinity;
  const [x, y] = [mine, theirs].map((text) => text === "" ? [] : text.split(" ").map(Number));
  if (x.length !== y.length) return Infinity;
  const greatest = Math.max(least, ...y.map(Math.abs).filter(Number.isFinite));
  const errors = x.map((value, i) => {
    if (Object.is(value, y[i])) return 0;
    if (value === y[i]) return signed ? Infinity : 0;
    const error = Math.abs(value - y[i]) / (each ? Math.abs(y[i]) : greatest);
    return Number.isNaN(error) ? Infinity : error;
  });
  return Math.max(0, ...errors);
}

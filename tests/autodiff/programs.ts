/**
 * Random programs of tensors, and what they should compute: a naive interpreter in float64, of loops over elements, which shares
 * nothing with the kit. Every number in it carries infinitesimals ε₀, ε₁, … with ε² = 0: ε₀ is a direction in which all leaves
 * move, so that its coefficient in a result is what `backward()` finds times those directions, and each gradient within a
 * program takes the next one.
 */
import * as ad from "../../autodiff/mod.ts";
import { type DType, type Tensor, tensor } from "../../autodiff/mod.ts";
import * as nn from "../../nn/mod.ts";

/** Mulberry32. */
export class Random {
  #state: number;
  constructor(seed: number) {
    this.#state = seed | 0;
  }
  next(): number {
    let t = this.#state = (this.#state + 0x6d2b79f5) | 0;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  }
  /** From 0 to before n. */
  int(n: number): number {
    return Math.floor(this.next() * n);
  }
  chance(p: number): boolean {
    return this.next() < p;
  }
  pick<T>(list: readonly T[]): T {
    return list[this.int(list.length)];
  }
}

/** The coefficients of products of infinitesimals: [i] of those whose bits are set in i. */
type Num = number[];

function plus(x: Num, y: Num, sign = 1): Num {
  if (x.length === 1 && y.length === 1) return [x[0] + sign * y[0]];
  return Array.from({ length: Math.max(x.length, y.length) }, (_, i) => (x[i] ?? 0) + sign * (y[i] ?? 0));
}

function times(x: Num, y: Num): Num {
  if (x.length === 1 && y.length === 1) return [x[0] * y[0]];
  const z = new Array<number>(Math.max(x.length, y.length)).fill(0);
  for (let i = 0; i < x.length; i++) for (let j = 0; j < y.length; j++) if ((i & j) === 0) z[i | j] += x[i] * y[j];
  return z;
}

const scaled = (x: Num, factor: number): Num => x.map((part) => part * factor);

/** f(x), of f and its derivatives at x's first part. */
function chain(x: Num, [value, ...derivatives]: number[]): Num {
  if (x.length === 1) return [value];
  const small = [0, ...x.slice(1)];
  let power: Num = [1], sum: Num = [value];
  derivatives.forEach((derivative, i) => {
    power = scaled(times(power, small), 1 / (i + 1));
    sum = plus(sum, scaled(power, derivative));
  });
  return sum;
}

const logistic = (x: number) => x < 0 ? Math.exp(x) / (1 + Math.exp(x)) : 1 / (1 + Math.exp(-x));
const logisticSlopes = (s: number) => [s * (1 - s), s * (1 - s) * (1 - 2 * s), s * (1 - s) * (1 - 6 * s + 6 * s * s)];

const inverse = (x: Num) => chain(x, [1 / x[0], -1 / x[0] ** 2, 2 / x[0] ** 3, -6 / x[0] ** 4]);
const exponential = (x: Num) => chain(x, new Array<number>(4).fill(Math.exp(x[0])));
const logarithm = (x: Num) => chain(x, [Math.log(x[0]), 1 / x[0], -1 / x[0] ** 2, 2 / x[0] ** 3]);

/** Numbers in memory, which several values may see. */
interface Storage {
  numbers: number[];
  /** Whether a graph reads it, so that writing to it changes gradients. */
  recorded: boolean;
  /** Whether it is known who sees it: gradients may share theirs. */
  owned: boolean;
  /** Whether it comes from float32. */
  rough: boolean;
}

/** A tensor, as the interpreter sees it. */
export interface Value {
  dtype: DType;
  shape: number[];
  storage: Storage;
  /** Where in the storage each element stands, in row-major order. */
  cells: number[];
  /** Infinitesimal parts in row-major order; the first of each means nothing. */
  slopes: Num[] | null;
  /** Whether it requires a gradient; of a gradient's gradient that is not known, and `certain` is false. */
  requires: boolean;
  certain: boolean;
  leaf: boolean;
}

/** What an operation was called with besides tensors. */
export interface Options {
  number?: number;
  numbers?: number[];
  swapped?: boolean;
  axis?: number;
  axes?: number[];
  keepDims?: boolean;
  shape?: number[];
  data?: number[];
  dtype?: DType;
  requires?: boolean;
  start?: number;
  end?: number;
  step?: number;
  stride?: number;
  padding?: number;
  kernel?: number;
  /** Whether it is an error. */
  refused?: boolean;
}

/** One line of a program; its results are the registers from `first` on. */
export interface Instruction {
  operation: string;
  inputs: number[];
  options: Options;
  noGrad: boolean;
  /** Of a gradient: how many of the inputs it is in, and the function of all of them. */
  variables?: number;
  body?: Instruction[];
  first: number;
}

/** A program, and what the interpreter knows of it. */
export interface Program {
  seed: number;
  instructions: Instruction[];
  registers: number;
  /** What each register held when it was made, and in the end; `null`: not known. */
  made: (Known | null)[];
  ends: (Known | null)[];
  /** Σ over leaves of their gradients times ε₀'s direction, or `null`. */
  slope: number | null;
  directions: Map<number, number[]>;
}

/** Shape, numbers and how near they should be. */
export interface Known {
  dtype: DType;
  shape: number[];
  numbers: number[];
  tolerance: number;
}

const sizeOf = (shape: readonly number[]) => shape.reduce((product, length) => product * length, 1);
const isWhole = ({ dtype }: Value) => dtype === "int32";
const isReal = ({ dtype }: Value) => dtype !== "int32";

/** Coordinates of an element in row-major order. */
function placeOf(index: number, shape: readonly number[]): number[] {
  const place = new Array<number>(shape.length);
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    place[axis] = index % shape[axis];
    index = Math.floor(index / shape[axis]);
  }
  return place;
}

function indexOf(place: readonly number[], shape: readonly number[]): number {
  return place.reduce((index, at, axis) => index * shape[axis] + at, 0);
}

const places = (shape: readonly number[]) => Array.from({ length: sizeOf(shape) }, (_, i) => placeOf(i, shape));

/** For every element of the larger shape, the element of the smaller that is repeated there. */
function repeats(from: readonly number[], to: readonly number[]): number[] {
  const missing = to.length - from.length;
  return places(to).map((place) => indexOf(from.map((length, axis) => length === 1 ? 0 : place[axis + missing]), from));
}

function broadcast(a: readonly number[], b: readonly number[]): number[] | null {
  const rank = Math.max(a.length, b.length), shape: number[] = [];
  for (let i = rank; i >= 1; i--) {
    const p = a[a.length - i] ?? 1, q = b[b.length - i] ?? 1;
    if (p !== q && p !== 1 && q !== 1) return null;
    shape.push(p === 1 ? q : p);
  }
  return shape;
}

/** The interpreter. */
class Interpreter {
  recording = true;
  /** Whether results are beyond what it can foretell: choices within rounding errors, numbers that are not. */
  lost = false;
  /** The next infinitesimal. */
  depth = 1;
  greatest = 1;
  /** Whether a graph's numbers were overwritten. */
  stale = false;
  slope: number | null = 0;

  number(x: Value, i: number): Num {
    const value = x.storage.numbers[x.cells[i]];
    return x.slopes === null ? [value] : [value, ...x.slopes[i].slice(1)];
  }
  all(x: Value): Num[] {
    return x.cells.map((_, i) => this.number(x, i));
  }

  /** -1, 0 or 1 as x is less than y, equal or greater. */
  compare(x: number, y: number, rough: boolean): number {
    const difference = Math.abs(x - y), exact = Number.isInteger(x * 4096) && Math.abs(x) < 2048;
    if (!(difference === 0 ? exact : difference > (rough ? 1e-4 : 1e-9) * (1 + Math.abs(x)))) this.lost = true;
    return Math.sign(x - y);
  }

  #made(inputs: readonly Value[], differentiable: boolean, storage: Storage, dtype: DType, shape: number[]): Value {
    const requires = this.recording && differentiable && dtype !== "int32" && inputs.some((x) => x.requires);
    if (requires) { for (const { storage } of inputs) storage.recorded = true; }
    storage.recorded ||= requires;
    const certain = !this.recording || !differentiable || inputs.every((x) => x.certain);
    return { dtype, shape, storage, cells: [], slopes: null, requires, certain, leaf: false };
  }

  /** A result of its own. */
  result(inputs: readonly Value[], dtype: DType, shape: number[], numbers: Num[], differentiable = true): Value {
    const rough = dtype === "float32" || inputs.some(({ storage }) => storage.rough);
    const storage = {
      numbers: numbers.map(([value]) => value),
      recorded: false,
      owned: true,
      rough,
    };
    const made = this.#made(inputs, differentiable, storage, dtype, shape);
    made.cells = numbers.map((_, i) => i);
    if (made.requires) made.slopes = numbers;
    for (const parts of made.requires ? numbers : storage.numbers.map((x) => [x])) {
      for (const part of parts) this.greatest = Math.max(this.greatest, Math.abs(part));
    }
    return made;
  }

  /** A view of some elements. */
  view(x: Value, shape: number[], elements: number[]): Value {
    const made = this.#made([x], true, x.storage, x.dtype, shape);
    made.cells = elements.map((i) => x.cells[i]);
    if (made.requires) made.slopes = x.slopes && elements.map((i) => x.slopes![i]);
    return made;
  }

  /** Element by element. */
  map(x: Value, f: (x: Num) => Num, differentiable = true): Value {
    return this.result([x], x.dtype, x.shape, this.all(x).map(f), differentiable);
  }

  real(x: Value): Value {
    return isWhole(x) ? this.result([x], "float64", x.shape, this.all(x)) : x;
  }

  constant(x: number, dtype: DType): Value {
    const storage = { numbers: [x], recorded: false, owned: true, rough: false };
    return { dtype, shape: [], storage, cells: [0], slopes: null, requires: false, certain: true, leaf: false };
  }

  /** Element by element of two, of which the second may be a number. */
  pair(inputs: Value[], { number, swapped }: Options, f: (x: Num, y: Num) => Num, differentiable = true): Value {
    let [x] = inputs, y = inputs[1];
    if (y === undefined) {
      if (isWhole(x) && !Number.isInteger(number)) x = this.real(x);
      y = this.constant(number!, x.dtype);
    }
    if (swapped) [x, y] = [y, x];
    const shape = broadcast(x.shape, y.shape)!, p = repeats(x.shape, shape), q = repeats(y.shape, shape);
    return this.result([x, y], x.dtype, shape, p.map((i, k) => f(this.number(x, i), this.number(y, q[k]))), differentiable);
  }

  /** The numbers along some axes for every place along the others. */
  groups(x: Value, axes: readonly number[], keepDims: boolean): { shape: number[]; groups: Num[][] } {
    const kept = x.shape.map((length, axis) => axes.includes(axis) ? 1 : length);
    const groups = Array.from({ length: sizeOf(kept) }, () => [] as Num[]);
    places(x.shape).forEach((place, i) =>
      groups[indexOf(place.map((at, axis) => axes.includes(axis) ? 0 : at), kept)].push(this.number(x, i))
    );
    return { shape: keepDims ? kept : x.shape.filter((_, axis) => !axes.includes(axis)), groups };
  }

  reduce(x: Value, { axes, keepDims }: Options, f: (group: Num[]) => Num): Value {
    const { shape, groups } = this.groups(x, axes!, keepDims!);
    return this.result([x], x.dtype, shape, groups.map(f));
  }

  extreme(group: Num[], sign: number, rough: boolean): Num {
    let best = group.slice(0, 1);
    for (const x of group.slice(1)) {
      const order = sign * this.compare(x[0], best[0][0], rough);
      if (order > 0) best = [x];
      else if (order === 0) best.push(x);
    }
    return best.length === 0 ? [NaN] : scaled(best.reduce((sum, x) => plus(sum, x)), 1 / best.length);
  }

  /** ln Σ e^x. */
  logSum(group: Num[]): Num {
    const shift = Math.max(...group.map(([x]) => x));
    const total = group.map((x) => exponential(plus(x, [-shift]))).reduce((sum, x) => plus(sum, x), [0]);
    return plus(logarithm(total), [shift]);
  }

  /** f of the numbers along an axis, for each of them. */
  along(x: Value, axis: number, f: (x: Num, group: Num[]) => Num): Value {
    const real = this.real(x), { groups } = this.groups(real, [axis], true);
    const kept = x.shape.map((length, i) => i === axis ? 1 : length), at = repeats(kept, x.shape);
    return this.result([real], real.dtype, x.shape, this.all(real).map((number, i) => f(number, groups[at[i]])));
  }

  conv2d([x, filter, bias]: Value[], { stride = 1, padding = 0 }: Options): Value {
    const [n, c, height, width] = x.shape, [o, , p, q] = filter.shape;
    const rows = Math.floor((height + 2 * padding - p) / stride) + 1,
      columns = Math.floor((width + 2 * padding - q) / stride) + 1;
    const shape = [n, o, rows, columns], a = this.all(x), b = this.all(filter);
    const parts = Math.max(1, ...[x, filter, bias].map((one) => one?.slopes?.[0]?.length ?? 1));
    const numbers = places(shape).map(([image, output, row, column]) => {
      const sum = new Array<number>(parts).fill(0);
      if (bias !== undefined) this.number(bias, output).forEach((part, i) => sum[i] += part);
      for (let k = 0; k < c; k++) {
        for (let u = 0; u < p; u++) {
          for (let v = 0; v < q; v++) {
            const i = row * stride + u - padding, j = column * stride + v - padding;
            if (i < 0 || j < 0 || i >= height || j >= width) continue;
            const l = a[((image * c + k) * height + i) * width + j], r = b[((output * c + k) * p + u) * q + v];
            for (let s = 0; s < l.length; s++) for (let t = 0; t < r.length; t++) if ((s & t) === 0) sum[s | t] += l[s] * r[t];
          }
        }
      }
      return sum;
    });
    return this.result(bias === undefined ? [x, filter] : [x, filter, bias], x.dtype, shape, numbers);
  }

  /** f of the numbers in every window. */
  pool(x: Value, { kernel = 2, stride = kernel, padding = 0 }: Options, f: (window: Num[]) => Num): Value {
    const [n, c, height, width] = x.shape;
    const count = (length: number) => Math.floor((length + 2 * padding - kernel) / stride) + 1;
    const shape = [n, c, count(height), count(width)];
    const numbers = places(shape).map(([image, channel, row, column]) => {
      const window: Num[] = [];
      for (let u = 0; u < kernel; u++) {
        for (let v = 0; v < kernel; v++) {
          const i = row * stride + u - padding, j = column * stride + v - padding;
          if (i >= 0 && j >= 0 && i < height && j < width) {
            window.push(this.number(x, ((image * c + channel) * height + i) * width + j));
          }
        }
      }
      return f(window);
    });
    return this.result([x], x.dtype, shape, numbers);
  }

  maxPool(x: Value, options: Options): Value {
    return this.pool(x, options, (window) => {
      let best = window[0];
      for (const number of window.slice(1)) if (this.compare(number[0], best[0], x.storage.rough) > 0) best = number;
      return best;
    });
  }

  relu(x: Value): Value {
    return this.map(x, (number) => this.compare(number[0], 0, x.storage.rough) > 0 ? number : [0]);
  }

  known(x: Value): Known | null {
    if (this.lost) return null;
    const numbers = x.cells.map((cell) => x.storage.numbers[cell]);
    return { dtype: x.dtype, shape: x.shape, numbers, tolerance: (x.storage.rough ? 3e-5 : 1e-10) * this.greatest };
  }
}

/** An operation: what it could be applied to, what it should give, and what the kit gives. */
interface Operation {
  draw(random: Random, values: readonly Value[]): [number[], Options] | null;
  naive(interpreter: Interpreter, inputs: Value[], options: Options): Value;
  kit(inputs: Tensor[], options: Options): Tensor;
}

function choose(random: Random, values: readonly Value[], fits: (x: Value) => boolean): number | null {
  // Newer ones more often.
  for (let tries = 0; tries < 12; tries++) {
    const at = random.chance(0.5) ? values.length - 1 - random.int(Math.min(4, values.length)) : random.int(values.length);
    if (fits(values[at])) return at;
  }
  return null;
}

/** The position of an element of one, with options that are drawn for it. */
const one = (fits: (x: Value) => boolean, options: (random: Random, x: Value) => Options = () => ({})) =>
  function draw(random: Random, values: readonly Value[]): [number[], Options] | null {
    const x = choose(random, values, fits);
    return x === null ? null : [[x], options(random, values[x])];
  };

const any = () => true;
const ranked = (x: Value) => x.shape.length > 0;
const filled = (x: Value) => ranked(x) && x.cells.length > 0;
const small = (x: Value) => x.cells.length <= 64;
const axisOf = (random: Random, x: Value) => ({ axis: random.int(x.shape.length) });

function two(random: Random, values: readonly Value[], numbers: readonly number[], fits = any as (x: Value) => boolean) {
  const x = choose(random, values, (x) => fits(x));
  if (x === null) return null;
  const y = random.chance(0.75)
    ? choose(
      random,
      values,
      (y) => fits(y) && y.dtype === values[x].dtype && sizeOf(broadcast(values[x].shape, y.shape) ?? [1e9]) <= 2000,
    )
    : null;
  if (y !== null) return [[x, y], {}] as [number[], Options];
  // Numbers that no program had before, too: the engine remembers them.
  const number = random.chance(0.3) ? (random.int(4001) - 2000) / 1024 : random.pick(numbers);
  return [[x], { number, swapped: random.chance(0.3) }] as [number[], Options];
}

type Kit2 = (x: ad.Tensor | number, y: ad.Tensor | number) => Tensor;
const kit2 = (f: Kit2) => ([x, y]: Tensor[], { number, swapped }: Options) => swapped ? f(y ?? number!, x) : f(x, y ?? number!);

const binary = (
  kit: Kit2,
  f: (this: Interpreter, x: Num, y: Num, rough: boolean) => Num,
  { numbers = [2, -1, 0.5, 3], differentiable = true, fits = any as (x: Value) => boolean } = {},
): Operation => ({
  draw: (random, values) => two(random, values, numbers, fits),
  naive: (interpreter, inputs, options) => {
    const rough = inputs.some(({ storage }) => storage.rough);
    return interpreter.pair(inputs, options, (x, y) => f.call(interpreter, x, y, rough), differentiable);
  },
  kit: kit2(kit),
});

const comparison = (kit: Kit2, holds: (order: number) => boolean): Operation => ({
  ...binary(kit, any as never, { numbers: [0, 0.5, 1] }),
  naive: (interpreter, inputs, options) => {
    const rough = inputs.some(({ storage }) => storage.rough);
    const z = interpreter.pair(inputs, options, (x, y) => [+holds(interpreter.compare(x[0], y[0], rough))], false);
    return isWhole(inputs[0]) && !isWhole(z) ? interpreter.result([z], "int32", z.shape, interpreter.all(z), false) : z;
  },
});

const unary = (
  kit: (x: Tensor) => Tensor,
  f: (this: Interpreter, x: Num, rough: boolean) => Num,
  { whole = false, differentiable = true } = {},
): Operation => ({
  draw: one(any),
  naive: (interpreter, [x]) => {
    const own = whole ? x : interpreter.real(x);
    return interpreter.map(own, (number) => f.call(interpreter, number, x.storage.rough), differentiable);
  },
  kit: ([x]) => kit(x),
});

/** Axes to reduce, each once and in any order, or all. */
function reduced(random: Random, x: Value): Options {
  const axes = x.shape.map((_, axis) => axis).filter(() => random.chance(0.6));
  return { axes: random.chance(0.5) ? axes : axes.reverse(), keepDims: random.chance(0.5) };
}

const reduction = (
  kit: (x: Tensor, axes: number[], options: { keepDims: boolean }) => Tensor,
  f: (this: Interpreter, group: Num[], rough: boolean) => Num,
  { whole = false, fits = any as (x: Value) => boolean } = {},
): Operation => ({
  draw: one(fits, reduced),
  naive: (interpreter, [x], options) => {
    const own = whole ? x : interpreter.real(x);
    return interpreter.reduce(own, options, (group) => f.call(interpreter, group, x.storage.rough));
  },
  kit: ([x], { axes, keepDims }) => kit(x, axes!, { keepDims: keepDims! }),
});

const sumOf = (group: Num[]) => group.reduce((sum, x) => plus(sum, x), [0]);
const isImages = (x: Value) => isReal(x) && x.shape.length === 4 && x.cells.length > 0 && x.shape[2] >= 2 && x.shape[3] >= 2;

/** Images, filters that fit them, and maybe a bias. */
function convolution(random: Random, values: readonly Value[], strides: readonly number[]): [number[], Options] | null {
  const x = choose(random, values, isImages);
  if (x === null) return null;
  const padding = random.int(2), [, channels, rows, columns] = values[x].shape;
  const filter = choose(
    random,
    values,
    (f) =>
      f.dtype === values[x].dtype && f.shape.length === 4 && f.cells.length > 0 && f.shape[1] === channels &&
      f.shape[2] <= rows + 2 * padding && f.shape[3] <= columns + 2 * padding && f.cells.length < 400,
  );
  if (filter === null) return null;
  const bias = choose(
    random,
    values,
    (b) => b.dtype === values[x].dtype && b.shape.length === 1 && b.shape[0] === values[filter].shape[0],
  );
  return [bias === null ? [x, filter] : [x, filter, bias], { stride: random.pick(strides), padding }];
}

function windows(random: Random, { shape: [, , rows, columns] }: Value): Options {
  const kernel = Math.min(2 + random.int(2), rows, columns);
  return { kernel, stride: 1 + random.int(2), padding: random.int(2) };
}

const indices = (random: Random, length: number, count: number) =>
  Array.from({ length: count }, () => random.int(2 * length) - length);

/** Every operation of one result, by name. */
export const operations: Record<string, Operation> = {
  add: binary(ad.add, (x, y) => plus(x, y)),
  sub: binary(ad.sub, (x, y) => plus(x, y, -1)),
  mul: binary(ad.mul, times),
  div: {
    ...binary(ad.div, any as never, { numbers: [2, -4, 3] }),
    naive: (interpreter, inputs, options) =>
      interpreter.pair(inputs.map((x) => interpreter.real(x)), options, (x, y) => times(x, inverse(y))),
  },
  // x to the power of y = e^(y ln x), or a small whole number.
  pow: {
    draw: (random, values) => {
      const drawn = two(random, values, [2, 3], isReal);
      return drawn && [drawn[0], drawn[0].length === 1 ? { number: drawn[1].swapped ? 3 : 2 } : drawn[1]];
    },
    naive: (interpreter, inputs, options) =>
      interpreter.pair(inputs, options, (x, y) => {
        if (inputs.length === 2) return exponential(times(y, logarithm(x)));
        // The engine's gradient of x³ is that of a function of y as well, but y is no leaf.
        return options.number === 2 ? times(x, x) : times(times(x, x), x);
      }),
    kit: kit2(ad.pow),
  },
  maximum: binary(ad.maximum, function (x, y, rough) {
    return this.extreme([x, y], 1, rough);
  }),
  minimum: binary(ad.minimum, function (x, y, rough) {
    return this.extreme([x, y], -1, rough);
  }),
  equal: comparison(ad.equal, (order) => order === 0),
  notEqual: comparison(ad.notEqual, (order) => order !== 0),
  less: comparison(ad.less, (order) => order < 0),
  lessEqual: comparison(ad.lessEqual, (order) => order <= 0),
  greater: comparison(ad.greater, (order) => order > 0),
  greaterEqual: comparison(ad.greaterEqual, (order) => order >= 0),
  weightedSum: {
    draw: (random, values) => {
      const x = choose(random, values, any);
      if (x === null) return null;
      const others = [0, 1, 2].map(() =>
        choose(random, values, ({ dtype, shape }) => dtype === values[x].dtype && shape.join() === values[x].shape.join())
      );
      const inputs = [x, ...others.filter((other) => other !== null)];
      return [inputs, { numbers: inputs.map(() => random.pick([1, -0.5, 2])), number: random.pick([0, 3]) }];
    },
    naive: (interpreter, inputs, { numbers, number }) => {
      const real = inputs.map((x) => interpreter.real(x));
      const sums = real[0].cells.map((_, i) =>
        real.reduce((sum, x, k) => plus(sum, scaled(interpreter.number(x, i), numbers![k])), [number!])
      );
      return interpreter.result(real, real[0].dtype, real[0].shape, sums);
    },
    kit: (inputs, { numbers, number }) => ad.weightedSum(inputs, numbers!, number),
  },
  neg: unary(ad.neg, (x) => scaled(x, -1), { whole: true }),
  exp: unary(ad.exp, exponential),
  log: unary(ad.log, logarithm),
  sqrt: unary(ad.sqrt, function (x) {
    // Infinitely steep: 0 times that is NaN on its way back.
    if (x[0] === 0) this.lost = true;
    const y = Math.sqrt(x[0]);
    return chain(x, [y, 1 / (2 * y), -1 / (4 * y ** 3), 3 / (8 * y ** 5)]);
  }),
  abs: unary(ad.abs, function (x, rough) {
    return scaled(x, this.compare(x[0], 0, rough));
  }, { whole: true }),
  sign: unary(ad.sign, function (x, rough) {
    return [this.compare(x[0], 0, rough)];
  }, { whole: true, differentiable: false }),
  relu: unary(ad.relu, function (x, rough) {
    return this.compare(x[0], 0, rough) > 0 ? x : [0];
  }, { whole: true }),
  sigmoid: unary(ad.sigmoid, (x) => chain(x, [logistic(x[0]), ...logisticSlopes(logistic(x[0]))])),
  tanh: unary(ad.tanh, (x) => {
    const t = Math.tanh(x[0]), u = 1 - t * t;
    return chain(x, [t, u, -2 * t * u, u * (6 * t * t - 2)]);
  }),
  softplus: unary(ad.softplus, (x) => {
    const s = logistic(x[0]);
    return chain(x, [Math.max(x[0], 0) + Math.log1p(Math.exp(-Math.abs(x[0]))), s, ...logisticSlopes(s)]);
  }),
  clip: {
    draw: one(any, (random) => ({ numbers: random.pick([[-1, 1], [0, 2], [-2, 0]]) })),
    naive: (interpreter, [x], { numbers }) =>
      interpreter.map(x, (number) => {
        const [low, high] = numbers!, { rough } = x.storage;
        return interpreter.compare(number[0], low, rough) < 0
          ? [low]
          : interpreter.compare(number[0], high, rough) > 0
          ? [high]
          : number;
      }),
    kit: ([x], { numbers }) => ad.clip(x, numbers![0], numbers![1]),
  },
  where: {
    draw: (random, values) => {
      const pair = two(random, values, [0, 1, -2]);
      if (pair === null || pair[0].length === 1 && isWhole(values[pair[0][0]])) return null;
      const shape = pair[0].map((i) => values[i].shape).reduce((a, b) => broadcast(a, b)!);
      const condition = choose(random, values, (x) => {
        const whole = broadcast(x.shape, shape);
        return whole !== null && sizeOf(whole) <= 300;
      });
      return condition === null ? null : [[condition, ...pair[0]], pair[1]];
    },
    naive: (interpreter, [condition, x, y], { number, swapped }) => {
      let [p, q] = [x, y ?? interpreter.constant(number!, x.dtype)];
      if (swapped) [p, q] = [q, p];
      const shape = broadcast(condition.shape, broadcast(p.shape, q.shape)!)!;
      const [c, a, b] = [condition, p, q].map((one) => repeats(one.shape, shape));
      const { rough } = condition.storage;
      const numbers = c.map((i, k) =>
        interpreter.compare(interpreter.number(condition, i)[0], 0, rough) !== 0
          ? interpreter.number(p, a[k])
          : interpreter.number(q, b[k])
      );
      // Of a condition that requires a gradient the engine records it, which is 0.
      return interpreter.result([p, q, condition], p.dtype, shape, numbers);
    },
    kit: ([condition, x, y], { number, swapped }) =>
      swapped ? ad.where(condition, y ?? number!, x) : ad.where(condition, x, y ?? number!),
  },
  cast: {
    draw: one(any, (random) => ({ dtype: random.pick(["float32", "float64", "float64", "int32"] as const) })),
    naive: (interpreter, [x], { dtype }) => {
      if (dtype === x.dtype) return x;
      const numbers = dtype === "int32"
        ? interpreter.all(x).map(([value]) => {
          const whole = Math.trunc(value);
          if (whole !== value) interpreter.compare(value, Math.round(value), x.storage.rough);
          else interpreter.compare(value, value, x.storage.rough);
          return [whole];
        })
        : interpreter.all(x);
      return interpreter.result([x], dtype!, x.shape, numbers);
    },
    kit: ([x], { dtype }) => x.cast(dtype!),
  },
  sum: reduction(ad.sum, sumOf, { whole: true }),
  mean: reduction(ad.mean, (group) => scaled(sumOf(group), 1 / group.length)),
  variance: reduction(ad.variance, (group) => {
    const mean = scaled(sumOf(group), 1 / group.length);
    return scaled(sumOf(group.map((x) => times(plus(x, mean, -1), plus(x, mean, -1)))), 1 / Math.max(0, group.length - 1));
  }),
  max: reduction(
    ad.max,
    function (group, rough) {
      return this.extreme(group, 1, rough);
    },
    { whole: true, fits: (x) => x.cells.length > 0 },
  ),
  min: reduction(
    ad.min,
    function (group, rough) {
      return this.extreme(group, -1, rough);
    },
    { whole: true, fits: (x) => x.cells.length > 0 },
  ),
  logSumExp: {
    draw: one(filled, (random, x) => ({ ...axisOf(random, x), keepDims: random.chance(0.5) })),
    naive: (interpreter, [x], { axis, keepDims }) =>
      interpreter.reduce(interpreter.real(x), { axes: [axis!], keepDims }, (group) => interpreter.logSum(group)),
    kit: ([x], { axis, keepDims }) => ad.logSumExp(x, axis, { keepDims }),
  },
  softmax: {
    draw: one(filled, axisOf),
    naive: (interpreter, [x], { axis }) =>
      interpreter.along(x, axis!, (number, group) => exponential(plus(number, interpreter.logSum(group), -1))),
    kit: ([x], { axis }) => ad.softmax(x, axis),
  },
  logSoftmax: {
    draw: one(filled, axisOf),
    naive: (interpreter, [x], { axis }) =>
      interpreter.along(x, axis!, (number, group) => plus(number, interpreter.logSum(group), -1)),
    kit: ([x], { axis }) => ad.logSoftmax(x, axis),
  },
  crossEntropy: {
    draw: one(
      (x) => isReal(x) && [1, 2].includes(x.shape.length) && x.cells.length > 0 && small(x),
      (random, { shape: [rows, classes = 1] }) => ({
        data: Array.from({ length: rows }, () => classes > 1 ? random.int(classes) : random.int(5) / 4),
        dtype: classes > 1 && random.chance(0.5) ? "int32" : "float64",
      }),
    ),
    naive: (interpreter, [x], { data }) => {
      const [rows, classes = 1] = x.shape;
      let total: Num = [0];
      for (let row = 0; row < rows; row++) {
        const logits = Array.from({ length: classes }, (_, k) => interpreter.number(x, row * classes + k));
        total = plus(
          total,
          classes > 1
            ? plus(interpreter.logSum(logits), logits[data![row]], -1)
            : plus(interpreter.logSum([[0], logits[0]]), scaled(logits[0], data![row]), -1),
        );
      }
      return interpreter.result([x], "float64", [], [scaled(total, 1 / rows)]);
    },
    kit: ([x], { data, dtype }) => ad.crossEntropy(x, tensor(data!, [data!.length], { dtype })),
  },
  matmul: {
    draw: (random, values) => {
      const fits = (x: Value) => isReal(x) && [1, 2].includes(x.shape.length);
      const x = choose(random, values, fits);
      if (x === null) return null;
      const y = choose(random, values, (y) => fits(y) && y.dtype === values[x].dtype && y.shape[0] === values[x].shape.at(-1));
      return y === null ? null : [[x, y], {}];
    },
    naive: (interpreter, [x, y]) => {
      const [n, k] = x.shape.length === 1 ? [1, x.shape[0]] : x.shape, m = y.shape[1] ?? 1, numbers: Num[] = [];
      for (let i = 0; i < n; i++) {
        for (let j = 0; j < m; j++) {
          let sum: Num = [0];
          for (let l = 0; l < k; l++) {
            sum = plus(sum, times(interpreter.number(x, i * k + l), interpreter.number(y, l * m + j)));
          }
          numbers.push(sum);
        }
      }
      return interpreter.result([x, y], x.dtype, [...x.shape.slice(0, -1), ...y.shape.slice(1)], numbers);
    },
    kit: ([x, y]) => ad.matmul(x, y),
  },
  transpose: {
    draw: one(ranked, (random, { shape }) => {
      const axes = shape.map((_, axis) => axis);
      for (let i = axes.length - 1; i > 0; i--) {
        const j = random.int(i + 1);
        [axes[i], axes[j]] = [axes[j], axes[i]];
      }
      return { axes };
    }),
    naive: (interpreter, [x], { axes }) => {
      const shape = axes!.map((axis) => x.shape[axis]);
      return interpreter.view(
        x,
        shape,
        places(shape).map((place) => {
          const from: number[] = [];
          axes!.forEach((axis, i) => from[axis] = place[i]);
          return indexOf(from, x.shape);
        }),
      );
    },
    kit: ([x], { axes }) => x.transpose(...axes!),
  },
  reshape: {
    draw: one(any, (random, { cells: { length } }) => {
      const divisors = [1, 2, 3, 4, 6].filter((d) => length % d === 0), rows = random.pick(divisors);
      const shapes = [[length], [rows, length / rows], [length / rows, 1, rows], ...length === 1 ? [[]] : []];
      return { shape: random.pick(shapes) };
    }),
    naive: (interpreter, [x], { shape }) => {
      const straight = x.cells.every((cell, i) => cell === x.cells[0] + i);
      if (straight) return interpreter.view(x, shape!, x.cells.map((_, i) => i));
      return interpreter.result([x], x.dtype, shape!, interpreter.all(x));
    },
    kit: ([x], { shape }) => x.reshape(...shape!),
  },
  broadcastTo: {
    draw: one(small, (random, { shape }) => ({
      shape: [...random.chance(0.6) ? [2] : [], ...shape.map((length) => length === 1 ? 1 + random.int(3) : length)],
    })),
    naive: (interpreter, [x], { shape }) =>
      shape!.join() === x.shape.join() ? x : interpreter.view(x, shape!, repeats(x.shape, shape!)),
    kit: ([x], { shape }) => x.broadcastTo(shape!),
  },
  slice: {
    draw: one(ranked, (random, x) => {
      const { axis } = axisOf(random, x), length = x.shape[axis], start = random.int(length + 1);
      return { axis, start, end: start + random.int(length - start + 1), step: 1 + random.int(2) };
    }),
    naive: (interpreter, [x], { axis, start, end, step }) => {
      const shape = x.shape.map((length, i) => i === axis ? Math.max(0, Math.ceil((end! - start!) / step!)) : length);
      return interpreter.view(
        x,
        shape,
        places(shape).map((place) => indexOf(place.map((at, i) => i === axis ? start! + at * step! : at), x.shape)),
      );
    },
    kit: ([x], { axis, start, end, step }) => x.slice(axis!, start!, end!, step!),
  },
  concatenate: {
    draw: (random, values) => {
      const x = choose(random, values, (x) => ranked(x) && small(x));
      if (x === null) return null;
      const { axis } = axisOf(random, values[x]);
      const without = (shape: number[]) => shape.map((length, i) => i === axis ? -1 : length).join();
      const others = [0, 1].map(() =>
        choose(random, values, ({ dtype, shape }) => dtype === values[x].dtype && without(shape) === without(values[x].shape))
      );
      return [[x, ...others.filter((other) => other !== null)], { axis }];
    },
    naive: (interpreter, inputs, { axis }) => {
      const shape = inputs[0].shape.map((length, i) => i === axis ? inputs.reduce((sum, x) => sum + x.shape[i], 0) : length);
      const numbers = places(shape).map((place) => {
        let at = place[axis!], part = 0;
        while (at >= inputs[part].shape[axis!]) at -= inputs[part++].shape[axis!];
        return interpreter.number(inputs[part], indexOf(place.map((p, i) => i === axis ? at : p), inputs[part].shape));
      });
      return interpreter.result(inputs, inputs[0].dtype, shape, numbers);
    },
    kit: (inputs, { axis }) => ad.concatenate(inputs, axis),
  },
  stack: {
    draw: one(small, (random, { shape }) => ({ axis: random.int(shape.length + 1) })),
    naive: (interpreter, [x], { axis }) => {
      const shape = [...x.shape.slice(0, axis), 2, ...x.shape.slice(axis)];
      const numbers = places(shape).map((place) => interpreter.number(x, indexOf(place.filter((_, i) => i !== axis), x.shape)));
      return interpreter.result([x], x.dtype, shape, numbers);
    },
    kit: ([x], { axis }) => ad.stack([x, x], axis),
  },
  take: {
    draw: one((x) => filled(x) && small(x), (random, x) => {
      const { axis } = axisOf(random, x);
      return { axis, numbers: indices(random, x.shape[axis], 1 + random.int(3)), swapped: random.chance(0.5) };
    }),
    naive: (interpreter, [x], { axis, numbers }) => {
      const shape = x.shape.map((length, i) => i === axis ? numbers!.length : length), length = x.shape[axis!];
      const at = (k: number) => (numbers![k] + length) % length;
      return interpreter.result(
        [x],
        x.dtype,
        shape,
        places(shape).map((place) => interpreter.number(x, indexOf(place.map((p, i) => i === axis ? at(p) : p), x.shape))),
      );
    },
    kit: ([x], { axis, numbers, swapped }) => x.take(swapped ? tensor(Int32Array.from(numbers!)) : numbers!, axis),
  },
  gather: {
    draw: one((x) => filled(x) && small(x), (random, x) => {
      const { axis } = axisOf(random, x), shape = x.shape.map((length, i) => i === axis ? 1 + random.int(2) : length);
      return { axis, shape, numbers: indices(random, x.shape[axis], sizeOf(shape)) };
    }),
    naive: (interpreter, [x], { axis, shape, numbers }) => {
      const length = x.shape[axis!];
      const chosen = places(shape!).map((place, k) =>
        interpreter.number(x, indexOf(place.map((p, i) => i === axis ? (numbers![k] + length) % length : p), x.shape))
      );
      return interpreter.result([x], x.dtype, shape!, chosen);
    },
    kit: ([x], { axis, shape, numbers }) => x.gather(tensor(Int32Array.from(numbers!), shape), axis),
  },
  detach: {
    draw: one(any),
    naive: (interpreter, [x]) => {
      const made = interpreter.view({ ...x, requires: false, slopes: null }, x.shape, x.cells.map((_, i) => i));
      return { ...made, certain: true };
    },
    kit: ([x]) => x.detach(),
  },
  conv2d: {
    draw: (random, values) => convolution(random, values, [1, 1, 2]),
    naive: (interpreter, inputs, options) => interpreter.conv2d(inputs, options),
    kit: ([x, filter, bias], { stride, padding }) => ad.conv2d(x, filter, bias ?? null, { stride, padding }),
  },
  maxPool2d: {
    draw: one(isImages, windows),
    naive: (interpreter, [x], options) => interpreter.maxPool(x, options),
    kit: ([x], { kernel, stride, padding }) => ad.maxPool2d(x, kernel!, { stride, padding }),
  },
  avgPool2d: {
    draw: one(isImages, windows),
    naive: (interpreter, [x], options) =>
      interpreter.pool(x, options, (window) => scaled(sumOf(window), 1 / options.kernel! ** 2)),
    kit: ([x], { kernel, stride, padding }) => ad.avgPool2d(x, kernel!, { stride, padding }),
  },
  // Conv2d, ReLU and MaxPool2d are one primitive there.
  sequential: {
    draw: (random, values) => {
      const drawn = convolution(random, values, [1]);
      if (drawn === null) return null;
      const [x, filter] = drawn[0].map((i) => values[i]), { padding } = drawn[1];
      const size = [2, 3].map((axis) => x.shape[axis] + 2 * padding! - filter.shape[axis] + 1);
      return Math.min(...size) < 2 ? null : [drawn[0], { ...drawn[1], kernel: 2, swapped: random.chance(0.3) }];
    },
    naive: (interpreter, inputs, { padding, kernel, swapped }) => {
      const pooled = interpreter.maxPool(interpreter.conv2d(inputs, { padding }), { kernel });
      return swapped ? pooled : interpreter.relu(pooled);
    },
    kit: ([x, weight, bias], { padding, kernel, swapped }) => {
      const [outputs, inputs, height, width] = weight.shape;
      const layer = Object.assign(new nn.Conv2d(inputs, outputs, [height, width], { padding }), { weight, bias: bias ?? null });
      const pool = new nn.MaxPool2d(kernel!);
      return new nn.Sequential(layer, ...swapped ? [pool] : [new nn.ReLU(), pool]).forward(x);
    },
  },
};

/** A program of these kinds of tensors is drawn and interpreted, line by line. */
class Writer {
  readonly interpreter = new Interpreter();
  readonly values: Value[] = [];
  readonly instructions: Instruction[] = [];
  readonly made: (Known | null)[] = [];
  readonly directions = new Map<number, number[]>();

  constructor(readonly random: Random, readonly wild: boolean) {
    if (wild) this.interpreter.lost = true;
  }

  add(instruction: Omit<Instruction, "first">, ...values: Value[]): void {
    this.instructions.push({ ...instruction, first: this.values.length });
    for (const value of values) {
      this.values.push(value);
      this.made.push(this.interpreter.known(value));
    }
  }

  /** A leaf of numbers that float32 has, mostly apart from each other. */
  leaf(shape: number[], dtype: DType, requires: boolean): void {
    const { random } = this;
    const odd = [NaN, Infinity, -Infinity, -0, 1e30, 1e-40];
    const data = Array.from({ length: sizeOf(shape) }, () => {
      if (dtype === "int32") return random.int(7) - 3;
      if (this.wild && random.chance(0.2)) return random.pick(odd);
      return random.chance(0.05) ? random.int(3) - 1 : (random.int(2001) - 1000) / 512;
    });
    const options = { shape, dtype, data, requires: requires && dtype !== "int32" };
    this.add(
      { operation: "leaf", inputs: [], options, noGrad: false },
      this.#asLeaf(this.interpreter.result([], dtype, shape, data.map((x) => [x])), options.requires, this.values.length),
    );
  }

  #asLeaf(value: Value, requires: boolean, register: number): Value {
    if (!requires) return value;
    const direction = value.cells.map(() => (this.random.int(17) - 8) / 8);
    this.directions.set(register, direction);
    value.storage.recorded = true;
    return { ...value, requires, certain: true, leaf: true, slopes: direction.map((part) => [0, part]) };
  }

  /** Whether numbers stay small, so that rounding errors do. */
  #tame(values: readonly Value[]): boolean {
    return this.wild ||
      (this.interpreter.greatest < 1e4) &&
        values.every((x) => x.cells.every((_, i) => this.interpreter.number(x, i).every((part) => Math.abs(part) <= 100)));
  }

  /** One operation; whether one was found. */
  operation(names: readonly string[], only: readonly Value[] = this.values): boolean {
    const { random, interpreter } = this, name = random.pick(names), operation = operations[name];
    const drawn = operation.draw(random, only);
    if (drawn === null) return false;
    const [inputs, options] = drawn;
    // What is not known may not be an integer.
    if (name === "cast" && options.dtype === "int32" && interpreter.lost) return false;
    const noGrad = random.chance(0.1), before = { lost: interpreter.lost, greatest: interpreter.greatest };
    interpreter.recording = !noGrad;
    const value = operation.naive(interpreter, inputs.map((i) => this.values[i]), options);
    interpreter.recording = true;
    if (value.cells.length > 2000 || !this.#tame([value])) {
      Object.assign(interpreter, before);
      return false;
    }
    this.add({ operation: name, inputs, options, noGrad }, value);
    return true;
  }

  /** A leaf that sees what another tensor sees. */
  withGrad(): void {
    const x = choose(this.random, this.values, (x) => isReal(x) && x.storage.owned);
    if (x === null) return;
    const { shape, cells } = this.values[x], seen = { ...this.values[x], requires: false, slopes: null, certain: true };
    const value = this.#asLeaf(this.interpreter.view(seen, shape, cells.map((_, i) => i)), true, this.values.length);
    this.add({ operation: "withGrad", inputs: [x], options: {}, noGrad: false }, value);
  }

  /** Overwrites a leaf or a view of one. */
  assign(to: number | null, from: number | null): void {
    const { random, values, interpreter } = this;
    to ??= choose(random, values, (x) => x.storage.owned && (x.leaf || (x.certain && !x.requires)));
    if (to === null) return;
    const target = values[to];
    from ??= choose(random, values, (x) => x.shape.join() === target.shape.join() && x !== target);
    if (from === null) return;
    const source = values[from], numbers = interpreter.all(source).map(([x]) => x);
    if (isWhole(target) && isReal(source) && (interpreter.lost || source.storage.rough)) return;
    const repeating = new Set(target.cells).size < target.cells.length;
    // That is an error, if there is anything to write.
    if (!repeating) {
      target.cells.forEach((cell, i) => target.storage.numbers[cell] = isWhole(target) ? Math.trunc(numbers[i]) : numbers[i]);
      target.storage.rough ||= source.storage.rough;
      if (target.storage.recorded) interpreter.stale = true;
    }
    this.add({ operation: "assign", inputs: [to, from], options: { refused: repeating }, noGrad: false });
  }

  /** Assigns one view of a tensor to another that overlaps it, or from outside to columns or every other row. */
  overlap(): void {
    const { random, values } = this;
    const x = choose(random, values, (x) =>
      x.storage.owned && ranked(x) && small(x) && x.shape.some((length) => length > 1) &&
      (x.leaf || (x.certain && !x.requires)) && new Set(x.cells).size === x.cells.length);
    if (x === null) return;
    const { shape } = values[x], axis = random.pick(shape.map((_, i) => i).filter((i) => shape[i] > 1)), length = shape[axis];
    const [p, q] = random.chance(0.5) ? [0, 1] : [1, 0], first = values.length;
    const view = (operation: string, of: number, options: Options) => {
      const value = operations[operation].naive(this.interpreter, [values[of]], options);
      this.add({ operation, inputs: [of], options, noGrad: false }, value);
    };
    view("detach", x, {});
    if (shape.length === 2 && shape[0] === shape[1] && random.chance(0.5)) {
      view("transpose", first, { axes: [1, 0] });
      this.assign(first + p, first + q);
      return;
    }
    view("slice", first, { axis, start: p, end: length - 1 + p, step: 1 });
    view("slice", first, { axis, start: q, end: length - 1 + q, step: 1 });
    this.assign(first + 1, first + 2);
  }

  backward(): void {
    const { random, values, interpreter } = this;
    const y = choose(random, values, (x) => x.requires && (x.cells.length === 1 || random.chance(0.5)));
    if (y === null) return;
    const output = values[y];
    const seed = output.cells.length === 1 && random.chance(0.7)
      ? null
      : choose(random, values, (x) => x.dtype === output.dtype && x.shape.join() === output.shape.join());
    if (seed === null && output.cells.length !== 1) return;
    let slope = 0;
    for (let i = 0; i < output.cells.length; i++) {
      slope += (interpreter.number(output, i)[1] ?? 0) * (seed === null ? 1 : interpreter.number(values[seed], i)[0]);
    }
    if (!this.wild && !(Math.abs(slope) <= 2000)) return;
    interpreter.greatest = Math.max(interpreter.greatest, Math.abs(slope) / 10);
    if (interpreter.lost || interpreter.stale) interpreter.slope = null;
    else if (interpreter.slope !== null) interpreter.slope += slope;
    this.add({ operation: "backward", inputs: seed === null ? [y] : [y, seed], options: {}, noGrad: false });
  }

  /** x becomes x - its gradient / 8, of which the interpreter knows nothing. */
  descend(): void {
    const x = choose(this.random, this.values, (x) => x.leaf && x.storage.owned && new Set(x.cells).size === x.cells.length);
    if (x === null) return;
    this.interpreter.lost = true;
    this.add({ operation: "descend", inputs: [x], options: {}, noGrad: false });
  }

  /** The gradient of a small function, which may itself take one. */
  gradient(names: readonly string[]): void {
    const { random, values, interpreter } = this, nested = random.chance(0.35);
    const inputs: number[] = [];
    for (let i = 0; i <= random.int(2); i++) {
      const x = choose(random, values, (x) => isReal(x) && x.cells.length <= (nested ? 4 : 8));
      if (x !== null) inputs.push(x);
    }
    if (inputs.length === 0) return;
    const variables = inputs.length;
    for (let i = 0; i < 2; i++) {
      const x = choose(random, values, small);
      if (x !== null) inputs.push(x);
    }
    const body = this.#body(inputs.map((i) => values[i]), variables, names, nested ? 2 : 1);
    if (body === null) return;
    const noGrad = random.chance(0.25), before = { lost: interpreter.lost, greatest: interpreter.greatest };
    const instruction = { operation: "grad", inputs, options: {}, noGrad, variables, body };
    interpreter.recording = !noGrad;
    const results = interpretGradient(interpreter, instruction, inputs.map((i) => values[i]));
    interpreter.recording = true;
    if (!this.#tame(results)) {
      Object.assign(interpreter, before);
      return;
    }
    this.add(instruction, ...results);
  }

  /** Lines that end in one number. */
  #body(inputs: readonly Value[], variables: number, names: readonly string[], depth: number): Instruction[] | null {
    const { random } = this, trial = new Interpreter(), values = [...inputs], body: Instruction[] = [];
    const put = (line: Omit<Instruction, "first">, ...results: Value[]) => {
      body.push({ ...line, first: values.length });
      values.push(...results);
    };
    const lines = 1 + random.int(3);
    if (this.interpreter.lost) names = names.filter((name) => name !== "cast");
    for (let i = 0, tries = 0; i < lines && tries < 20; tries++) {
      const name = random.pick(names), drawn = operations[name].draw(random, values);
      if (drawn === null) continue;
      const value = operations[name].naive(trial, drawn[0].map((k) => values[k]), drawn[1]);
      if (!small(value) || !this.#tame([value]) || !(this.wild || trial.greatest < 1e4)) continue;
      put({ operation: name, inputs: drawn[0], options: drawn[1], noGrad: random.chance(0.08) }, value);
      i++;
    }
    if (depth > 1) {
      const inner = this.#body(values.slice(0, variables), 1, names, depth - 1);
      if (inner === null) return null;
      const own = values.slice(0, variables).map((_, i) => i);
      const line = { operation: "grad", inputs: own, options: {}, noGrad: random.chance(0.15), variables: 1, body: inner };
      put(line, ...interpretGradient(trial, { ...line }, own.map((i) => values[i])));
    }
    const last = values.findLastIndex((x, i) => i >= inputs.length && isReal(x));
    if (last < 0) return null;
    put({ operation: "square", inputs: [last], options: {}, noGrad: false }, values[last]);
    return body;
  }

  program(seed: number): Program {
    const { interpreter, values } = this;
    return {
      seed,
      instructions: this.instructions,
      registers: values.length,
      made: this.made,
      ends: values.map((value) => interpreter.known(value)),
      slope: interpreter.lost ? null : interpreter.slope,
      directions: this.directions,
    };
  }
}

/** The last line of a function that is differentiated: Σ x² / 2 + x. */
export function ending(x: Tensor): Tensor {
  return x.mul(x).mul(0.5).add(x).sum();
}

function interpretEnding(interpreter: Interpreter, x: Value): Value {
  const sum = sumOf(interpreter.all(x).map((number) => plus(scaled(times(number, number), 0.5), number)));
  return interpreter.result([x], x.dtype, [], [sum]);
}

/** A value and its gradients, element by element of what it is in. */
function interpretGradient(interpreter: Interpreter, { variables, body }: Omit<Instruction, "first">, inputs: Value[]): Value[] {
  const outer = interpreter.recording, bit = 1 << interpreter.depth++, results: Value[] = [];
  const leaves = inputs.slice(0, variables).map((x) => ({
    ...x,
    requires: true,
    slopes: outer && x.requires ? x.slopes : null,
  }));
  const evaluate = (variable: number, element: number): Num => {
    const registers = [...inputs];
    leaves.forEach((leaf, i) => {
      const slopes = leaf.cells.map((_, k) => {
        const parts = [...leaf.slopes?.[k] ?? [0]];
        while (parts.length < 2 * bit) parts.push(0);
        if (i === variable && k === element) parts[bit] = 1;
        return parts;
      });
      registers[i] = { ...leaf, slopes };
    });
    interpreter.recording = true;
    for (const line of body!) {
      interpreter.recording = !line.noGrad;
      const own = line.inputs.map((i) => registers[i]);
      if (line.operation === "grad") registers.push(...interpretGradient(interpreter, line, own));
      else if (line.operation === "square") registers.push(interpretEnding(interpreter, own[0]));
      else registers.push(operations[line.operation].naive(interpreter, own, line.options));
    }
    return interpreter.number(registers.at(-1)!, 0);
  };
  const made = (shape: number[], dtype: DType, numbers: Num[]) => {
    interpreter.recording = outer;
    const result = interpreter.result(inputs, dtype, shape, numbers.map((parts) => outer ? parts : parts.slice(0, 1)));
    // Whether a gradient is recorded is the engine's affair, and it may share its storage with others.
    result.certain = !outer;
    result.storage.owned = false;
    result.storage.rough = rough;
    return result;
  };
  const rough = inputs.some(({ storage, dtype }) => storage.rough || dtype === "float32") || narrows(body!);
  const value = evaluate(-1, -1), last = body!.at(-1)!;
  const dtype = bodyDType(body!, inputs, last.inputs[0]);
  results.push(made([], dtype, [value.slice(0, bit)]));
  leaves.forEach((leaf, i) => {
    const numbers = leaf.cells.map((_, k) => {
      const parts = evaluate(i, k);
      return Array.from({ length: bit }, (_, j) => parts[j | bit] ?? 0);
    });
    results.push(made(leaf.shape, leaf.dtype, numbers));
  });
  interpreter.depth--;
  interpreter.recording = outer;
  return results;
}

/** Whether a function makes float32 of other numbers. */
function narrows(body: readonly Instruction[]): boolean {
  return body.some((line) => line.options.dtype === "float32" || narrows(line.body ?? []));
}

/** The dtype of a function's register. */
function bodyDType(body: readonly Instruction[], inputs: readonly Value[], register: number): DType {
  const trial = new Interpreter(), registers = [...inputs];
  for (const line of body) {
    if (registers.length > register) break;
    const own = line.inputs.map((i) => registers[i]);
    if (line.operation === "grad") {
      registers.push(
        trial.constant(0, bodyDType(line.body!, own, line.body!.at(-1)!.inputs[0])),
        ...own.slice(0, line.variables).map((x) => ({ ...x })),
      );
    } else registers.push(operations[line.operation].naive(trial, own, line.options));
  }
  return registers[register].dtype;
}

const everywhere = Object.keys(operations).filter((name) => !["conv2d", "maxPool2d", "avgPool2d", "sequential"].includes(name));
const views = ["transpose", "slice", "reshape", "broadcastTo", "take", "detach"];
const ofImages = ["conv2d", "maxPool2d", "avgPool2d", "sequential", "sequential", "crossEntropy"];

function someShape(random: Random): number[] {
  return Array.from({ length: random.int(4) }, () => random.chance(0.03) ? 0 : 1 + random.int(3));
}

/** The program of a seed: small tensors, images or images that are large enough for transforms. */
export function programOf(seed: number): Program {
  const random = new Random(seed * 7919 + 1), kind = random.next(), images = kind < 0.16, large = kind < 0.012;
  const writer = new Writer(random, random.chance(0.08)), dtype = random.pick(["float32", "float32", "float64"] as const);
  let names = [...everywhere, ...views, ...views];
  if (images) {
    names = [...names, ...Array.from({ length: large ? 4 : 8 }, () => ofImages).flat()];
    const channels = 1 + random.int(2), outputs = 1 + random.int(3), size = large ? 16 : 3 + random.int(4);
    const window = large ? 5 : 2 + random.int(2), type = large ? "float32" : dtype;
    writer.leaf([1 + random.int(2), channels, size, size], type, random.chance(0.4));
    writer.leaf([outputs, channels, window, window], type, true);
    writer.leaf([outputs], type, true);
    while (!writer.operation(ofImages.slice(0, 5)));
  } else {
    writer.leaf(someShape(random), dtype, true);
    writer.leaf(someShape(random), dtype, random.chance(0.5));
  }
  if (random.chance(0.4)) writer.leaf(someShape(random), random.pick(["float32", "float64", "int32"]), random.chance(0.5));
  const lines = (large ? 4 : 6) + random.int(8), most = writer.instructions.length + lines;
  for (let tries = 0; writer.instructions.length < most && tries < 60; tries++) {
    const kind = random.next();
    if (kind < 0.04) writer.leaf(someShape(random), dtype, random.chance(0.7));
    else if (kind < 0.07) writer.withGrad();
    else if (kind < 0.12) writer.assign(null, null);
    else if (kind < 0.16) writer.overlap();
    else if (kind < 0.27) writer.backward();
    else if (kind < 0.28) writer.descend();
    else if (kind < 0.36) writer.gradient(large ? everywhere : names);
    else writer.operation(names);
  }
  // Most programs end in a gradient.
  for (let tries = 0; tries < 3; tries++) writer.backward();
  return writer.program(seed);
}

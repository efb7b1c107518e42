import { foldsOf, keptShape } from "../axes.ts";
import { cpu, operandStep } from "../devices/cpu.ts";
import type { Device, Elementwise } from "../device.ts";
import type { DType } from "../dtype.ts";
import type { Listed } from "../kernels/list_memory.ts";
import type { Fields } from "../kernels/workspace.ts";
import { isByColumn, isSmall, type Matrix, productRecord } from "../kernels/matmul.ts";
import type { NdArray } from "../ndarray.ts";
import { sameShape, type Shape } from "../shape.ts";
import { broadcastArray } from "../views.ts";
import { type ListWriter, unlisted } from "./writer.ts";

/** Operations of two inputs that a list has under the same name; comparisons the other way round have their inputs exchanged. */
const exchanged: Record<string, Listed["code"]> = { greater: "less", greaterEqual: "lessEqual" };
const ofTwo = [
  "add",
  "sub",
  "mul",
  "div",
  "maximum",
  "minimum",
  "equal",
  "notEqual",
  "less",
  "lessEqual",
  "sigmoidSlope",
  "gate",
] as const;
const ofOne = ["neg", "sqrt", "abs", "sign", "relu", "finite"] as const;
/** The places in the record of a product. */
const places = ["a", "b", "c", "rows", "columns", "scratch"] as const;
const functions = ["exp", "log", "tanh"] as const;

function among<Name extends string>(names: readonly Name[], name: string): Name | undefined {
  return names.find((one) => one === name);
}

/** A device that notes what to compute, with the bits of the CPU's loops; its results are recorded arrays. */
export class ListDevice {
  constructor(readonly writer: ListWriter) {}

  #elementwise({ name }: Elementwise, inputs: readonly NdArray[], shape: Shape): NdArray {
    const [x] = inputs, { dtype } = x, z = this.writer.result(dtype, shape), n = z.size, wide = dtype === "float64" ? 1 : 0;
    const { place } = this.writer.dense(z), pair = wide === 1 ? 16 : 8;
    if (inputs.length === 1) {
      const from = this.writer.dense(x), one = among(ofOne, name), each = among(functions, name);
      if (one !== undefined) this.writer.operations.push({ code: one, wide, n, z: place, x: from.place, xStep: pair });
      else if (each !== undefined) return this.writer.rounded(z, this.writer.mapped(each, n, this.writer.widened(from, n)));
      else if (name === "sigmoid") return this.writer.rounded(z, this.#sigmoid(this.writer.widened(from, n), n));
      else if (name === "softplus") return this.writer.rounded(z, this.#softplus(this.writer.widened(from, n), n));
      else unlisted();
      return z;
    }
    const [a, b, condition] = inputs, code = among(ofTwo, name) ?? exchanged[name] ?? (name === "where" ? name : unlisted());
    if (b.dtype !== dtype) unlisted();
    const first = this.#operand(a, shape, pair), second = this.#operand(b, shape, pair);
    const [p, q] = name in exchanged ? [second, first] : [first, second];
    const third = condition === undefined ? { place: 0, step: 16 } : this.#operand(condition, shape, 16);
    const pairs = p.step === 0 || q.step === 0 || third.step === 0 ? 1 : 0;
    const w = condition === undefined
      ? 0
      : this.writer.widened({ ...third, dtype: condition.dtype as DType }, third.step === 0 ? 1 : n);
    this.writer.operations.push({
      code,
      wide,
      n,
      z: place,
      x: p.place,
      xStep: p.step,
      y: q.place,
      yStep: q.step,
      w,
      wStep: third.step,
      pairs,
    });
    return z;
  }

  #operand(x: NdArray, shape: Shape, pair: number): { place: number; step: number } {
    if (operandStep(x, shape) === 1) {
      return { place: this.writer.dense(sameShape(x.shape, shape) ? x : broadcastArray(x, shape)).place, step: pair };
    }
    return { place: this.writer.place(x.data) + (x.dtype === "float64" ? 8 : 4) * x.offset, step: 0 };
  }

  /** e^-|x|. */
  #decay(x: number, n: number): number {
    return this.writer.mapped("exp", n, this.writer.wide("decay", n, x));
  }

  #sigmoid(x: number, n: number): number {
    return this.writer.wide("logistic", n, x, { w: this.#decay(x, n), wStep: 16 });
  }

  #softplus(x: number, n: number): number {
    const rest = this.writer.mapped("log1p", n, this.#decay(x, n));
    return this.writer.both("add", n, this.writer.both("maximum", n, x, this.writer.constant(0), 0), rest);
  }

  #crossEntropy(x: NdArray, labels: NdArray): [loss: NdArray, slope: NdArray] {
    const loss = this.writer.result("float64", []), slope = this.writer.result(x.dtype, x.shape), n = x.size, rows = labels.size;
    const from = this.writer.widened(this.writer.dense(x), n), y = this.writer.widened(this.writer.dense(labels), rows);
    const of = x.shape.length === 2 && x.shape[1] > 1
      ? this.#entropies(from, y, rows, x.shape[1])
      : this.#binaryEntropies(from, y, n);
    this.writer.rounded(slope, of.slopes);
    const total = this.writer.wide("sum", 1, of.losses, { n: rows, a: 1 });
    this.writer.rounded(loss, this.writer.both("div", 1, total, this.writer.constant(rows)));
    return [loss, slope];
  }

  #binaryEntropies(x: number, y: number, n: number): { losses: number; slopes: number } {
    const slopes = this.writer.both("div", n, this.writer.both("sub", n, this.#sigmoid(x, n), y), this.writer.constant(n), 0);
    return { losses: this.writer.both("sub", n, this.#softplus(x, n), this.writer.both("mul", n, y, x)), slopes };
  }

  #entropies(x: number, y: number, rows: number, classes: number): { losses: number; slopes: number } {
    const { shifted, exponentials, totals } = this.#exponentials(x, rows, classes);
    const slopes = this.writer.rows("entropySlope", rows * classes, exponentials, { n: classes, a: rows, y, w: totals });
    const own = this.writer.rows("own", rows, shifted, { n: classes, a: rows, y });
    return { losses: this.writer.both("sub", rows, this.writer.mapped("log", rows, totals), own), slopes };
  }

  /** Rows minus their greatest numbers, e to the power of these, and their sums. */
  #exponentials(x: number, rows: number, n: number): { shifted: number; exponentials: number; totals: number } {
    const shifted = this.writer.rows("shift", rows * n, x, { n, a: rows }),
      exponentials = this.writer.mapped("exp", rows * n, shifted);
    return { shifted, exponentials, totals: this.writer.rows("rowSums", rows, exponentials, { n, a: rows }) };
  }

  #logSoftmax(x: NdArray, axis: number): NdArray {
    if (axis !== x.shape.length - 1) unlisted();
    const n = x.shape[axis],
      rows = x.size / n,
      z = this.writer.result(x.dtype, x.shape),
      from = this.writer.widened(this.writer.dense(x), x.size);
    const { shifted, totals } = this.#exponentials(from, rows, n), y = this.writer.mapped("log", rows, totals);
    return this.writer.rounded(z, this.writer.rows("subRows", x.size, shifted, { n, a: rows, y }));
  }

  #reduce(operation: string, x: NdArray, axes: readonly number[], divisor = 1): NdArray {
    if (operation !== "sum" || Math.fround(divisor) !== divisor) unlisted();
    const z = this.writer.result(x.dtype, keptShape(x.shape, axes)), all = axes.length === x.shape.length;
    let from = this.writer.dense(x);
    for (const { outer, length, inner } of all ? [{ outer: 1, length: x.size, inner: 1 }] : foldsOf(x.shape, axes)) {
      const wide = from.dtype === "float64" ? 1 : 0, { place } = from;
      const sums = this.writer.step([operation, outer, length, inner, place], "float64", outer * inner, (z) => {
        if (inner === 1) return void this.writer.operations.push({ code: "sum", wide, n: length, z, x: place, a: outer });
        const y = this.writer.reserve(2 * inner * (1 + Math.ceil(Math.log2(length))));
        this.writer.operations.push({ code: "sumRows", wide, n: inner, z, x: place, y, a: outer, b: length });
      });
      from = { place: sums, dtype: "float64" };
    }
    const sums = this.writer.widened(from, z.size);
    if (divisor === 1) return this.writer.rounded(z, sums);
    const y = this.writer.constant(divisor, x.dtype as DType);
    if (x.dtype === "float64") return this.writer.rounded(z, this.writer.both("div", z.size, sums, y, 0));
    // As on the CPU, the sums are rounded before they are divided.
    const { place } = this.writer.dense(this.writer.rounded(z, sums));
    this.writer.operations.push({ code: "div", n: z.size, z: place, x: place, xStep: 8, y, pairs: 1 });
    return z;
  }

  #deviations(x: NdArray, axes: readonly number[], divisor: number): NdArray {
    const z = this.writer.result(x.dtype, keptShape(x.shape, axes)), { place } = this.writer.dense(x);
    if (axes.length < x.shape.length) unlisted();
    const squares = this.writer.step(["squares", place, x.size], "float64", 1, (z) => {
      this.writer.operations.push({ code: "squares", wide: x.dtype === "float64" ? 1 : 0, n: x.size, z, x: place });
    });
    return this.writer.rounded(z, this.writer.both("div", 1, squares, this.writer.constant(divisor)));
  }

  #weightedSum(arrays: readonly NdArray[], weights: readonly number[], constant: number): NdArray {
    const [{ dtype, shape, size }] = arrays, { memory } = this.writer, z = this.writer.result(dtype, shape);
    const others = arrays.map((array) => this.writer.dense(array).place), all = [constant, ...weights];
    const table = (chosen: (place: number) => number) => memory.integers(others.map(chosen));
    const y = memory.numbers(all), wide = dtype === "float64" ? 1 : 0;
    const own = { code: "weightedSum", wide, n: size, z: this.writer.dense(z).place, y, a: arrays.length } as const;
    this.writer.operations.push({ ...own, weights: all, others, table });
    return z;
  }

  #matmul(x: NdArray, y: NdArray): NdArray {
    const [n, depth] = x.shape, m = y.shape[1];
    if (x.dtype !== "float32" || n * depth * m === 0) unlisted();
    const a = this.#matrix(x), b = this.#matrix(y), byColumn = isByColumn(a, m);
    if (!byColumn && !isSmall(n, depth, m)) unlisted();
    const z = this.writer.result("float32", [n, m]), c = this.writer.dense(z).place;
    if (byColumn) {
      const w = this.writer.reserve(2 * n + 8);
      const steps = { xStep: a.row, a: a.column, yStep: b.row };
      this.writer.operations.push({ code: "vector", n, z: c, x: a.place, y: b.place, b: depth, w, ...steps });
    } else {
      const { memory } = this.writer, threads = { columnParts: 1, threads: 1 };
      let fields: Fields<"MatrixProduct">;
      productRecord(
        { reserve: (elements) => this.writer.reserve(elements), record: (_, all) => (fields = all, 0) },
        [n, depth, m],
        ...[a, b] as const,
        c,
        threads,
      );
      this.writer.operations.push({
        code: "product",
        others: places.map((name) => fields[name]),
        table: (chosen) =>
          memory.record("MatrixProduct", {
            ...fields,
            ...Object.fromEntries(places.map((name) => [name, chosen(fields[name])])),
          }),
      });
    }
    return z;
  }

  #matrix({ data, stride: [row, column], offset }: NdArray): Matrix {
    return { place: this.writer.place(data) + 4 * offset, row: 4 * row, column: 4 * column };
  }

  #cast(x: NdArray, dtype: DType): NdArray {
    const { writer } = this;
    return writer.rounded(writer.result(dtype, x.shape), writer.widened(writer.dense(x), x.size));
  }

  #pick(x: NdArray, positions: NdArray): NdArray {
    const from = this.writer.dense(x), at = this.writer.dense(positions), z = this.writer.result(x.dtype, positions.shape);
    const wide = x.dtype === "float64" ? 1 : 0;
    this.writer.operations.push({ code: "pick", wide, n: z.size, z: this.writer.dense(z).place, x: from.place, y: at.place });
    return z;
  }

  #put(x: NdArray, positions: NdArray, shape: Shape): NdArray {
    const from = this.writer.dense(x),
      at = this.writer.dense(positions),
      z = this.writer.result(x.dtype, shape),
      wide = x.dtype === "float64" ? 1 : 0;
    const to = wide === 1 ? this.writer.dense(z).place : this.writer.reserve(2 * z.size);
    this.writer.operations.push({ code: "put", wide, n: x.size, z: to, x: from.place, y: at.place, a: 8 * z.size });
    return wide === 1 ? z : this.writer.rounded(z, to);
  }

  readonly device: Device<NdArray> = {
    // What a list lacks must not be composed: other operations have other bits.
    ...Object.fromEntries(Object.keys(cpu).map((name) => [name, unlisted])) as unknown as Device<NdArray>,
    elementwise: (...given) => this.#elementwise(...given as Parameters<Device<NdArray>["elementwise"]>),
    reduce: (...given) => this.#reduce(...given),
    deviations: (...given) => this.#deviations(...given),
    crossEntropy: (...given) => this.#crossEntropy(...given),
    logSoftmax: (...given) => this.#logSoftmax(...given),
    weightedSum: (...given) => this.#weightedSum(...given),
    cast: (x, dtype) => this.#cast(x, dtype),
    matmul: (...given) => this.#matmul(...given),
    pick: (...given) => this.#pick(...given),
    put: (x, positions, shape) => this.#put(x, positions, shape),
  };
}

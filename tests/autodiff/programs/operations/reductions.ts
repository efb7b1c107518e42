import * as ad from "../../../../autodiff/mod.ts";
import { type Tensor, tensor } from "../../../../autodiff/mod.ts";
import type { Random } from "../random.ts";
import type { Options, Value } from "../program.ts";
import { type Interpreter, isReal } from "../interpreter.ts";
import { exponential, type Num, plus, scaled, sumOf, times } from "../infinitesimals.ts";
import { indexOf, places } from "../places.ts";
import { any, axisOf, choose, filled, one, type Operation, small } from "./operation.ts";

/** Distinct axes to reduce, in any order, or all axes. */
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

/** The combination of each number with those before it along an axis. */
function upTo(interpreter: Interpreter, x: Value, { axis }: Options, combine: (x: Num, y: Num) => Num, start: Num): Value {
  const numbers = places(x.shape).map((place) => {
    let value = start;
    for (let i = 0; i <= place[axis!]; i++) {
      value = combine(value, interpreter.number(x, indexOf(place.map((at, other) => other === axis ? i : at), x.shape)));
    }
    return value;
  });
  return interpreter.result([x], x.dtype, x.shape, numbers);
}

/** Reductions along axes, losses and products. */
export const reductions: Record<string, Operation> = {
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
  prod: {
    draw: one((x) => isReal(x) && small(x), reduced),
    naive: (interpreter, [x], options) =>
      interpreter.reduce(x, options, (group) => group.reduce((product, x) => times(product, x), [1])),
    kit: ([x], { axes, keepDims }) => ad.prod(x, axes, { keepDims }),
  },
  cumsum: {
    draw: one((x) => isReal(x) && filled(x), axisOf),
    naive: (interpreter, [x], options) => upTo(interpreter, x, options, plus, [0]),
    kit: ([x], { axis }) => ad.cumsum(x, axis!),
  },
  cumprod: {
    draw: one((x) => isReal(x) && filled(x) && small(x), axisOf),
    naive: (interpreter, [x], options) => upTo(interpreter, x, options, times, [1]),
    kit: ([x], { axis }) => ad.cumprod(x, axis!),
  },
  "batches matmul": {
    draw: (random, values) => {
      const x = choose(random, values, (x) => isReal(x) && x.shape.length === 3 && small(x));
      if (x === null) return null;
      const { dtype, shape } = values[x];
      const fits = (y: Value) => y.dtype === dtype && y.shape.length === 3 && [shape[0], 1].includes(y.shape[0]);
      const y = choose(random, values, (y) => fits(y) && y.shape[1] === shape[2]);
      return y === null ? null : [[x, y], {}];
    },
    naive: (interpreter, [x, y]) => {
      const [batch, n, k] = x.shape, [others, , m] = y.shape, numbers: Num[] = [];
      for (let i = 0; i < batch * n; i++) {
        for (let j = 0; j < m; j++) {
          let sum: Num = [0];
          for (let l = 0; l < k; l++) {
            const other = others === 1 ? 0 : Math.floor(i / n);
            sum = plus(sum, times(interpreter.number(x, i * k + l), interpreter.number(y, (other * k + l) * m + j)));
          }
          numbers.push(sum);
        }
      }
      return interpreter.result([x, y], x.dtype, [batch, n, m], numbers);
    },
    kit: ([x, y]) => ad.matmul(x, y),
  },
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
};

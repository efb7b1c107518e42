import * as ad from "../../../../autodiff/mod.ts";
import type { Tensor } from "../../../../autodiff/mod.ts";
import { type Interpreter, isWhole } from "../interpreter.ts";
import { chain, exponential, logarithm, logistic, logisticSlopes, type Num, scaled } from "../infinitesimals.ts";
import { any, choose, one, type Operation, two } from "./operation.ts";
import { broadcast, repeats } from "../places.ts";
import { sizeOf } from "../../../helpers/tensors.ts";

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

/** Of numbers near 0: an error of a large one, rounded to float32, is an error of the sine. */
const wave = (kit: (x: Tensor) => Tensor, quarters: 0 | 1): Operation => ({
  ...unary(kit, (x) => {
    const [sine, cosine] = [Math.sin(x[0]), Math.cos(x[0])];
    return chain(x, quarters === 0 ? [sine, cosine, -sine, -cosine] : [cosine, -sine, -cosine, sine]);
  }),
  draw: one(({ cells, storage }) => cells.every((cell) => Math.abs(storage.numbers[cell]) < 8)),
});

/** Functions of elements, where() and casts. */
export const functions: Record<string, Operation> = {
  neg: unary(ad.neg, (x) => scaled(x, -1), { whole: true }),
  exp: unary(ad.exp, exponential),
  log: unary(ad.log, logarithm),
  sqrt: unary(ad.sqrt, function (x) {
    // The slope is infinite, and 0 times it is NaN in the backward pass.
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
  sin: wave(ad.sin, 0),
  cos: wave(ad.cos, 1),
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
      // The engine records the gradient of a condition that requires one; it is 0.
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
};

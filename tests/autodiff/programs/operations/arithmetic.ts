import * as ad from "../../../../autodiff/mod.ts";
import { any, choose, type Kit2, kit2, type Operation, two } from "./operation.ts";
import { type Interpreter, isReal, isWhole } from "../interpreter.ts";
import { exponential, inverse, logarithm, type Num, plus, scaled, times } from "../infinitesimals.ts";
import type { Value } from "../program.ts";

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

/** Operations on two or more tensors, element by element. */
export const arithmetic: Record<string, Operation> = {
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
        // The engine also differentiates x³ with respect to y, but y is not a leaf.
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
};

import * as ad from "../../../../autodiff/mod.ts";
import * as nn from "../../../../nn/mod.ts";
import type { Options, Value } from "../program.ts";
import { isReal } from "../interpreter.ts";
import type { Random } from "../random.ts";
import { choose, one, type Operation } from "./operation.ts";
import { scaled, sumOf } from "../infinitesimals.ts";

const isImages = (x: Value) => isReal(x) && x.shape.length === 4 && x.cells.length > 0 && x.shape[2] >= 2 && x.shape[3] >= 2;

/** Images, filters that fit, and maybe a bias. */
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

/** Operations on images. */
export const imageOperations: Record<string, Operation> = {
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
  // The engine runs Conv2d, ReLU and MaxPool2d as one primitive.
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

/** Random programs on WebGPU and on the processor: their values, gradients, and gradients of gradients. */
import { ok } from "node:assert/strict";
import { test } from "node:test";
import * as ad from "../../autodiff/mod.ts";
import type { Tensor } from "../../autodiff/mod.ts";
import { fc } from "../deps.ts";
import { full } from "../helpers/runs.ts";
import { agrees, numbers } from "./agreement.ts";
import { asCard, card } from "./card.ts";

/** A step of a program: its result from earlier ones, which it makes fit. Values stay within a few units. */
type Operation = (x: Tensor, y: Tensor, choice: number) => Tensor;

const axisOf = (x: Tensor, choice: number) => choice % x.rank;
/** y in x's shape, by its mean over what does not fit. */
const fitted = (x: Tensor, y: Tensor) => y.shape.join() === x.shape.join() ? y : y.mean().add(x.mul(0));

const operations: Record<string, Operation> = {
  ...{
    add: (x, y) => x.add(fitted(x, y)).mul(0.5),
    sub: (x, y) => x.sub(fitted(x, y)).mul(0.5),
    mul: (x, y) => x.mul(fitted(x, y)),
  },
  ...{ div: (x, y) => x.div(fitted(x, y).square().add(1)), pow: (x, y) => ad.pow(x.square().add(0.5), fitted(x, y).mul(0.3)) },
  ...{ sigmoid: (x) => x.sigmoid(), tanh: (x) => x.tanh(), softplus: (x) => ad.softplus(x), exp: (x) => x.tanh().exp() },
  ...{
    log: (x) => x.square().add(0.5).log(),
    sqrt: (x) => x.square().add(0.5).sqrt(),
    sin: (x) => ad.sin(x),
    cos: (x) => ad.cos(x),
  },
  ...{ gelu: (x) => ad.gelu(x), weighted: (x, y) => ad.weightedSum([x, fitted(x, y)], [0.7, -0.4], 0.1) },
  ...{
    transpose: (x) => x.transpose(),
    reshape: (x) => x.reshape(x.shape[1], x.shape[0]),
    flip: (x, _, c) => ad.flip(x, axisOf(x, c)),
  },
  ...{
    roll: (x, _, c) => ad.roll(x, c, axisOf(x, c)),
    part: (x, _, c) => x.slice(axisOf(x, c), c % 2 && 1, undefined, 1 + c % 2),
  },
  ...{ cat: (x, y, c) => ad.cat([x, fitted(x, y), x], axisOf(x, c)), tile: (x, _, c) => ad.tile(x, [1 + c % 2, 2 - c % 2]) },
  ...{ pad: (x, _, c) => ad.pad(x, [[c % 2, 1], [1, 0]], 0.3), take: (x, _, c) => ad.take(x, [0, -1, 0, 0], axisOf(x, c)) },
  ...{
    sum: (x, _, c) => x.sum(axisOf(x, c), { keepDims: true }).mul(0.3).add(x),
    mean: (x, _, c) => x.sub(x.mean(axisOf(x, c), { keepDims: true })),
  },
  ...{ cumsum: (x, _, c) => ad.cumsum(x, axisOf(x, c)).mul(0.3), softmax: (x, _, c) => x.softmax(axisOf(x, c)) },
  ...{
    logSumExp: (x, _, c) => ad.logSumExp(x, axisOf(x, c), { keepDims: true }).mul(0.3).add(x),
    logSoftmax: (x, _, c) => x.logSoftmax(axisOf(x, c)).mul(0.3),
  },
  standardize: (x, _, c) => ad.standardize(x, axisOf(x, c), { epsilon: 0.5 }),
  matmul: (x, y) => x.matmul(fitted(x, y).transpose()).mul(1 / x.shape[1]),
  conv2d: (x, y) => {
    const images = x.reshape(1, 1, ...x.shape), filters = y.slice(0, 0, 2).slice(1, 0, 2), [height, width] = filters.shape;
    return ad.conv2d(images, filters.reshape(1, 1, height, width), null, { padding: 1 }).reshape(x.shape[0] + 3 - height, -1);
  },
  avgPool2d: (x) =>
    ad.avgPool2d(ad.pad(x, [[0, 1], [0, 1]]).reshape(1, 1, x.shape[0] + 1, x.shape[1] + 1), 2, { stride: 1 }).reshape(...x.shape),
};

interface Line {
  operation: string;
  x: number;
  y: number;
  choice: number;
}

const length = fc.constantFrom(1, 2, 3, 4, 5, 8);
const programs = fc.record({
  shapes: fc.array(fc.tuple(length, length), { minLength: 2, maxLength: 3 }),
  lines: fc.array(
    fc.record({ operation: fc.constantFrom(...Object.keys(operations)), x: fc.nat(20), y: fc.nat(20), choice: fc.nat(5) }),
    { minLength: 3, maxLength: 9 },
  ),
});

/** Runs a program; the sum of its last results, some of which earlier ones also read. */
function run(inputs: readonly Tensor[], lines: readonly Line[]): Tensor {
  const made = [...inputs];
  for (const { operation, x, y, choice } of lines) {
    // Later ones are drawn more often.
    const of = (draw: number) => made[Math.max(0, made.length - 1 - draw % Math.min(5, made.length))];
    const result = operations[operation](of(x), of(y), choice);
    made.push(result.size > 400 ? result.slice(0, 0, 3).slice(1, 0, 3) : result);
  }
  return made.slice(inputs.length).slice(-3).map((one) => one.mean()).reduce((a, b) => a.add(b)).add(made.at(-1)!);
}

for (
  const [device, { gpu, skip }, count, seed] of [["as it is", card, full ? 300 : 20, 1], [
    "as a card",
    asCard,
    full ? 60 : 15,
    2,
  ]] as const
) {
  test(`${device}: random programs agree in values, gradients and gradients of gradients`, { skip }, async () => {
    const used = new Set<string>();
    for (const { shapes, lines } of fc.sample(programs, { seed, numRuns: count })) {
      const what = JSON.stringify({ shapes, lines });
      for (const { operation } of lines) used.add(operation);
      await agrees(gpu!, what, shapes.map((shape, i) => numbers(shape, i)), (inputs) => run(inputs, lines), true);
    }
    ok(used.size > Object.keys(operations).length * 0.6, `only ${[...used]}`);
  });
}

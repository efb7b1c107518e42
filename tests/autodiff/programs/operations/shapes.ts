import * as ad from "../../../../autodiff/mod.ts";
import { tensor } from "../../../../autodiff/mod.ts";
import type { Random } from "../random.ts";
import { any, axisOf, choose, filled, one, type Operation, ranked, small } from "./operation.ts";
import { indexOf, places, repeats } from "../places.ts";
import { sizeOf } from "../../../helpers/tensors.ts";

const indices = (random: Random, length: number, count: number) =>
  Array.from({ length: count }, () => random.int(2 * length) - length);

/** Views, and operations that join or select elements. */
export const shapes: Record<string, Operation> = {
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
  unsqueeze: {
    draw: one(small, (random, { shape }) => ({ axis: random.int(shape.length + 1) })),
    naive: (interpreter, [x], { axis }) => interpreter.view(x, x.shape.toSpliced(axis!, 0, 1), x.cells.map((_, i) => i)),
    kit: ([x], { axis }) => x.unsqueeze(axis!),
  },
  squeeze: {
    draw: one(any),
    naive: (interpreter, [x]) => interpreter.view(x, x.shape.filter((length) => length !== 1), x.cells.map((_, i) => i)),
    kit: ([x]) => x.squeeze(),
  },
  flip: {
    draw: one(filled, axisOf),
    naive: (interpreter, [x], { axis }) =>
      interpreter.result(
        [x],
        x.dtype,
        x.shape,
        places(x.shape).map((place) =>
          interpreter.number(x, indexOf(place.map((at, i) => i === axis ? x.shape[i] - 1 - at : at), x.shape))
        ),
      ),
    kit: ([x], { axis }) => x.flip(axis),
  },
  tril: {
    draw: one(({ shape }) => shape.length >= 2, (random) => ({ number: random.int(3) - 1 })),
    naive: (interpreter, [x], { number }) =>
      interpreter.result(
        [x],
        x.dtype,
        x.shape,
        places(x.shape).map((place, i) => place.at(-1)! - place.at(-2)! <= number! ? interpreter.number(x, i) : [0]),
      ),
    kit: ([x], { number }) => ad.tril(x, number),
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
};

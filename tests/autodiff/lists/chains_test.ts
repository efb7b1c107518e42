/** Operations on so many numbers that a list runs them as one pass, and shares the room of its arrays. */
import { deepEqual, equal, match, ok, throws } from "node:assert/strict";
import { test } from "node:test";
import {
  decided,
  type DType,
  primitive,
  recorded,
  type Tensor,
  tensor,
  type TypedArray,
  weightedSum,
  where,
} from "../../../autodiff/mod.ts";
import { ListRoom } from "../../../autodiff/kernels/list_room.ts";
import { listMemory, listRoom } from "../../../autodiff/kernels/lists_in_use.ts";
import { chainMakers, loadChains } from "../../../autodiff/lists/chains_in_use.ts";
import { recordTape } from "../../../autodiff/record_tape.ts";
import { here } from "../../../autodiff/remote_array.ts";
import type { Tape } from "../../../autodiff/tape.ts";
import { fc } from "../../deps.ts";
import { full } from "../../helpers/runs.ts";
import { firstDifference, functions, leafOf, sameInLists, some } from "./functions.ts";

test("long operations run one by one until what makes chains of them is loaded, and as one pass after that", async () => {
  const x = tensor(ramp(9000)), compute = (x: Tensor) => x.mul(3).exp().add(x).tanh().sub(x);
  const { tape, result } = taped(x, compute);
  equal(chainMakers(), null);
  for (let i = 0; i < 4; i++) {
    dataOf(x).reverse();
    ok(tape.replay(0));
    equal(firstDifference(result.data, compute(x).data), null);
    if (i === 1) await loadChains();
  }
  ok(chainMakers() !== null);
});

/** At the edge between short arrays and long ones, and of a chain's blocks. */
const edges = [8191, 8192, 8193, 8703, 8704, 8705, 12345];

for (const [name, f] of Object.entries(functions)) {
  test(`a pass over many numbers has the bits of the loops, forward and backward: ${name}`, () => {
    const shape = fc.oneof(fc.constantFrom(...edges).map((n) => [n, 1]), fc.constantFrom([2731, 3], [1, 9001], [4100, 2]));
    fc.assert(
      fc.property(
        fc.array(some, { minLength: 5, maxLength: 30 }),
        shape,
        fc.constantFrom<DType>("float32", "float64"),
        fc.boolean(),
        (numbers, shape, dtype, readAll) => sameInLists(f, numbers, shape, dtype, readAll),
      ),
      { seed: 29, numRuns: full ? 40 : 4 },
    );
  });
}

test("what waits for a later pass keeps its place until it is read last", () => {
  const x = tensor(ramp(9000)),
    compute = (x: Tensor) => {
      // u is read once more after v is made, which waits too.
      const u = x.mul(2), v = x.exp().add(1), w = v.mul(u);
      return w.exp().mul(v);
    };
  const { tape, result } = taped(x, compute);
  dataOf(x).reverse();
  ok(tape.replay(0));
  equal(firstDifference(result.data, compute(x).data), null);
});

/** Operations of a random program; each takes earlier values, by numbers that choose them. */
const operations: ((of: (k: number) => Tensor, number: number) => Tensor)[] = [
  (of) => of(0).add(of(1)),
  (of) => of(0).sub(of(1)),
  (of) => of(0).mul(of(1)),
  (of) => of(0).div(of(1)),
  (of) => of(0).maximum(of(1)),
  (of) => of(0).minimum(of(1)),
  (of) => where(of(0).less(of(1)), of(2), of(0)),
  (of, number) => where(of(0).greaterEqual(number), of(1), number),
  (of) => weightedSum([of(0), of(1), of(2)], [0.3, -1, 2], 0.1),
  (of, number) => of(0).mul(number).add(number),
  (of) => of(0).cast("float32").cast("float64"),
  (of) => of(0).cast("float32").mul(of(1).cast("float32")).cast("float64"),
  (of) => of(0).exp(),
  (of) => of(0).abs().log(),
  (of) => of(0).tanh(),
  (of) => of(0).sigmoid(),
  (of) => of(0).softplus(),
  (of) => of(0).abs().sqrt(),
  (of) => of(0).relu(),
  (of) => of(0).neg(),
  // Read elsewhere: a number that later operations repeat, an element, a sum, another order.
  (of) => of(1).mul(of(0).mean()),
  (of) => of(0).add(of(1).slice(0, 5, 6)),
  (of) => of(0).sub(of(1).slice(0, 0, 1)).add(of(1).slice(0, 0, 1).exp()),
  (of) => of(0).slice(0, 1, of(0).size).sum().mul(1e-3).add(of(1)),
  (of) => of(0).reshape(1, -1).transpose().reshape(-1).add(of(1)),
];

/** A random program on numbers: an operation, three earlier values and a number for each line. */
const program = fc.array(
  fc.tuple(fc.nat(operations.length - 1), fc.tuple(fc.nat(6), fc.nat(6), fc.nat(6)), fc.double({ min: -2, max: 2, noNaN: true })),
  { minLength: 4, maxLength: 30 },
);

function run(lines: readonly [number, readonly number[], number][], inputs: readonly Tensor[]): Tensor[] {
  const values = [...inputs];
  // The nearest values are the likeliest.
  for (const [at, choices, number] of lines) {
    values.push(operations[at]((k) => values.at(-1 - choices[k] % values.length)!, number));
  }
  return values.slice(inputs.length);
}

test("programs of many operations on many numbers have the bits of the loops, whichever results are read", () => {
  fc.assert(
    fc.property(
      program,
      program,
      fc.constantFrom(...edges),
      fc.array(some, { minLength: 5, maxLength: 30 }),
      fc.array(fc.nat(29), { minLength: 1, maxLength: 3 }),
      fc.boolean(),
      (first, second, n, numbers, choices, shares) => {
        const inputs = [0, 3, 5].map((salt) => leafOf(numbers, [n, 1], salt, "float64").detach().reshape(n).clone());
        const storages = inputs.map((x) => here(x.array).data), memory = listMemory(2 ** 24)!;
        const part = shares ? memory.part(2 ** 20)! : undefined;
        const recordings = [first, second].map((lines) => recordedProgram(lines, inputs, choices, new ListRoom(memory, part)));
        storages.forEach((data) => data.reverse());
        // Both share the room of long arrays, and perhaps that of short ones.
        for (let i = 0; i < 3; i++) {
          for (const { lines, tape, read } of recordings) {
            ok(tape.replay(0));
            const all = run(lines, inputs);
            for (const [at, result] of read) equal(firstDifference(result.data, all[at].data), null, `${at} of ${all.length}`);
          }
          storages.forEach((data, k) => data[k] += 1);
        }
      },
    ),
    { seed: 31, numRuns: full ? 400 : 25 },
  );
});

function recordedProgram(
  lines: readonly [number, readonly number[], number][],
  inputs: readonly Tensor[],
  choices: readonly number[],
  room: ListRoom,
) {
  const read = new Map<number, Tensor>();
  const tape = recordTape(
    new Set(inputs.map((x) => here(x.array).data)),
    (endPart) => {
      const all = run(lines, inputs);
      for (const choice of [...choices, all.length - 1]) read.set(choice % all.length, all[choice % all.length]);
      endPart();
      return read.values();
    },
    room,
  ) as Tape;
  return { lines, tape, read };
}

const ramp = (n: number, scale = 1) => Float64Array.from({ length: n }, (_, i) => scale * Math.sin(i));
const dataOf = (x: Tensor): TypedArray => here(x.array).data;

/** Records a function of one input. */
function taped(x: Tensor, compute: (x: Tensor) => Tensor, room = listRoom(2 ** 24)): { tape: Tape; result: Tensor } {
  let result: Tensor;
  const tape = recordTape(new Set([dataOf(x)]), (endPart) => {
    result = compute(x);
    endPart();
    return [result];
  }, room) as Tape;
  return { tape, result: result! };
}

test("results that nobody reads take no room: a list of a hundred long operations fits where three arrays do", () => {
  const n = 40_000,
    x = tensor(ramp(n)),
    chain = (x: Tensor) => {
      for (let i = 0; i < 50; i++) x = x.mul(0.9).add(x.sigmoid());
      return x;
    };
  // The least memory has a megabyte; all results would take 80.
  const { tape, result } = taped(x, chain, listRoom(1));
  dataOf(x).reverse();
  ok(tape.replay(0));
  deepEqual(tape.unlisted, []);
  equal(firstDifference(result.data, chain(x).data), null);
});

test("an operation outside of lists reads and fills long arrays between two passes", () => {
  const doubled = primitive({
    name: "doubled",
    shape: ([x]) => x,
    forward: (device, [x]) => {
      const z = device.cast(x, "float32");
      (z as typeof x).data.forEach((value, i, all) => all[i] = 2 * value);
      return z;
    },
    gradient: null,
  });
  const x = tensor(ramp(9000)),
    compute = (x: Tensor) => {
      const y = x.mul(3).exp(), z = doubled([y.add(1)], undefined).cast("float64");
      return z.mul(y).sub(z.sqrt()).add(y);
    };
  const { tape, result } = taped(x, compute);
  for (let i = 0; i < 3; i++) {
    dataOf(x).reverse();
    ok(tape.replay(0));
    equal(firstDifference(result.data, compute(x).data), null);
  }
  deepEqual(tape.unlisted, ["doubled"]);
});

test("a decision reads the numbers of its replay; one that reads others than when it was recorded ends the replay", () => {
  const x = tensor(ramp(9000)), read: number[] = [];
  const { tape } = taped(x, (x) => {
    const y = x.mul(2).add(1), z = y.exp(), mean = z.mean();
    decided(() => (read.push(y.data[7]), true));
    decided(() => mean.value > 7 && z.data[3] > 100);
    return z.neg();
  });
  ok(tape.replay(0));
  dataOf(x).fill(-0.25);
  ok(tape.replay(0));
  equal(read.at(-1), 0.5);
  // Now the second decision reads z, which no replay fills; that it decides the same is luck.
  dataOf(x).fill(0.6);
  equal(tape.replay(0), false);
});

test("a variable that changes is found in the first operation that it changes, though its result is not kept", () => {
  let factor = 2;
  const f = recorded((x: Tensor) => weightedSum([x.add(1), x], [factor, 1]).sub(1).exp().sum()), x = tensor(ramp(9000));
  for (let i = 0; i < 20; i++) f(x);
  factor = 3;
  throws(() => {
    for (let i = 0; i < 200; i++) f(x);
  }, (error: Error) => {
    match(error.message, /operation 2, weightedSum, gives other numbers/);
    return true;
  });
});

import { deepEqual, equal } from "node:assert/strict";
import { test } from "node:test";
import { type DType, type NdArray, primitive, type Tensor, tensor } from "../../../autodiff/mod.ts";
import { listRoom } from "../../../autodiff/kernels/lists_in_use.ts";
import { recordTape } from "../../../autodiff/record_tape.ts";
import { here } from "../../../autodiff/remote_array.ts";
import type { Tape } from "../../../autodiff/tape.ts";
import { fc } from "../../deps.ts";
import { firstDifference, functions, sameInLists, some } from "./functions.ts";

for (const [name, f] of Object.entries(functions)) {
  test(`a list has the bits of the loops, forward and backward: ${name}`, () => {
    const shape = fc.tuple(fc.oneof(fc.nat(5), fc.constantFrom(129, 300)).map((n) => n + 1), fc.nat(6).map((n) => n + 1));
    fc.assert(
      fc.property(
        fc.array(some, { minLength: 5, maxLength: 30 }),
        shape,
        fc.constantFrom<DType>("float32", "float64"),
        (numbers, shape, dtype) => sameInLists(f, numbers, shape, dtype),
      ),
      { seed: 23, numRuns: 12 },
    );
  });
}

test("a primitive of a program is no part of a list, because it may change what a device returns", () => {
  const shifted = primitive({
    name: "shifted",
    shape: ([x]) => x,
    forward(device, [x]) {
      const z = device.cast(x, "float64") as NdArray;
      z.data[0] += 1;
      return z;
    },
    gradient: null,
  });
  const x = tensor([1, 2]), storage = here(x.array).data;
  let result: Tensor;
  const tape = recordTape(new Set([storage]), (endPart) => {
    result = shifted([x.mul(2)], undefined).exp();
    endPart();
  }, listRoom(2 ** 20)) as Tape;
  storage.set([3, 4]);
  for (let i = 0; i < 10; i++) tape.replay(0);
  deepEqual(tape.unlisted, ["shifted"]);
  equal(firstDifference(result!.data, tensor(Float64Array.of(7, 8)).exp().data), null);
});

test("a memory that has no room for a list leaves its operations as they were", () => {
  const x = tensor(Float64Array.of(0.5, 1)),
    storage = here(x.array).data,
    chain = (x: Tensor) => {
      for (let i = 0; i < 6000; i++) x = x.mul(0.999);
      return x;
    };
  let result: Tensor;
  // The chain's arrays have room in the least memory, but not its list.
  const tape = recordTape(new Set([storage]), (endPart) => {
    result = chain(x);
    endPart();
  }, listRoom(1)) as Tape;
  storage.set([3, 4]);
  for (let i = 0; i < 10; i++) tape.replay(0);
  deepEqual([tape.unlisted?.length, firstDifference(result!.data, chain(tensor(Float64Array.of(3, 4))).data)], [6000, null]);
});

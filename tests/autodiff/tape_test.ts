import { deepEqual, equal, ok, throws } from "node:assert/strict";
import { test } from "node:test";
import { crossEntropy, decided, gather, oneHot, type Tensor, tensor, type TypedArray } from "../../autodiff/mod.ts";
import { listRoom } from "../../autodiff/kernels/lists_in_use.ts";
import { here } from "../../autodiff/remote_array.ts";
import { recordTape } from "../../autodiff/record_tape.ts";
import { observed } from "../../autodiff/recorder.ts";
import type { Tape } from "../../autodiff/tape.ts";
import { fc } from "../deps.ts";
import { onTheProcessor, primitives } from "./primitives/primitives.ts";

/** Leaves with gradients of 0, whose numbers a test may change. */
function leavesOf(inputs: readonly Tensor[]): Tensor[] {
  return inputs.map((x) => {
    const leaf = x.clone().withGrad();
    leaf.grad = leaf.zerosLike().clone();
    return leaf;
  });
}

/** Records a forward and a backward pass of a sum. */
function recorded(leaves: readonly Tensor[], apply: (leaves: Tensor[]) => Tensor): { tape: Tape | string; sum: Tensor } {
  let sum: Tensor | null = null;
  const tape = recordTape(new Set(leaves.map((leaf) => here(leaf.array).data)), (endPart) => {
    sum = apply([...leaves]).sum();
    endPart();
    sum.backward();
    endPart();
  }, listRoom(2 ** 20));
  return { tape, sum: sum! };
}

const dataOf = (x: Tensor): TypedArray => here(x.array).data;

test("a replay with other inputs has the bits of an ordinary pass, for every primitive and its gradient", () => {
  let replayed = 0;
  const entries = Object.entries({ ...primitives, ...onTheProcessor });
  for (const [name, [inputs, apply]] of entries) {
    let own = 0;
    fc.assert(
      fc.property(inputs, fc.nat(5), fc.double({ min: 0.5, max: 1.5, noNaN: true }), (x, choice, factor) => {
        const leaves = leavesOf(x), { tape, sum } = recorded(leaves, (leaves) => apply(leaves, choice));
        if (typeof tape === "string") return;
        for (const leaf of leaves) dataOf(leaf).forEach((value, i) => dataOf(leaf)[i] = value * factor);
        const others = leavesOf(leaves.map((leaf) => leaf.detach()));
        const wanted = apply(others, choice).sum();
        wanted.backward();
        // First one by one, then by lists.
        for (let i = 0; i < 10; i++) {
          for (const leaf of leaves) dataOf(leaf.grad!).fill(0);
          if (!tape.replay(0)) return;
          tape.replay(1);
        }
        ok(tape.unlisted !== null);
        own++;
        deepEqual(sum.data, wanted.data, name);
        leaves.forEach((leaf, i) => deepEqual(leaf.grad!.data, others[i].grad!.data, name));
      }),
      { seed: 5, numRuns: 12 },
    );
    if (own > 0) replayed++;
  }
  ok(replayed > 0.9 * entries.length, `${replayed} of ${entries.length}`);
});

test("a step that reads, writes or creates gradients is not replayed; decisions and observations may read", () => {
  const refused = (apply: (x: Tensor) => Tensor) => recorded(leavesOf([tensor([1, 2, 3])]), ([x]) => apply(x)).tape;
  equal(refused((x) => x.mul(x.data[0])), "it reads values while it computes");
  equal(refused((x) => x.mul(x.sum().value)), "it reads values while it computes");
  equal(refused((x) => x.mul(x.clone())), "it reads values while it computes");
  equal(refused((x) => (x.detach().assign(tensor([1, 1, 1])), x)), "it writes to tensors");
  for (
    const apply of [
      (x: Tensor) => x.mul(tensor([4, 5, 6]).data[1]),
      (x: Tensor) => decided(() => x.sum().value > 0) ? x.square() : x.neg(),
      (x: Tensor) => (observed(() => x.data[0]), x.exp()),
      (x: Tensor) => crossEntropy(x, x.mul(0)),
    ]
  ) equal(typeof refused(apply), "object");
});

test("a decision that turns out otherwise ends a replay", () => {
  const leaves = leavesOf([tensor([1, 2])]),
    { tape } = recorded(leaves, ([x]) => decided(() => x.sum().value > 0) ? x.square() : x);
  const of = tape as Tape;
  dataOf(leaves[0]).set([3, 4]);
  equal(of.replay(0), true);
  dataOf(leaves[0]).set([-3, -4]);
  equal(of.replay(0), false);
});

test("two recordings agree if operations, options, constants and decisions are equal, bit by bit", () => {
  const leaves = leavesOf([tensor([1, 2, 3])]),
    of = (apply: (x: Tensor) => Tensor) => recorded(leaves, ([x]) => apply(x)).tape as Tape;
  const once = of((x) => x.mul(tensor([1, 2, 0])).sum(0));
  ok(once.agrees(of((x) => x.mul(tensor([1, 2, 0])).sum(0))));
  for (
    const other of [
      (x: Tensor) => x.mul(tensor([1, 2, -0])).sum(0),
      (x: Tensor) => x.mul(tensor([1, 2, 0])).mean(0),
      (x: Tensor) => x.mul(tensor([1, 2, 0])),
      (x: Tensor) => x.exp().mul(tensor([1, 2, 0])).sum(0),
      (x: Tensor) => (decided(() => x.data[0] > 0), x.mul(tensor([1, 2, 0])).sum(0)),
    ]
  ) equal(once.agrees(of(other)), false);
});

test("indices that change are read anew by a replay, with the error of a wrong one", () => {
  const [y, x] = [() => tensor([[10, 20, 30]]), tensor([0, 2, 1])];
  const table: [name: string, apply: (x: Tensor) => Tensor, wrong: RegExp][] = [
    ["oneHot", (x) => oneHot(x.cast("int32"), 3).mul(2), /class 3: wanted a class from 0 to 2/],
    ["take", (x) => y().take(x.cast("int32"), 1), /Cannot take at index 3: the axis has length 3/],
    ["take of a vector", (x) => y().reshape(3).take(x.cast("int32")), /Cannot take at index 3: the axis has length 3/],
    ["gather", (x) => gather(y(), x.reshape(1, 3), 1), /Cannot gather at index 3: the axis has length 3/],
  ];
  for (const [name, apply, wrong] of table) {
    x.data.set([0, 2, 1]);
    let found = x;
    const tape = recordTape(null, (endPart) => (found = apply(x), endPart()), listRoom(2 ** 20)) as Tape;
    for (const numbers of [[1, 1, 0], [2, 0, 2]]) {
      x.data.set(numbers);
      ok(tape.replay(0));
      deepEqual(found.data, apply(x).data, name);
    }
    x.data.set([0, 3, 1]);
    throws(() => tape.replay(0), wrong, name);
    throws(() => apply(x), wrong, name);
  }
});

import { deepEqual, equal, ok, rejects, throws } from "node:assert/strict";
import { test } from "node:test";
import { nn, type Tensor, tensor, train } from "../../mod.ts";
import { delta, rows } from "../helpers/promises.ts";

test("a copy of a model shares no mutable state with it", () => {
  const hidden: unique symbol = Symbol("hidden");
  class Inner {
    readonly list = [new Float32Array([1, 2])];
    readonly map = new Map<string, unknown>([["k", { set: new Set([[1]]) }]]);
    readonly view = new DataView(new ArrayBuffer(8), 4);
    readonly date = new Date(0);
    readonly [hidden] = new Float64Array([5]);
  }
  class Keeper implements nn.Module {
    readonly statistic = new Float32Array([0.5]);
    readonly kept = tensor([1, 2, 3]);
    readonly inner: Inner = new Inner();
    readonly same = this.statistic;
    readonly weight = new nn.Parameter([1], () => 1);
    self = this;
    forward(x: Tensor): Tensor {
      return x.mul(this.statistic[0]);
    }
  }
  const model = nn.initialize(new Keeper(), 0), twin = nn.cloneModule(model);
  model.statistic[0] = 9;
  model.kept.assign(tensor([7, 7, 7]));
  model.inner.list[0][0] = 9;
  (model.inner.map.get("k") as { set: Set<number[]> }).set.forEach((held) => held[0] = 9);
  model.inner.view.setInt8(0, 9);
  model.inner.date.setTime(9);
  model.inner[hidden][0] = 9;
  deepEqual([
    twin.statistic[0],
    twin.kept.toArray(),
    twin.inner.list[0][0],
    twin.inner.view.getInt8(0),
    twin.inner.date.getTime(),
  ], [0.5, [1, 2, 3], 1, 0, 0]);
  deepEqual([...(twin.inner.map.get("k") as { set: Set<number[]> }).set], [[1]]);
  equal(twin.inner[hidden][0], 5);
  // Shared references stay shared, and objects keep their class.
  ok(twin.same === twin.statistic && twin.self === twin && twin.inner instanceof Inner);
});

test("a model with functions that use the original's this or layers cannot be copied", async () => {
  const layer = nn.initialize(new nn.Linear(1, 1), 0), closed = { layer, forward: (x: Tensor) => layer.forward(x).sigmoid() };
  await rejects(
    train({
      data: { features: rows(60, (i) => [i / 60]), labels: rows(60, (i) => i % 2) },
      model: closed,
      objective: nn.logLoss,
      constraints: [{ text: "ACC >= 0.1", delta }],
    }),
    /^ReadError: Cannot train a copy of this model: one of its functions still uses the original's parameters/,
  );
  class Arrow implements nn.Module {
    readonly weight = new nn.Parameter([1], () => 1);
    readonly forward = (x: Tensor): Tensor => x.mul(this.weight);
  }
  class Bound implements nn.Module {
    readonly weight = new nn.Parameter([1], () => 1);
    readonly own: (x: Tensor) => Tensor = this.forward.bind(this);
    forward(x: Tensor): Tensor {
      return x.mul(this.weight);
    }
  }
  for (const model of [new Arrow(), new Bound()]) {
    throws(
      () => nn.cloneModule(model),
      /Cannot copy a model whose field "(forward|own)" is a function with the original's `this`.*; make it a method/,
    );
  }
  const plain = { forward: (x: Tensor) => x.mul(2) };
  equal(nn.cloneModule(plain).forward(tensor([1])).value, 2);
});

import { deepEqual, ok } from "node:assert/strict";
import { test } from "node:test";
import { nn, type Tensor, tensor, train } from "../../../mod.ts";
import { features, labels } from "./replayed.ts";

let calls = 0;

/** The log of a training, and how often it called the layer. */
async function logOf(layer: nn.Module, replay: boolean) {
  calls = 0;
  const { log } = await train({
    data: { features, labels },
    model: new nn.Sequential(layer, new nn.Linear(3, 1), new nn.Sigmoid()),
    objective: nn.logLoss,
    constraints: [{ text: "ACC >= 0.5", delta: 0.1 }],
    optimizer: { name: "adam", epochs: 60, replay },
  });
  return { log, calls };
}

/** A layer that keeps something in its fields, and does nothing but in training. */
class Keeping<S> implements nn.Module {
  constructor(public kept: S, readonly output: (x: Tensor, layer: Keeping<S>) => Tensor) {}
  forward(x: Tensor, pass?: nn.Pass): Tensor {
    // Every test of a model finds a state that matters there.
    if (!pass?.training) return x;
    calls++;
    return this.output(x, this);
  }
}

/** Doubles its output from its 30th call on, which a field tells. */
const counting = <S>(kept: () => S, count: (layer: Keeping<S>) => number) => () =>
  new Keeping(kept(), (x, layer) => x.mul(count(layer) < 30 ? 1 : 2));

const stateful: Record<string, () => nn.Module> = {
  number: counting(() => 0, (layer) => ++layer.kept),
  list: counting(() => [0], ({ kept }) => kept.push(0)),
  "typed array": counting(() => new Int32Array(1), ({ kept }) => ++kept[0]),
  map: counting(() => new Map([["calls", 0]]), ({ kept }) => kept.set("calls", kept.get("calls")! + 1).get("calls")!),
  set: counting(() => new Set<number>(), ({ kept }) => kept.add(kept.size).size),
  function: counting(() => () => 0, (layer) => {
    const calls = layer.kept() + 1;
    layer.kept = () => calls;
    return calls;
  }),
  "mean in a map": () =>
    new Keeping(new Map([["mean", tensor([0, 0, 0])]]), (x, { kept }) => {
      kept.set("mean", kept.get("mean")!.mul(0.9).add(x.mean(0).mul(0.1)));
      return x.sub(kept.get("mean")!);
    }),
};

test("steps of a layer with a state in its fields are not replayed, though replays were asked for", async () => {
  for (const [name, layer] of Object.entries(stateful)) {
    const asked = await logOf(layer(), true), ordinary = await logOf(layer(), false);
    deepEqual(asked.log, ordinary.log, name);
  }
});

test("a layer that keeps its last output is replayed", async () => {
  const layer = () => new Keeping<Tensor | null>(null, (x, layer) => layer.kept = x.tanh());
  const asked = await logOf(layer(), true), ordinary = await logOf(layer(), false);
  deepEqual(asked.log, ordinary.log);
  ok(asked.calls < ordinary.calls / 2, `${asked.calls} of ${ordinary.calls}`);
});

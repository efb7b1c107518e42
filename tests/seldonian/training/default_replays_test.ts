import { equal, ok } from "node:assert/strict";
import { test } from "node:test";
import { autodiff, bounds, nn, Tensor, tensor, train, type TrainOptions } from "../../../mod.ts";
import { columns, features, labels, logOf, Sure, tail, Watched } from "./replayed.ts";

test("by default, steps are replayed if everything is the kit's own, and a custom part runs in every step", async () => {
  const layer = nn.Linear.prototype, forward = layer.forward;
  let count = 0;
  layer.forward = function (x) {
    count++;
    return forward.call(this, x);
  };
  try {
    const of = async (options: Partial<TrainOptions<nn.Module>>) => {
      count = 0;
      const constraints = [{ text: "ACC >= 0.6", delta: 0.1 }];
      const optimizer = { name: "adam", epochs: 200, ...options.optimizer } as const;
      await train({
        ...{ data: { features, labels, columns }, model: new nn.LogisticRegression(3), objective: nn.logLoss, constraints },
        ...options,
        optimizer,
      });
      return count;
    };
    ok(await of({}) < 60 && await of({ rates: "decided", objective: "ER" }) < 60);
    const customs: Partial<TrainOptions<nn.Module>>[] = [
      { optimizer: { replay: false } },
      { objective: (p, y) => nn.logLoss(p, y) },
      { penalty: () => autodiff.zeros([]) },
      { measures: [Sure], constraints: [{ text: "Sure <= 0.24", delta: 0.1 }] },
      { bound: { ...bounds.hoeffding, name: "mine" } },
      { model: new Watched(new nn.LogisticRegression(3), "plain") },
      { model: new nn.Sequential(new nn.Linear(3, 4), new nn.Dropout(1e-9), new nn.Linear(4, 1), new nn.Sigmoid()) },
    ];
    for (const [i, custom] of customs.entries()) ok(await of(custom) >= 200, `${i}`);
  } finally {
    layer.forward = forward;
  }
});

test("a layer that seldom draws is not replayed", async () => {
  const { calls } = await logOf("plain", { optimizer: { epochs: 100 } }, [
    new nn.Linear(3, 4),
    new nn.Dropout(1e-9),
    ...tail.sigmoid(),
  ]);
  ok(calls > 100, `${calls}`);
});

test("constants of a custom primitive that is replayed are those of every other program", async () => {
  const used = new Set<number>();
  const scaled = autodiff.primitive({
    name: "scaled",
    shape: ([x]) => x,
    forward: (_device, [x]) => {
      const most = Math.max(...x.data);
      used.add(most);
      return new Tensor(x).mul(most).array;
    },
    gradient: ({ dy }) => [() => dy],
  });
  await train({
    data: { features, labels, columns },
    model: new nn.LogisticRegression(3),
    objective: (p, y) => scaled([p], undefined).reshape(y.size).cast("float64").sub(y.cast("float64")).square().mean(),
    constraints: [{ text: "ACC >= 0.6", delta: 0.1 }],
    optimizer: { epochs: 100, replay: true },
  });
  ok(used.size > 50);
  for (const x of used) equal(tensor([3]).mul(x).value, Math.fround(3 * Math.fround(x)));
});

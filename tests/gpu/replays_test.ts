/** Steps on a card that are replayed from prepared lists: their numbers, transfers, memory and errors. */
import { deepEqual, equal, match, ok, rejects } from "node:assert/strict";
import { test } from "node:test";
import { type Gpu, openGpu, Tensor, type Transfers } from "../../autodiff/mod.ts";
import { nn, type OptimizerOptions, train } from "../../mod.ts";
import { full } from "../helpers/runs.ts";
import { created } from "./created.ts";

const { card: { skip }, pretending } = await import("./card.ts");

const side = 6, count = 130;
const pixels = Float32Array.from({ length: count * side * side }, (_, i) => Math.abs(Math.sin(1.3 * i)));
const images = () => ({
  features: Tensor.from(pixels, [count, 1, side, side]),
  labels: Array.from({ length: count }, (_, i) => i % 3),
});
const rows = Array.from({ length: 500 }, (_, i) => [(i % 40) / 20 - 1, ((i * 7) % 40) / 20 - 1]);
const points = () => ({
  features: Tensor.from(Float32Array.from(rows.flat()), [500, 2]),
  labels: rows.map(([x, y]) => x + y > 0 ? 1 : 0),
});

const ofImages = () =>
  new nn.Sequential(
    ...[new nn.Conv2d(1, 3, 3, { padding: 1 }), new nn.ReLU(), new nn.MaxPool2d(2), new nn.Conv2d(3, 4, 3), new nn.Tanh()],
    ...[new nn.Flatten(), new nn.LayerNorm(4), new nn.Linear(4, 3), new nn.Softmax()],
  );
const ofPoints = () => new nn.Sequential(new nn.Linear(2, 5), new nn.Tanh(), new nn.Linear(5, 1), new nn.Sigmoid());

interface Case {
  /** Whether the kernels are a card's. */
  asCard?: boolean;
  of: "images" | "points";
  optimizer: OptimizerOptions;
  candidates?: number;
  rates?: "decided";
}

async function trained(gpu: Gpu, { of, optimizer, asCard: _, ...more }: Case, onStep?: () => void, signal?: AbortSignal) {
  const [data, model] = of === "images" ? [images(), ofImages()] : [points(), ofPoints()];
  const constraints = [{ text: of === "images" ? "ACC >= 0.05" : "ACC >= 0.6", delta: 0.05 }];
  return await train({ data, model, objective: nn.logLoss, constraints, optimizer, device: gpu, onStep, signal, ...more });
}

const cases: Record<string, Case> = {
  "Adam, images, a smaller last batch": { of: "images", optimizer: { batchSize: 10, epochs: 12, thetaRate: 0.01 } },
  "the same by a card's kernels": {
    of: "images",
    optimizer: { batchSize: 10, epochs: 6, thetaRate: 0.01 },
    asCard: true,
  },
  "Adam, points, two candidates": { of: "points", optimizer: { batchSize: 50, epochs: 12, thetaRate: 0.03 }, candidates: 2 },
  "SGD with a momentum, regularization and clipping": {
    of: "points",
    optimizer: {
      name: "sgd",
      batchSize: 50,
      epochs: 12,
      thetaRate: 0.05,
      momentum: 0.5,
      regularization: 0.01,
      gradientClip: 0.2,
    },
  },
  "decisions, without a momentum, and a schedule": {
    of: "points",
    optimizer: { name: "sgd", batchSize: 50, epochs: 12, thetaRate: 0.05, schedule: "cosine" },
    rates: "decided",
  },
};

for (const [name, one] of Object.entries(cases)) {
  test(
    `${name}: replayed steps find what ordinary ones do, with one transfer each way and one submission`,
    { skip },
    async () => {
      const gpu = one.asCard ? await pretending("a card", () => openGpu()) : await openGpu();
      const seen: Transfers[] = [], made: number[] = [];
      const replayed = await trained(gpu, one, () => {
        seen.push(gpu.transfers);
        made.push(created.bindings);
      });
      const ordinary = await trained(gpu, { ...one, optimizer: { ...one.optimizer, replay: false } });
      equal(replayed.log.length, ordinary.log.length);
      replayed.log.forEach(({ f, g }, i) => {
        const far = Math.max(Math.abs(f - ordinary.log[i].f), Math.abs(g[0] - ordinary.log[i].g[0]));
        ok(far <= 1e-4, `step ${i + 1} is off by ${far}`);
      });
      equal(replayed.passed, ordinary.passed);
      equal(`${replayed}`, `${ordinary}`);
      for (let i = 1; i < seen.length; i++) {
        for (const what of ["uploads", "downloads", "submissions"] as const) {
          equal(seen[i][what] - seen[i - 1][what], 1, `${what} of step ${i + 1}`);
        }
      }
      // Most steps make no binding, so they are replays.
      const same = made.filter((count, i) => i > 0 && count === made[i - 1]).length;
      ok(same > 0.4 * made.length, `${made.length - same} of ${made.length} steps made bindings`);
    },
  );
}

for (const replay of [undefined, false] as const) {
  test(`${replay === false ? "ordinary steps" : "replays"} need no more memory from step to step`, { skip }, async () => {
    const steps = full ? 10_000 : 400, gpu = await openGpu(), stop = new AbortController();
    const before = created.buffers.size, counts: number[] = [], made: number[] = [];
    const optimizer = { batchSize: 25, epochs: 1e5, patience: 1e5, thetaRate: 0.003, replay };
    await trained(gpu, { of: "points", optimizer }, () => {
      counts.push(created.buffers.size - before);
      made.push(created.bindings);
      if (counts.length >= steps) stop.abort();
    }, stop.signal);
    const [early, late] = [counts.slice(0, steps / 2), counts.slice(steps / 2)].map((some) => Math.max(...some));
    ok(late <= early && early < 80, `at most ${early} buffers in the first half of the steps, ${late} in the second`);
    // Only steps that are noted again make some.
    const perStep = (made.at(-1)! - made[60]) / steps;
    ok(replay === false || perStep < 1, `${perStep} bindings a step`);
  });
}

test("several replayed trainings can run at once on one device", { skip }, async () => {
  const gpu = await openGpu(), one = cases["Adam, points, two candidates"], alone = await trained(gpu, one);
  const found = await Promise.all([1, 2, 3].map(() => trained(gpu, one)));
  deepEqual(found.map(({ log }) => log), [1, 2, 3].map(() => alone.log));
});

test("a model that computes otherwise from some step on is an error, if replays were asked for", { skip }, async () => {
  let factor = 1, steps = 0;
  class Changing extends nn.Sequential {
    override forward(x: Tensor): Tensor {
      return super.forward(x.mul(factor));
    }
  }
  const problem = {
    data: points(),
    model: new Changing(...Object.values(ofPoints()) as nn.Module[]),
    objective: nn.logLoss,
    constraints: [{ text: "ACC >= 0.6", delta: 0.05 }],
    device: await openGpu(),
    onStep: () => factor = ++steps < 12 ? 1 : 2,
  };
  const optimizer = { batchSize: 50, epochs: 30, thetaRate: 0.03 };
  ok((await train({ ...problem, optimizer })).log.length > 100, "without replays it is the user's affair");
  const otherwise = /Cannot train: the model.*computes otherwise than in earlier steps \(its work on the card differs\)/;
  // Of 30 steps, the last two are looked at.
  for (const epochs of [30, 6]) {
    [factor, steps] = [1, epochs === 30 ? 0 : -15];
    await rejects(train({ ...problem, optimizer: { ...optimizer, epochs, replay: true } }), otherwise);
  }
});

/** A layer whose state follows its inputs. In training it reads it, or only replaces it. */
class Following implements nn.Module {
  state = new nn.Parameter([5], nn.constant(0), { requiresGrad: false });
  constructor(readonly reads: boolean) {}
  forward(x: Tensor, pass?: { training: boolean }): Tensor {
    const { state, reads } = this, before = new Tensor(state.array), mean = x.detach().mean(0);
    if (pass?.training) state.moveTo((reads ? before.mul(0.9).add(mean.mul(0.1)) : mean).array);
    return reads || !pass?.training ? x.add(before) : x;
  }
}

/** Doubles its output from its 60th call on. */
class Counting implements nn.Module {
  calls = 0;
  forward(x: Tensor, pass?: { training: boolean }): Tensor {
    if (pass?.training) this.calls++;
    return x.mul(this.calls < 60 ? 1 : 2);
  }
}

const stateful = {
  "a layer that counts its calls": () => new Counting(),
  "batch normalization": () => new nn.BatchNorm1d(5),
  "a layer that reads its state": () => new Following(true),
  "a layer that only writes its state": () => new Following(false),
};
for (const [name, layer] of Object.entries(stateful)) {
  test(`steps of ${name} are not replayed, though replays were asked for`, { skip }, async () => {
    const gpu = await openGpu();
    const [asked, ordinary] = await Promise.all([true, false].map((replay) =>
      train({
        data: points(),
        model: new nn.Sequential(new nn.Linear(2, 5), layer(), new nn.Tanh(), new nn.Linear(5, 1), new nn.Sigmoid()),
        objective: nn.logLoss,
        constraints: [{ text: "ACC >= 0.6", delta: 0.05 }],
        device: gpu,
        optimizer: { batchSize: 50, epochs: 20, thetaRate: 0.03, replay },
      })
    ));
    deepEqual(asked.log, ordinary.log);
    equal(`${asked}`, `${ordinary}`);
  });
}

// This test is last, because it ends the devices of all tests.
test("a device that is lost in a replay ends training, with the reason and the log", { skip }, async () => {
  const gpu = await openGpu();
  let steps = 0;
  const result = await trained(gpu, cases["Adam, points, two candidates"], () => {
    if (++steps === 30) created.devices.forEach((device) => device.destroy());
  });
  ok(!result.passed && result.log.length >= 30 && result.log.length <= 31, `${result.log.length} steps`);
  match(`${result}`, /step 3\d of \d+: The gpu failed at a read: .*lost/);
});

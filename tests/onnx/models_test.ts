import { deepEqual, ok } from "node:assert/strict";
import { test } from "node:test";
import { nn, Tensor } from "../../mod.ts";
import { toOnnx } from "../../seldonian/export/mod.ts";
import { classification } from "../../seldonian/tasks/classification.ts";
import { fc } from "../deps.ts";
import { full } from "../helpers/runs.ts";
import { difference, opened, skip } from "./runtime.ts";

const { decided, margin } = classification.decision!;

/** A block with a way around it, as people write them. */
class Residual implements nn.Module {
  constructor(readonly inner: nn.Module) {}
  forward(x: Tensor, pass?: nn.Pass): Tensor {
    return this.inner.forward(x, pass).add(x);
  }
}

/** The last step of a sequence. */
class Last implements nn.Module {
  forward(x: Tensor): Tensor {
    return x.slice(1, -1).reshape(x.shape[0], x.shape[2]);
  }
}

const curves = { relu: () => new nn.ReLU(), tanh: () => new nn.Tanh(), gelu: () => new nn.GELU(), silu: () => new nn.SiLU() };
const curve = fc.constantFrom(...Object.values(curves)),
  width = fc.integer({ min: 1, max: 7 }),
  classes = fc.integer({ min: 2, max: 4 });

const dense = fc.tuple(width, width, curve, fc.boolean(), classes).map(([n, m, bend, norm, k]) => ({
  model: new nn.Sequential(
    new nn.Linear(n, m),
    bend(),
    new Residual(new nn.Sequential(norm ? new nn.LayerNorm(m) : new nn.BatchNorm1d(m), new nn.Linear(m, m), bend())),
    new nn.LogisticRegression(m, k),
  ),
  shape: [n],
}));
const images = fc.tuple(fc.integer({ min: 1, max: 2 }), width, fc.integer({ min: 1, max: 3 }), fc.boolean(), classes).map(
  ([channels, size, kernel, pools, k]) => ({
    model: new nn.Sequential(
      new nn.Conv2d(channels, 4, kernel, { padding: "same" }),
      new nn.ReLU(),
      new Residual(new nn.Sequential(new nn.Conv2d(4, 4, kernel, { padding: "same", groups: 2 }), new nn.BatchNorm2d(4))),
      pools ? new nn.AdaptiveAvgPool2d(1) : new nn.AdaptiveMaxPool2d(1),
      new nn.Flatten(),
      new nn.LogisticRegression(4, k),
    ),
    shape: [channels, size, size + 1],
  }),
);
const recurrent = { RNN: nn.RNN, LSTM: nn.LSTM, GRU: nn.GRU };
const sequences = fc.tuple(fc.constantFrom(...Object.values(recurrent)), width, fc.boolean(), fc.boolean(), classes).map(
  ([Layer, n, both, attends, k]) => ({
    model: new nn.Sequential(
      new Layer(n, 4, { batchFirst: true, bidirectional: both }),
      attends ? new nn.MultiheadAttention(both ? 8 : 4, 2, { batchFirst: true }) : new nn.Tanh(),
      new Last(),
      new nn.LogisticRegression(both ? 8 : 4, k),
    ),
    shape: [5, n],
  }),
);
const grown = fc.tuple(width, classes, fc.integer({ min: 0, max: 5 }), fc.boolean(), fc.integer({ min: 0, max: 99 })).map(
  ([n, k, maxDepth, forest, seed]) => {
    const x = rowsOf(60, [n], seed), labels = Array.from({ length: 60 }, (_, i) => i * (seed + 3) % k);
    const given = { features: x, labels }, options = { classes: k, maxDepth, seed };
    return {
      model: forest ? nn.RandomForest.grow(given, { ...options, trees: 4 }) : nn.DecisionTree.grow(given, options),
      shape: [n],
    };
  },
);

/** Rows without a pattern; every third number is one of a few, so that thresholds of trees are met. */
function rowsOf(count: number, shape: readonly number[], seed: number): Tensor {
  const size = shape.reduce((product, length) => product * length, count);
  const values = Float32Array.from(
    { length: size },
    (_, i) => i % 3 === 0 ? (i * (seed + 7)) % 5 / 2 : 3 * Math.sin(91.7 * i + seed),
  );
  return Tensor.from(values, [count, ...shape]);
}

test(
  "random models decide alike in the runtime, but for rows within 1e-6 of a threshold, which are counted",
  { skip },
  async () => {
    const kinds = fc.oneof(dense, images, sequences, grown);
    let rows = 0, differing = 0, greatest = 0;
    await fc.assert(
      fc.asyncProperty(kinds, fc.integer({ min: 0, max: 1e6 }), async ({ model, shape }, seed) => {
        nn.initialize(model, seed);
        const features = rowsOf(200, shape, seed), run = await opened(toOnnx(model, { example: features, decides: true }));
        const p = model.forward(features),
          { output, decision } = await run({ features }),
          wanted = decided(p.cast("float64")).data;
        deepEqual(output.dims, [...p.shape]);
        greatest = Math.max(greatest, difference(p.data, output.data));
        for (let row = 0; row < 200; row++) {
          if (decision[row] === wanted[row]) continue;
          differing++;
          ok(margin(p.cast("float64"), row) <= 1e-6, `row ${row}: ${decision[row]} instead of ${wanted[row]}`);
        }
        rows += 200;
      }),
      { seed: 11, numRuns: full ? 2000 : 40 },
    );
    if (full) console.log(`${rows} rows, ${differing} other decisions, outputs differ by ${greatest} at most`);
    ok(greatest < 1e-5 && rows >= 8000);
  },
);

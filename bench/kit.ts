/** Answers cases on standard input with the kit: `deno run bench/kit.ts threads [relaxed]`. @module */
import process from "node:process";
import { createInterface } from "node:readline";
import { autodiff, nn, optim, Tensor } from "../mod.ts";
import { tutorialNetwork } from "./network.ts";
import { Batch } from "../seldonian/constraints/batch.ts";
import { evaluatePromise } from "../seldonian/constraints/promise.ts";
import { promises } from "../seldonian/problem/promises.ts";

autodiff.useThreads(Number(process.argv[2] ?? 1));
if (process.argv[3] === "relaxed") await autodiff.useRelaxedSimd();

/** The same numbers in every language, in [-scale, scale]. */
function numbers(shape: readonly number[], salt: number, scale = 1): Tensor {
  const size = shape.reduce((product, length) => product * length, 1);
  return Tensor.from(Float32Array.from({ length: size }, (_, i) => scale * number(i, salt)), shape);
}

function number(i: number, salt: number): number {
  let hash = Math.imul(i + salt * 1000003, 0x9e3779b1);
  hash = Math.imul(hash ^ (hash >>> 15), 0x85ebca6b);
  return ((hash ^ (hash >>> 13)) >>> 8) / 2 ** 23 - 1;
}

/** A prepared case: the run to time, and numbers to check its result. */
interface Prepared {
  run: () => void;
  check: () => number[][];
}

const rows = 150;

/** Sum and sum of squares in float64, each with the sum of its terms' magnitudes. */
function summary(x: Tensor): number[][] {
  const wide = x.cast("float64"), squares = wide.square().sum().value;
  return [[wide.sum().value, wide.abs().sum().value], [squares, squares]];
}

function convolution(channels: number, outputs: number, width: number, withGradients: boolean): Prepared {
  const image = numbers([rows, channels, width, width], 1),
    filter = numbers([outputs, channels, 5, 5], 2),
    bias = numbers([outputs], 3);
  if (!withGradients) {
    let z = image;
    return {
      run: () => {
        autodiff.inStep(() => z = autodiff.noGrad(() => autodiff.conv2d(image, filter, bias, { padding: 2 })), () => [z]);
      },
      check: () => summary(z),
    };
  }
  const leaves = [image, filter, bias].map((leaf) => leaf.withGrad()), [x, w, b] = leaves;
  const dy = numbers([rows, outputs, width, width], 4), z = autodiff.conv2d(channels === 1 ? image : x, w, b, { padding: 2 });
  return {
    run: () => {
      for (const leaf of leaves) leaf.grad = null;
      autodiff.inStep(() => z.backward(dy), () => leaves.flatMap(({ grad }) => grad ?? []));
    },
    check: () => leaves.slice(channels === 1 ? 1 : 0).flatMap(({ grad }) => summary(grad!)),
  };
}

/** A network of fully connected layers of these widths, with rectifiers in between. */
function perceptron(...widths: number[]): nn.Sequential {
  const layers = widths.slice(1).flatMap((width, i) => [new nn.Linear(widths[i], width), new nn.ReLU()]);
  return new nn.Sequential(...layers.slice(0, -1), new nn.Softmax());
}

/** Forward pass, log-loss, backward pass and Adam on rows of a shape, with a number of constraints, recorded or not. */
function step(network: nn.Sequential, [batch, ...row]: readonly number[], constraints = 0, record = false): Prepared {
  const model = nn.initialize(network, 0);
  [...nn.namedParameters(model).values()].forEach((parameter, i) => {
    const inputs = parameter.rank > 1 ? parameter.size / parameter.shape[0] : 1600;
    const values = numbers(parameter.shape, i, 1 / Math.sqrt(inputs)).data;
    let at = 0;
    parameter.fill(() => values[at++]);
  });
  const { theta, gradient } = nn.flatParameters(model), before = theta.slice();
  const pixels = numbers([batch, ...row], 5).data.map((x) => (x + 1) / 2), features = Tensor.from(pixels, [batch, ...row]);
  const labels = Tensor.from(Float64Array.from({ length: batch }, (_, i) => (i * 7) % 10));
  const texts = ["ACC >= 0.95", ...Array.from({ length: 15 }, (_, k) => k < 10 ? `PR_[${k}] <= 0.3` : `TPR_[${k - 10}] >= 0.5`)];
  const promised = constraints === 0
    ? []
    : promises({ constraints: texts.slice(0, constraints).map((text) => ({ text, delta: 0.05 })) });
  let optimizer = optim.adam(theta, gradient, { lr: 0.001, betas: [0.9, 0.95] });
  const pass = autodiff.recorded((x, y) => {
    const f = nn.logLoss(model.forward(x), y);
    f.backward();
    return f;
  });
  const once = (train: boolean): number => {
    if (record) {
      const f = pass(features, labels);
      if (train) {
        optimizer.step();
        optimizer.zeroGrad();
      }
      return f.value;
    }
    return autodiff.inStep(() => {
      const predictions = model.forward(features), f = nn.logLoss(predictions, labels);
      let total = f;
      if (promised.length > 0) {
        const evaluated = new Batch(predictions, labels, new Map(), { testRows: 35000 });
        for (const promise of promised) {
          total = total.add(evaluatePromise(promise, evaluated, { inflation: 2 }).interval.upper.mul(0.5));
        }
      }
      total.backward();
      if (train) {
        optimizer.step();
        optimizer.zeroGrad();
      }
      return total.value;
    });
  };
  return {
    run: () => once(true),
    check: () => {
      theta.set(before);
      optimizer = optim.adam(theta, gradient, { lr: 0.001, betas: [0.9, 0.95] });
      const loss = once(false), slopes = Tensor.from(gradient.slice());
      gradient.fill(0);
      return [[loss, loss], ...summary(slopes)];
    },
  };
}

const prepare: Record<string, (size: number) => Prepared> = {
  product(size) {
    const x = numbers([size, size], 1), y = numbers([size, size], 2);
    let z = x;
    return {
      run: () => {
        autodiff.inStep(() => z = x.matmul(y), () => [z]);
      },
      check: () => summary(z),
    };
  },
  "convolution 1": () => convolution(1, 16, 28, false),
  "convolution 1, gradients": () => convolution(1, 16, 28, true),
  "convolution 2": () => convolution(16, 32, 14, false),
  "convolution 2, gradients": () => convolution(16, 32, 14, true),
  step: (size) => step(tutorialNetwork(), [size, 1, 28, 28]),
  perceptron: (size) => step(perceptron(784, 256, 10), [size, 784]),
  "deep narrow": (size) => step(perceptron(...Array<number>(9).fill(64), 10), [size, 64], 0, true),
  "constrained step": (size) => step(tutorialNetwork(), [rows, 1, 28, 28], size),
};

const known = new Map<string, Prepared>();
for await (const line of createInterface({ input: process.stdin })) {
  const { name, size = 0, runs } = JSON.parse(line), key = `${name} ${size}`;
  if (prepare[name] === undefined) {
    console.log(JSON.stringify({ unknown: name }));
    continue;
  }
  let prepared = known.get(key);
  if (prepared === undefined) {
    known.set(key, prepared = prepare[name](size));
    for (let i = 0; i < 3; i++) prepared.run();
  }
  const milliseconds = Array.from({ length: runs }, () => {
    const start = performance.now();
    prepared.run();
    return performance.now() - start;
  });
  console.log(JSON.stringify({ milliseconds, check: prepared.check() }));
}

import { deepEqual, equal, match, ok, throws } from "node:assert/strict";
import { test } from "node:test";
import { autodiff, nn, optim, Tensor, tensor } from "../../mod.ts";
import { mersenne } from "../../deps.ts";
import { fc } from "../deps.ts";
import { primitives } from "./primitives/primitives.ts";

const { decided, inStep, recorded } = autodiff;

/** Numbers that differ from call to call. */
function numbers(call: number, size: number): Float64Array {
  return Float64Array.from({ length: size }, (_, i) => Math.sin(3.7 * i + 1.3 * call + 0.1));
}

/** Counts the calls of a function. */
function counted<R extends autodiff.Recordable>(
  compute: (...x: Tensor[]) => R,
): { run: (...x: Tensor[]) => R; calls: () => number } {
  let calls = 0;
  return { run: (...x) => (calls++, compute(...x)), calls: () => calls };
}

test("a recorded function has the bits of the function at every call, for every primitive and its gradient", () => {
  let replayed = 0;
  const entries = Object.entries(primitives);
  for (const [name, [inputs, apply]] of entries) {
    let own = false;
    fc.assert(
      fc.property(inputs, fc.nat(5), (first, choice) => {
        const f = (...x: Tensor[]) => {
          const { value, gradients } = autodiff.valueAndGrad((...x) => apply(x, choice).sum())(...x);
          return [value, ...gradients];
        };
        const { run, calls } = counted(f), quick = recorded(run);
        for (let call = 0; call < 8; call++) {
          const x = first.map((one) => one.mul(1 + 0.01 * call).clone()), wanted = f(...x);
          quick(...x).forEach(({ data }, i) => deepEqual(data, wanted[i].data, `${name}, call ${call}`));
        }
        own ||= calls() < 8;
      }),
      { seed: 6, numRuns: 8 },
    );
    if (own) replayed++;
  }
  ok(replayed > 0.8 * entries.length, `${replayed} of ${entries.length}`);
});

test("a training loop with a recorded step has the bits of the loop, with gradients in parameters, for several batch sizes", () => {
  const train = (record: boolean) => {
    const model = nn.initialize(new nn.Sequential(new nn.Linear(3, 4), new nn.Tanh(), new nn.Linear(4, 1), new nn.Sigmoid()), 1);
    const { theta, gradient } = nn.flatParameters(model), optimizer = optim.adam(theta, gradient, { lr: 0.01 });
    const { run, calls } = counted((x, y) => {
      const loss = nn.logLoss(model.forward(x) as Tensor, y);
      loss.backward();
      return { loss };
    });
    const step = record ? recorded(run) : run, losses: number[] = [];
    for (let i = 0; i < 150; i++) {
      const rows = i % 3 === 2 ? 5 : 8, x = tensor(numbers(i, 3 * rows)).cast("float32").reshape(rows, 3);
      losses.push(step(x, tensor(numbers(i, rows).map((z) => z > 0 ? 1 : 0))).loss.value);
      optimizer.step();
      optimizer.zeroGrad();
    }
    return { losses, theta, calls: calls() };
  };
  const quick = train(true), slow = train(false);
  deepEqual(quick.losses, slow.losses);
  deepEqual(quick.theta, slow.theta);
  equal(slow.calls, 150);
  ok(quick.calls < 30, `${quick.calls} calls`);
});

test("gradients are those of the function, whether `grad` is kept, set to null or replaced", () => {
  const loop = (record: boolean) => {
    const w = tensor(Float64Array.of(1, 2)).withGrad(), f = (x: Tensor) => (w.mul(x).exp().sum().backward(), w.square());
    const step = record ? recorded(f) : f, found: number[][] = [];
    for (let i = 0; i < 40; i++) {
      if (i % 5 === 1) w.grad = null;
      if (i % 7 === 3) w.grad = tensor(Float64Array.of(5, 6));
      found.push([...step(tensor(numbers(i, 2))).data, ...w.grad!.data]);
      if (i % 3 === 0) w.assign(w.detach().mul(0.9));
    }
    return found;
  };
  deepEqual(loop(true), loop(false));
});

test("leaves that the function makes have gradients of their own at each call", () => {
  const f = (x: Tensor) => {
    const leaf = x.withGrad();
    leaf.square().sum().backward();
    return leaf.grad!;
  };
  const quick = recorded(f);
  for (let i = 0; i < 20; i++) deepEqual(quick(tensor(numbers(i, 3))).data, f(tensor(numbers(i, 3))).data);
});

test("steps within a recorded function, and what it keeps from call to call", () => {
  const w = tensor(numbers(1, 64)).cast("float32").reshape(8, 8), kept: Tensor[] = [];
  const f = (x: Tensor) => {
    kept[0] ??= w.matmul(w);
    return inStep(() => x.matmul(w)).matmul(kept[0]);
  };
  const quick = recorded(f);
  for (let i = 0; i < 40; i++) {
    const x = tensor(numbers(i, 64)).cast("float32").reshape(8, 8);
    deepEqual(quick(x).data, f(x).data);
    inStep(() => w.matmul(x).matmul(x));
  }
});

test("results are copies: later calls leave them alone", () => {
  const double = recorded((x: Tensor) => x.mul(2)), results = Array.from({ length: 12 }, (_, i) => double(tensor([i])));
  deepEqual(results.map(({ data }) => data[0]), results.map((_, i) => 2 * i));
});

/** Functions that a recording would freeze, with what they compute at call i. */
const footguns: Record<string, () => (x: Tensor) => Tensor> = {
  "a random tensor": () => (x) => x.add(tensor(Float64Array.of(Math.random()))),
  "a counter": () => {
    let count = 0;
    return (x) => x.mul(++count);
  },
  "a branch on a number": () => (x) => x.sum().value > 0 ? x.neg() : x.square(),
  "a branch on a number, decided": () => (x) => decided(() => x.sum().value > 0) ? x.neg() : x.square(),
  "a number as a factor": () => (x) => x.mul(x.data[0]),
  "other operations every other call": () => {
    let odd = false;
    return (x) => {
      odd = !odd;
      return odd ? x.exp() : x.abs();
    };
  },
  "a captured tensor that is written": () => {
    const w = tensor(Float64Array.of(1));
    return (x) => {
      const y = x.mul(w);
      w.assign(w.add(1));
      return y;
    };
  },
  "a captured array that is written": () => {
    const data = Float64Array.of(1), w = Tensor.from(data);
    return (x) => {
      const y = x.mul(w);
      data[0] += 1;
      return y;
    };
  },
};

for (const [name, make] of Object.entries(footguns)) {
  if (name === "a random tensor") continue;
  test(`a recorded function with ${name} computes as ever`, () => {
    const f = make(), quick = recorded(make());
    for (let i = 0; i < 140; i++) {
      const x = tensor(numbers(i, 3));
      deepEqual(quick(x).data, f(x).data, `call ${i}`);
    }
  });
}

test("a recorded function with random numbers of its own draws anew at each call", () => {
  const noisy = recorded(footguns["a random tensor"]()), x = tensor(Float64Array.of(0));
  equal(new Set(Array.from({ length: 50 }, () => noisy(x).data[0])).size, 50);
});

test("a function that takes the optimizer's step is not replayed", () => {
  const theta = Float32Array.of(1), gradient = new Float32Array(1), optimizer = optim.sgd(theta, gradient, { lr: 0.1 });
  const w = Tensor.from(theta).withGrad();
  w.grad = Tensor.from(gradient);
  const step = recorded(() => {
    const loss = w.square().sum();
    loss.backward();
    optimizer.step();
    optimizer.zeroGrad();
    return loss;
  });
  for (let i = 0; i < 20; i++) step();
  ok(Math.abs(theta[0] - 0.8 ** 20) < 1e-6, `${theta[0]}`);
});

test("a variable that changes after many replays is an error that names the operation", () => {
  let factor = 1;
  const f = recorded((x: Tensor) => x.exp().mul(factor).sum());
  for (let i = 0; i < 20; i++) f(tensor(numbers(i, 3)));
  factor = 2;
  throws(() => {
    for (let i = 0; i < 64; i++) f(tensor(numbers(i, 3)));
  }, (error: Error) => {
    match(error.message, /^Cannot replay a recorded function: .*\(operation 2, mul, /);
    return true;
  });
});

test("labels are checked at every call", () => {
  const f = recorded((x: Tensor, y: Tensor) => autodiff.crossEntropy(x, y));
  for (let i = 0; i < 20; i++) f(tensor(numbers(i, 3)), tensor([0, 1, 1]));
  throws(() => f(tensor(numbers(0, 3)), tensor([0, 2, 1])), /Cannot use label 2 in row 1/);
});

test("dropout draws anew, and batch normalisation counts every call", () => {
  for (const layer of [new nn.Dropout(0.5), new nn.Dropout(0.999), new nn.BatchNorm1d(2)]) {
    const run = (record: boolean) => {
      const model = nn.initialize(new nn.Sequential(new nn.Linear(2, 2), layer), 0), random = mersenne(3);
      const f = (x: Tensor) => model.forward(x, { training: true, random }) as Tensor, step = record ? recorded(f) : f;
      return Array.from({ length: 20 }, (_, i) => [...step(tensor(numbers(i, 8)).cast("float32").reshape(4, 2)).data]);
    };
    deepEqual(run(true), run(false));
  }
});

test("within a step, within a recorded function and for wrong inputs", () => {
  const f = recorded((x: Tensor) => x.square()), outer = recorded((x: Tensor) => f(x).add(f(x)));
  for (let i = 0; i < 20; i++) {
    const x = tensor(numbers(i, 2)), wanted = [...x.data].map((z) => z * z);
    deepEqual([...inStep(() => f(x)).data], wanted);
    deepEqual([...outer(x).data], wanted.map((z) => z + z));
  }
  throws(() => f([1, 2] as never), /Cannot call a recorded function with/);
  throws(() => recorded(3 as never), /Cannot record a function/);
  throws(() => recorded(() => null as never)(), /wanted a tensor, or a list or record of tensors/);
  throws(() => recorded(() => [3] as never)(), /wanted a tensor, or a list or record of tensors/);
  throws(() => recorded((async () => await tensor([1])) as never)(tensor([1])), /promise/);
});

test("a recorded function's results may be those of another", () => {
  const f = recorded((x: Tensor) => x.square()), outer = recorded((x: Tensor) => [x.exp(), f(x)]);
  for (let i = 0; i < 20; i++) {
    const x = tensor(numbers(i, 2));
    deepEqual([...outer(x)[1].data], [...x.data].map((z) => z * z));
  }
});

test("transposed views have the bits that they have outside, whatever the order of sums", () => {
  const w = tensor(numbers(0, 20)).cast("float32"), product = (x: Tensor) => x.matmul(w), f = recorded(product);
  for (let i = 1; i < 20; i++) {
    const x = tensor(numbers(i, 2000)).cast("float32").reshape(20, 100).transpose();
    deepEqual([...f(x).data], [...product(x).data]);
  }
});

import { deepEqual, equal, ok, throws } from "node:assert/strict";
import { test } from "node:test";
import { autodiff, nn, optim, tensor } from "../../../mod.ts";

test("adam() takes steps as long as the learning rate on a constant gradient, as published", () => {
  const theta = Float32Array.of(1, 1), gradient = new Float32Array(2), optimizer = optim.adam(theta, gradient, { lr: 0.1 });
  for (let i = 0; i < 3; i++) {
    gradient.set([5, -0.01]);
    optimizer.step();
  }
  ok(Math.abs(theta[0] - 0.7) < 1e-6 && Math.abs(theta[1] - 1.3) < 1e-6);
});

test("sgd() adds momentum as torch.optim.SGD, and gradients stay until they are set to zero", () => {
  const theta = Float32Array.of(1),
    gradient = Float32Array.of(1),
    optimizer = optim.sgd(theta, gradient, { lr: 0.1, momentum: 0.5 });
  optimizer.step();
  equal(gradient[0], 1);
  optimizer.step();
  ok(Math.abs(theta[0] - (1 - 0.1 - 0.15)) < 1e-6);
  optimizer.zeroGrad();
  equal(gradient[0], 0);
});

const network = () => nn.initialize(new nn.Sequential(new nn.Linear(3, 4), new nn.Tanh(), new nn.Linear(4, 1)), 1);
const x = tensor([[1, 2, 3], [0, -1, 2]]), y = tensor([[1], [-1]]);
const lossOf = (model: nn.Module) => nn.mseLoss(model.forward(x), y);

test("a model, its parameters, groups of them and flat arrays are trained alike, bit by bit", () => {
  const makes: Record<string, (model: nn.Sequential) => optim.Optimizer> = {
    model: (model) => optim.adam(model, { lr: 0.1 }),
    parameters: (model) => optim.adam(nn.namedParameters(model).values(), { lr: 0.1 }),
    layers: (model) => optim.adam([model[0], model[2]], { lr: 0.1 }),
    groups: (model) => optim.adam([{ params: model[0], lr: 0.1 }, { params: model[2] }], { lr: 0.1 }),
    flat(model) {
      const { theta, gradient } = nn.flatParameters(model);
      return optim.adam(theta, gradient, { lr: 0.1 });
    },
  };
  const trained = Object.values(makes).map((make) => {
    const model = network(), optimizer = make(model);
    for (let i = 0; i < 20; i++) {
      optimizer.zeroGrad();
      autodiff.inStep(() => lossOf(model).backward());
      optimizer.step();
    }
    return nn.save(model);
  });
  for (const bytes of trained) deepEqual(bytes, trained[0]);
});

test("gradients of several passes add up to those of one, if they are not set to zero", () => {
  const [once, parts] = [network(), network()].map((model, i) => {
    const optimizer = optim.sgd(model, { lr: 0.1 });
    if (i === 0) nn.mseLoss(model.forward(x), y, { reduction: "sum" }).backward();
    else [0, 1].forEach((row) => nn.mseLoss(model.forward(x.slice(0, row, row + 1)), y.slice(0, row, row + 1)).backward());
    optimizer.step();
    return model[0] as nn.Linear;
  });
  once.weight.data.forEach((value, i) => ok(Math.abs(value - parts.weight.data[i]) < 1e-6));
});

test("groups have their own options, which may change; frozen parameters and those without a gradient stay", () => {
  const model = network(), [first, , last] = [model[0], model[1], model[2]] as [nn.Linear, nn.Tanh, nn.Linear];
  const optimizer = optim.sgd([{ params: first, lr: 0 }, { params: last }], { lr: 0.5 });
  const before = [first, last].map(({ weight }) => weight.clone().data);
  lossOf(model).backward();
  optimizer.step();
  deepEqual(first.weight.data, before[0]);
  ok(last.weight.data[0] !== before[1][0]);
  optimizer.paramGroups[0].lr = 0.5;
  optimizer.step();
  ok(first.weight.data[0] !== before[0][0]);
  const untouched = network(), optimizer2 = optim.adamW(untouched);
  const saved = nn.save(untouched);
  optimizer2.step();
  deepEqual(nn.save(untouched), saved);
  nn.freeze(first);
  deepEqual(optim.adam(model).paramGroups[0].params, [last.weight, last.bias]);
});

test("schedules change the rates of every group, from the start for a warm-up", () => {
  const optimizer = optim.sgd([{ params: network(), lr: 1 }, { params: network() }], { lr: 0.1 });
  const scheduler = optim.linearLR(optimizer, { startFactor: 0.5, totalIters: 2 }), seen: number[][] = [];
  for (let step = 0; step < 3; step++, scheduler.step()) seen.push(optimizer.paramGroups.map(({ lr }) => lr));
  deepEqual(seen, [[0.5, 0.05], [0.75, 0.1 * 0.75], [1, 0.1]]);
});

test("clipNorm() clips the gradients of a model together", () => {
  const model = network();
  lossOf(model).backward();
  const norm = optim.clipNorm(model, 0.25), again = optim.clipNorm(model, Infinity);
  ok(norm > 0.25 && Math.abs(again - 0.25) < 1e-6, `${norm} ${again}`);
});

test("what cannot be trained is an error that says what was wanted", () => {
  const model = network();
  const table: [act: () => unknown, message: string][] = [
    [() => optim.adam(nn.freeze(network())), "Cannot make steps of Adam: no parameter is trained; wanted one with requiresGrad"],
    [() => optim.adam([model, model[0]]), "Cannot make steps of Adam: a parameter is given twice"],
    [
      () => optim.sgd(3 as never),
      "Cannot make steps of gradient descent: what to train is 3; wanted a model, its parameters, or groups of them, as in " +
      "[{ params: model, lr: 0.1 }]",
    ],
    [() => optim.sgd([model, 3] as never), "Cannot make steps of gradient descent: a parameter is 3; wanted a model or a tensor"],
    [
      () => optim.sgd([{ params: model, rate: 1 }] as never),
      'Cannot make steps of gradient descent: there is no option "rate"; wanted some of lr, momentum, dampening, weightDecay, nesterov',
    ],
    [
      () => optim.sgd(model, { nesterov: true }),
      "Cannot make steps of gradient descent: nesterov wants momentum above 0, and no dampening",
    ],
  ];
  for (const [act, message] of table) throws(act, { message });
});

import { deepEqual, equal, ok, throws } from "node:assert/strict";
import { test } from "node:test";
import { autodiff, nn, optim, Tensor, tensor } from "../../mod.ts";
import { bareDevice } from "../autodiff/devices/bare_device.ts";
import { numbers } from "../parity/language.ts";

const sequences = (shape: number[]) => Tensor.from(Float32Array.from(numbers(shape.reduce((a, b) => a * b), 1)), shape);
const kinds = { RNN: nn.RNN, LSTM: nn.LSTM, GRU: nn.GRU }, cells = { RNN: nn.RNNCell, LSTM: nn.LSTMCell, GRU: nn.GRUCell };
const close = (a: Tensor, b: Tensor) => [...a.data].forEach((x, i) => ok(Math.abs(x - b.data[i]) < 1e-6, `${x}, ${b.data[i]}`));

test("parameters have PyTorch's names, in its order", () => {
  const names = [...nn.namedParameters(new nn.GRU(2, 3, { numLayers: 2, bidirectional: true, bias: false })).keys()];
  deepEqual(names, ["l0", "l0_reverse", "l1", "l1_reverse"].flatMap((end) => [`weight_ih_${end}`, `weight_hh_${end}`]));
  deepEqual([...nn.namedParameters(new nn.LSTMCell(2, 3)).keys()], ["weight_ih", "weight_hh", "bias_ih", "bias_hh"]);
});

test("a layer is its cell, step after step, and goes on from its last state", () => {
  const x = sequences([5, 2, 3]);
  for (const name of ["RNN", "LSTM", "GRU"] as const) {
    const layer = nn.initialize(new kinds[name](3, 4), 2), cell = new cells[name](3, 4);
    const renamed = [...nn.namedParameters(layer)].map(([name, value]): [string, Tensor] => [name.replace("_l0", ""), value]);
    nn.load(cell, nn.writeSafetensors(renamed));
    const whole = layer.unroll(x), half = layer.unroll(x.slice(0, 0, 2));
    let state: Partial<nn.CellState> = {};
    for (let t = 0; t < 5; t++) {
      state = cell.step(x.slice(0, t, t + 1).reshape(2, 3), state);
      close(state.hidden!, whole.output.slice(0, t, t + 1).reshape(2, 4));
    }
    close(layer.unroll(x.slice(0, 2), half).output, whole.output.slice(0, 2));
    close(whole.hidden.reshape(2, 4), state.hidden!);
    equal(whole.cell === undefined, name !== "LSTM");
  }
});

test("a layer on a device, in a step and in a copy computes the same, and it learns", async () => {
  const x = sequences([3, 4, 2]), y = sequences([3, 1]), device = bareDevice();
  for (const Kind of Object.values(kinds)) {
    const layer = nn.initialize(new Kind(2, 3, { batchFirst: true }), 1), wanted = layer.forward(x);
    const there = nn.cloneModule(layer);
    for (const parameter of nn.namedParameters(there).values()) parameter.moveTo(parameter.to(device).array);
    const found = there.forward(x.to(device)), loss = () => nn.mseLoss(layer.forward(x).slice(1, 3).sum(2), y);
    const optimizer = optim.adam(layer, { lr: 0.05 }), first = loss().value;
    close(Tensor.from(await found.read(), found.shape), wanted);
    for (let i = 0; i < 30; i++) {
      optimizer.zeroGrad();
      autodiff.inStep(() => loss().backward());
      optimizer.step();
    }
    ok(loss().value < first / 2, `${loss().value}, before ${first}`);
  }
});

test("sequences and states of other shapes are errors that say what was wanted", () => {
  const layer = nn.initialize(new nn.LSTM(3, 4), 0), x = sequences([5, 2, 3]);
  throws(() => layer.forward(tensor([[1, 2, 3]])), {
    message: "Cannot read a sequence of shape [1, 3]: wanted [steps, rows, 3]",
  });
  throws(() => layer.unroll(x, { hidden: sequences([1, 2, 3]) }), {
    message: "Cannot start from a state of shape [1, 2, 3]: wanted [1, 2, 4]",
  });
  throws(() => new nn.GRUCell(3, 4).step(x), { message: "Cannot step by rows of shape [5, 2, 3]: wanted [rows, 3]" });
});

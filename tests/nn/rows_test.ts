import { deepEqual } from "node:assert/strict";
import { test } from "node:test";
import { autodiff, nn } from "../../mod.ts";

const first = { batchFirst: true };
/** Layers, and the shapes of a row. */
const layers: Record<string, [nn.Module, number[]]> = {
  "two LSTMs in both directions": [new nn.LSTM(8, 6, { ...first, bidirectional: true, numLayers: 2 }), [12, 8]],
  "a GRU": [new nn.GRU(8, 33, first), [12, 8]],
  "an RNN": [new nn.RNN(8, 6, first), [12, 8]],
  "narrow attention": [new nn.MultiheadAttention(8, 2, first), [12, 8]],
  "wide attention": [new nn.MultiheadAttention(64, 4, first), [24, 64]],
  "Conv1d": [new nn.Conv1d(4, 5, 3), [4, 20]],
  "groups": [new nn.Conv2d(4, 6, 3, { groups: 2 }), [4, 9, 9]],
  "dilation": [new nn.Conv2d(4, 6, 3, { dilation: 2 }), [4, 9, 9]],
  "AdaptiveAvgPool2d": [new nn.AdaptiveAvgPool2d(4), [3, 7, 9]],
  "AvgPool2d at the edge": [new nn.AvgPool2d(3, { padding: 1, ceilMode: true, countIncludePad: false }), [3, 7, 9]],
  "GELU": [new nn.GELU(), [7]],
  "SiLU": [new nn.SiLU(), [7]],
  "LogSoftmax": [new nn.LogSoftmax(), [7]],
  "Linear on three axes": [new nn.Linear(8, 3), [5, 8]],
};

test("a row's outputs have the same bits in a batch of any size", () => {
  for (const [name, [layer, shape]] of Object.entries(layers)) {
    const rows = autodiff.randn([40, ...shape], 3), whole = nn.initialize(layer, 0).forward(rows);
    for (const count of [1, 2, 5, 33]) {
      deepEqual(layer.forward(rows.slice(0, 0, count)).data, whole.slice(0, 0, count).data, `${name}, ${count} rows`);
    }
  }
});

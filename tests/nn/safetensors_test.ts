import { deepEqual, throws } from "node:assert/strict";
import { test } from "node:test";
import { nn, tensor } from "../../mod.ts";

test("save() and load() give back the same bits", () => {
  const model = nn.initialize(new nn.Linear(3, 2), 4);
  deepEqual(nn.load(new nn.Linear(3, 2), nn.save(model)).weight.data, model.weight.data);
});

test("the bytes are those of the format, read here by hand", () => {
  const bytes = nn.writeSafetensors([["a", tensor([1, 2])], ["b", tensor([3], undefined, { dtype: "float64" })]]);
  const length = new DataView(bytes.buffer).getUint32(0, true);
  const header = JSON.parse(new TextDecoder().decode(bytes.subarray(8, 8 + length)));
  deepEqual(header, {
    a: { dtype: "F32", shape: [2], data_offsets: [0, 8] },
    b: { dtype: "F64", shape: [1], data_offsets: [8, 16] },
  });
  const values = new DataView(bytes.buffer, 8 + length);
  deepEqual([values.getFloat32(0, true), values.getFloat32(4, true), values.getFloat64(8, true)], [1, 2, 3]);
});

test("a file that is cut short at any byte is an error", () => {
  const bytes = nn.writeSafetensors([["a", tensor([1, 2])]]);
  for (let length = 0; length < bytes.length; length++) {
    throws(() => nn.readSafetensors(bytes.subarray(0, length)), { name: "RangeError", message: /^Cannot read safetensors: / });
  }
});

test("a file of another model is an error that names the tensor", () => {
  const bytes = nn.save(nn.initialize(new nn.Linear(3, 2), 0));
  throws(() => nn.load(new nn.Linear(4, 2), bytes), {
    message: 'Cannot load "weight": the model wants [2, 4], the file has [2, 3]',
  });
  throws(() => nn.load(new nn.Linear(3, 2, { bias: false }), bytes), {
    message: 'Cannot load "bias": the model has only weight',
  });
});

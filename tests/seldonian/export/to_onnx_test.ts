import { deepEqual, equal, match, ok, throws } from "node:assert/strict";
import { test } from "node:test";
import { autodiff, Encoder, nn, Table, Tensor, tensor } from "../../../mod.ts";
import { type Field, Message, varints } from "../../../seldonian/export/protobuf.ts";
import { toOnnx } from "../../../seldonian/export/mod.ts";
import { fc } from "../../deps.ts";

const example = tensor([[1, 2, 3], [-1, 0.5, 2], [0, 0, 1]]);
const refused = (forward: (x: Tensor, pass?: nn.Pass) => Tensor, rows: Tensor = example) => {
  let message = "";
  throws(
    () => toOnnx({ forward }, { example: rows }),
    (error: Error) => (message = error.message, /^Cannot export /.test(message)),
  );
  return message;
};

test("an operation without a counterpart is named, also one of the user's", () => {
  const cube = autodiff.primitive({
    name: "cube",
    shape: ([x]) => x,
    forward: (_, [x]) => Tensor.from(Float32Array.from(new Tensor(x).data, (v) => v ** 3), x.shape).array as autodiff.NdArray,
    gradient: null,
  });
  match(
    refused((x) => cube([x.mul(2)])),
    /^Cannot export the operation "cube", the 2\. of the model: it has no counterpart in ONNX/,
  );
  match(refused((x) => autodiff.crossEntropy(x, tensor(x.data.length > 0 ? Array(x.shape[0]).fill(0) : []))), /reads values/);
  match(refused((x) => autodiff.crossEntropy(x, autodiff.zeros([x.shape[0]]))), /operation "crossEntropy"/);
});

test("what a trace cannot follow is refused: values that are read, draws, and operations that follow rows otherwise", () => {
  match(refused((x) => x.mul(x.data[0])), /reads values while it computes/);
  match(
    refused((x) => x.add(Tensor.from(x.array.size > 0 ? (x.array as autodiff.NdArray).data.slice(0, 3) : new Float32Array(3)))),
    /computed from values/,
  );
  match(refused((x) => autodiff.decided(() => x.sum().value > 0) ? x : x.neg()), /decides by values/);
  match(refused((x) => new nn.Dropout().forward(x, { training: true, random: autodiffRandom() })), /draws random numbers/);
  match(refused((x) => x.shape[0] > 3 ? x.neg() : x), /its number of operations does not follow the number of rows/);
  match(refused((x) => x.mul(autodiff.arange(x.shape[0]).cast("float32").reshape(-1, 1))), /differs from row to row/);
  match(refused((x) => autodiff.tile(x, [x.shape[0], 1])), /does not follow the number of rows on a line/);
  match(refused((x) => x.sum()), /its output has no axis of rows/);
  match(refused((x) => (x.array, "no tensor" as never)), /returns no tensor/);
});

function autodiffRandom(): autodiff.RandomGenerator {
  return { clone: autodiffRandom, next: () => 1, getState: () => [] };
}

test("without an encoder rows are needed, and decisions are those of probabilities", () => {
  const model = nn.initialize(new nn.LogisticRegression(3), 0);
  throws(() => toOnnx(model), /^TypeError: Cannot export a model without knowing its rows: wanted encoder, or example/);
  throws(
    () => toOnnx({ forward: (x: Tensor) => x.reshape(-1, 1, 3) }, { example, decides: true }),
    /Cannot export decisions of an output with 3 axes/,
  );
});

test("the same model gives the same bytes, and other parameters give others; without gradients and with", () => {
  const model = () => nn.initialize(new nn.Sequential(new nn.Linear(3, 4), new nn.ReLU(), new nn.LogisticRegression(4)), 1),
    one = model();
  const file = toOnnx(one, { example });
  deepEqual(toOnnx(nn.freeze(model()), { example: example.slice(0, 1).detach() }), file);
  ok(!Object.values(nn.namedParameters(one)).some(({ grad }) => grad !== null));
  nn.namedParameters(one).get("0.bias")!.fill(() => 7);
  ok(`${toOnnx(one, { example })}` !== `${file}`);
});

test("a parameter that several layers share is in the file once", () => {
  class Tied implements nn.Module {
    readonly layer = new nn.Linear(20, 20);
    constructor(readonly times: number) {}
    forward(x: Tensor): Tensor {
      return Array.from({ length: this.times }).reduce((y: Tensor) => this.layer.forward(y), x);
    }
  }
  const rows = autodiff.ones([2, 20]),
    [once, thrice] = [1, 3].map((times) => toOnnx(nn.initialize(new Tied(times), 0), { example: rows }).length);
  ok(once > 1600 && thrice < once + 500, `${once} ${thrice}`);
});

test("an encoder's classes are in the file, and its columns are the inputs", () => {
  const table = new Table({ age: Float64Array.of(1, 2, 3, 4), "job title": ["a", "b", "a", "b"], y: ["no", "yes", "no", "yes"] });
  const encoder = new Encoder(table, { label: { column: "y", classes: ["no", "yes"] } });
  const text = new TextDecoder().decode(toOnnx(nn.initialize(new nn.LogisticRegression(3), 0), { encoder, decides: true }));
  for (const part of ["age", "job title", "output", "decision", '["no","yes"]', "LabelEncoder", "seldonian kit"]) {
    ok(text.includes(part), part);
  }
});

test("messages are in the wire format of Protocol Buffers", () => {
  const bytes = (...fields: Field[]) => [...new Message(...fields).bytes()];
  // Examples of "Encoding", the documentation of Protocol Buffers.
  deepEqual(bytes([1, 150]), [0x08, 0x96, 0x01]);
  deepEqual(bytes([2, "testing"]), [0x12, 0x07, ...new TextEncoder().encode("testing")]);
  deepEqual(bytes([3, new Message([1, 150])]), [0x1a, 0x03, 0x08, 0x96, 0x01]);
  deepEqual(bytes([1, -2]), [0x08, 0xfe, ...Array(8).fill(0xff), 0x01]);
  deepEqual(bytes([1, undefined], [2, []], [3, [1, 2]]), [0x18, 1, 0x18, 2]);
  fc.assert(
    fc.property(
      fc.array(fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n })),
      (numbers) => deepEqual(read(varints(numbers)), numbers),
    ),
    { seed: 1 },
  );
});

/** Whole numbers of 64 bits in bytes. */
function read(bytes: Uint8Array): bigint[] {
  const found: bigint[] = [];
  for (let at = 0; at < bytes.length;) {
    let value = 0n, shift = 0n;
    do value |= BigInt(bytes[at] & 127) << shift, shift += 7n; while (bytes[at++] > 127);
    found.push(BigInt.asIntN(64, value));
  }
  return found;
}

test("a file beyond 2 GB is refused before it is made", () => {
  // No page of it is touched.
  const large = new Uint8Array(2 ** 30);
  throws(
    () => new Message([9, [large, large]]).bytes(),
    /^RangeError: Cannot write a model of 2,147,483,660 bytes: the format ends at 2,147,483,647/,
  );
  equal(new Message([9, large]).size, 2 ** 30 + 6);
});

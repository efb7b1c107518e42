import { deepEqual, equal, ok, throws } from "node:assert/strict";
import { test } from "node:test";
import { nn, tensor } from "../../mod.ts";
import { fc } from "../deps.ts";

test("load() restores the bits that save() wrote", () => {
  const model = nn.initialize(new nn.Linear(3, 2), 4);
  deepEqual(nn.load(new nn.Linear(3, 2), nn.save(model)).weight.data, model.weight.data);
});

test("the bytes follow the format", () => {
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

test("a file that is truncated at any byte is an error", () => {
  const bytes = nn.writeSafetensors([["a", tensor([1, 2])]]);
  for (let length = 0; length < bytes.length; length++) {
    throws(() => nn.readSafetensors(bytes.subarray(0, length)), { name: "RangeError", message: /^Cannot read safetensors: / });
  }
});

test("the file of another model is an error that names the tensor", () => {
  const bytes = nn.save(nn.initialize(new nn.Linear(3, 2), 0));
  throws(() => nn.load(new nn.Linear(4, 2), bytes), {
    message: 'Cannot load "weight": the model wants [2, 4], the file has [2, 3]',
  });
  throws(() => nn.load(new nn.Linear(3, 2, { bias: false }), bytes), {
    message: 'Cannot load "bias": the model has only weight',
  });
});

/** A file with the given header and bytes. */
function fileOf(header: unknown, values: Uint8Array): Uint8Array {
  const text = new TextEncoder().encode(typeof header === "string" ? header : JSON.stringify(header));
  const bytes = new Uint8Array(8 + text.length + values.length);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(text.length), true);
  bytes.set(text, 8);
  bytes.set(values, 8 + text.length);
  return bytes;
}

test("truth values and integers of every size are read as they are, and one beyond 2^53 is an error instead of a rounded number", () => {
  const read = (dtype: string, { buffer, length }: ArrayLike<unknown> & { buffer: ArrayBufferLike }) => {
    const x = { dtype, shape: [length], data_offsets: [0, buffer.byteLength] };
    const tensor = nn.readSafetensors(fileOf({ x }, new Uint8Array(buffer as ArrayBuffer))).get("x")!;
    return [tensor.dtype, ...tensor.data];
  };
  deepEqual(read("BOOL", Uint8Array.of(1, 0)), ["int32", 1, 0]);
  deepEqual(read("U8", Uint8Array.of(255, 7)), ["int32", 255, 7]);
  deepEqual(read("I8", Int8Array.of(-128, 127)), ["int32", -128, 127]);
  deepEqual(read("I16", Int16Array.of(-32768, 1)), ["int32", -32768, 1]);
  deepEqual(read("U16", Uint16Array.of(65535)), ["int32", 65535]);
  deepEqual(read("U32", Uint32Array.of(4294967295)), ["float64", 4294967295]);
  deepEqual(read("I64", BigInt64Array.of(2n ** 53n - 1n, -(2n ** 53n) + 1n)), ["float64", 2 ** 53 - 1, -(2 ** 53) + 1]);
  deepEqual(read("U64", BigUint64Array.of(5n)), ["float64", 5]);
  for (
    const [dtype, values] of [["I64", BigInt64Array.of(0n, 2n ** 53n + 1n)], ["U64", BigUint64Array.of(2n ** 64n - 1n)]] as const
  ) {
    throws(() => read(dtype, values), {
      name: "RangeError",
      message: `Cannot read safetensors: "x": it has ${
        values.at(-1)
      }, beyond 2^53, where float64 rounds; store it as two tensors`,
    });
  }
});

test("half precision and long integers are read as PyTorch reads them", () => {
  const read = (dtype: string, values: Uint16Array | BigInt64Array) => {
    const { length } = values, bytes = new Uint8Array(values.buffer);
    const x = { dtype, shape: [length], data_offsets: [0, bytes.length] };
    return [...nn.readSafetensors(fileOf({ x, __metadata__: { format: "pt" } }, bytes)).get("x")!.data];
  };
  // torch 2.13, for 1.5, -2, 6.1e-5, 1e-7, 65504, infinity and 0.333.
  deepEqual(read("F16", Uint16Array.of(15872, 49152, 1023, 2, 31743, 31744, 13652)), [
    ...[1.5, -2, 6.097555160522461e-05, 1.1920928955078125e-07, 65504, Infinity, 0.3330078125],
  ]);
  deepEqual(read("BF16", Uint16Array.of(16320, 49152, 14464, 13271, 18304, 32640, 16042)), [
    ...[1.5, -2, 6.103515625e-05, 1.0011717677116394e-07, 65536, Infinity, 0.33203125],
  ]);
  deepEqual(read("I64", BigInt64Array.of(3n, -4n)), [3, -4]);
});

test("values start at a multiple of eight bytes, whichever letters a name has", () => {
  for (const name of ["a", "é", "größe", "層"]) {
    const bytes = nn.writeSafetensors([[name, tensor([1, 2])]]);
    equal(new DataView(bytes.buffer).getUint32(0, true) % 8, 0);
    deepEqual([...nn.readSafetensors(bytes).get(name)!.data], [1, 2]);
  }
});

test("any bytes are read as tensors or are an error of the kit that says why", () => {
  const json = fc.oneof(
    fc.jsonValue(),
    fc.dictionary(
      fc.constantFrom("x", "__metadata__", "__proto__", "constructor"),
      fc.record({
        dtype: fc.constantFrom("F32", "F16", "I64", "BOOL", "I16", "U64", "toString", 3),
        shape: fc.oneof(fc.array(fc.integer({ min: -1, max: 4 }), { maxLength: 3 }), fc.constant([2 ** 53, 2]), fc.anything()),
        data_offsets: fc.oneof(fc.array(fc.integer({ min: -1, max: 20 }), { maxLength: 3 }), fc.constant("0")),
      }, { requiredKeys: [] }),
    ),
  );
  const values = fc.uint8Array({ maxLength: 24 });
  fc.assert(
    fc.property(fc.oneof(fc.uint8Array(), fc.tuple(json, values).map(([header, bytes]) => fileOf(header, bytes))), (bytes) => {
      try {
        for (const { size, data } of nn.readSafetensors(bytes).values()) equal(data.length, size);
      } catch (error) {
        ok(error instanceof RangeError && error.message.startsWith("Cannot read safetensors: "), `${error}`);
      }
    }),
    { seed: 3, numRuns: 3000 },
  );
  const wrong: [unknown, string][] = [
    ["{", "the header is not JSON"],
    [[], "the header is a list"],
    [3, "the header is 3"],
    [{ x: { dtype: "F32", shape: [1] } }, `the header's "x"."data_offsets" is undefined`],
    [{ x: { dtype: "F32", shape: [-1], data_offsets: [0, 4] } }, `the header's "x"."shape".0 is -1`],
    [{ x: { dtype: "Q8", shape: [1], data_offsets: [0, 4] } }, `"x" has dtype Q8; wanted one of F32, F64, I32, BOOL`],
    [{ x: { dtype: "F32", shape: [1], data_offsets: [4, 0] } }, `"x" has -1 values for shape [1]`],
  ];
  for (const [header, message] of wrong) {
    throws(() => nn.readSafetensors(fileOf(header, new Uint8Array(4))), (error: Error) => error.message.includes(message));
  }
});

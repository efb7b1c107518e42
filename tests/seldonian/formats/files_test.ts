import { deepEqual, equal, ok, rejects, throws } from "node:assert/strict";
import { test } from "node:test";
import { Encoder, parquetTables, readNpy, readNpz, readParquet, splitTables } from "../../../mod.ts";
import { fc } from "../../deps.ts";
import { fixture } from "../../helpers/fixtures.ts";

// pyarrow 25 and NumPy 2 wrote the files.
const people = fixture("people.parquet");

test("a Parquet file is read as a table with numbers, missing numbers, texts, truth values and times", async () => {
  const table = await readParquet(people);
  equal(table.size, 2500);
  deepEqual(table.names, ["age", "income", "job", "paid", "since"]);
  for (const row of [0, 1, 97, 2499]) {
    const { age, income, job, paid, since } = table.row(row);
    equal(age, 20 + row % 50);
    ok(row % 97 === 0 ? Number.isNaN(income) : income === row / 2);
    equal(job, row % 3 === 0 ? "cook" : "nurse");
    equal(paid, Number(row % 2 === 0));
    equal(since, `2020-01-${String(1 + row % 28).padStart(2, "0")}T00:00:00.000Z`);
  }
  deepEqual((await readParquet(new Blob([people]), { columns: ["job"] })).names, ["job"]);
});

test("pieces of a Parquet file have the same rows, for bytes, a Blob and any other source", async () => {
  const slices: [number, number][] = [];
  const source = {
    byteLength: people.length,
    slice: (start: number, end = people.length) => {
      slices.push([start, end]);
      return people.slice(start, end).buffer;
    },
  };
  for (const file of [people, new Blob([people]), source]) {
    const ages: number[] = [], sizes: number[] = [];
    for await (const table of parquetTables(file, { rows: 800 })()) {
      sizes.push(table.size);
      ages.push(...table.column("age") as Float64Array);
    }
    deepEqual(sizes, [800, 800, 800, 100]);
    ok(ages.every((age, row) => age === 20 + row % 50));
  }
  ok(slices.length > 3);
});

test("other files and nested columns are errors that say so, and any changed byte is a table or an error of the kit", async () => {
  await rejects(
    readParquet(fixture("arrays.npz")),
    (error: Error) => error instanceof RangeError && /^Cannot read the Parquet file: /.test(error.message),
  );
  await rejects(readParquet(fixture("lists.parquet")), /column "x" is of lists or structures; wanted numbers or texts/);
  await fc.assert(
    fc.asyncProperty(fc.integer({ min: 0, max: people.length - 1 }), fc.nat(255), async (at, byte) => {
      const changed = people.slice();
      changed[at] = byte;
      try {
        await readParquet(changed);
      } catch (error) {
        ok(error instanceof RangeError, `${error}`);
      }
    }),
    { seed: 1, numRuns: 150 },
  );
});

test("arrays of NumPy are read as tensors", async () => {
  const arrays = await readNpz(fixture("arrays.npz")), list = (name: string) => arrays.get(name)!.toArray();
  deepEqual([...arrays.keys()].sort(), ["big", "f", "flags", "half", "one", "x", "y"]);
  deepEqual(list("x"), [[0, 1, 2], [3, 4, 5]]);
  deepEqual(list("f"), [[0, 1, 2], [3, 4, 5]]);
  deepEqual(list("y"), [1, -2, 3]);
  deepEqual(list("big"), [1.5, -2.5]);
  deepEqual(list("flags"), [1, 0]);
  deepEqual(list("half"), [1]);
  equal(arrays.get("one")!.value, 7);
  deepEqual(["x", "y", "f", "flags"].map((name) => arrays.get(name)!.dtype), ["float32", "float64", "float64", "int32"]);
  await rejects(readNpz(fixture("texts.npz")), /^RangeError: Cannot read "t": it holds U1; wanted one of f2, f4/);
  await rejects(readNpz(people), /Cannot read the \.npz file: it is not a zip archive/);
});

/** An .npy file with the given header and bytes. */
function npy(header: string, values: ArrayLike<number>): Uint8Array {
  const text = new TextEncoder().encode(header), bytes = new Uint8Array(10 + text.length + values.length);
  bytes.set([0x93, ...new TextEncoder().encode("NUMPY"), 1, 0, text.length & 255, text.length >> 8]);
  bytes.set(text, 10);
  bytes.set(Array.from(values), 10 + text.length);
  return bytes;
}

test("any bytes are read as an array or are an error of the kit", () => {
  const good = npy("{'descr': '<i2', 'fortran_order': False, 'shape': (2,), }\n", [1, 0, 255, 255]);
  deepEqual([...readNpy(good).data], [1, -1]);
  for (let length = 0; length < good.length; length++) {
    throws(() => readNpy(good.subarray(0, length)), { name: "RangeError", message: /^Cannot read the array: / });
  }
  const header = fc.array(
    fc.constantFrom(
      "{",
      "'descr': '",
      "<f4",
      ">i8",
      "O",
      "', ",
      "'shape': (",
      "2,",
      "9999999999,",
      ")",
      "'fortran_order': ",
      "True",
      "False",
    ),
  );
  fc.assert(
    fc.property(
      fc.oneof(fc.uint8Array(), fc.tuple(header, fc.uint8Array()).map(([words, values]) => npy(words.join(""), values))),
      (bytes) => {
        try {
          readNpy(bytes);
        } catch (error) {
          ok(error instanceof RangeError && error.message.startsWith("Cannot read the array: "), `${error}`);
        }
      },
    ),
    { seed: 2, numRuns: 2000 },
  );
});

test("a column has the type of the file's schema, for pieces of any size", async () => {
  const file = fixture("wards.parquet"), whole = await readParquet(file), n = 3000;
  deepEqual(whole.names, ["patient", "dept", "note", "share", "price", "visits"]);
  // Texts that look like numbers, except one; float32 and decimals keep their written digits.
  deepEqual(whole.texts("patient"), Array.from({ length: n }, (_, i) => i === 1500 ? "x1" : `${i * 7919 % 1500}`));
  deepEqual(whole.texts("dept").slice(0, 12), Array.from({ length: 12 }, (_, i) => `${i}`.padStart(2, "0")));
  // Only values marked missing by the file are missing.
  deepEqual(whole.texts("note").slice(9, 12), ["", "NA", ""]);
  deepEqual([...whole.numbers("share")], Array.from({ length: n }, (_, i) => i % 11 / 10));
  deepEqual([...whole.numbers("price")], Array.from({ length: n }, (_, i) => i % 100 / 10));
  for (const rows of [100, 1100, 2999]) {
    let start = 0;
    for await (const table of parquetTables(file, { rows })()) {
      for (const name of whole.names) deepEqual(table.column(name), whole.column(name).slice(start, start + table.size));
      start += table.size;
    }
  }
  deepEqual((await readParquet(file, { columns: ["visits", "dept"] })).names, ["visits", "dept"]);
  await rejects(readParquet(file, { columns: ["ward"] }), {
    message: 'Cannot find the column "ward": the file has "patient", "dept", "note", "share", "price", "visits"',
  });
});

test("each patient of a file in pieces is in one part, though one patient is not a number", async () => {
  const { candidate, safety } = splitTables(parquetTables(fixture("wards.parquet"), { rows: 100 }), {
    groups: "patient",
    seed: 1,
  });
  const patients = async (part: typeof candidate) => {
    const found = new Set<string>();
    for await (const table of part()) for (const patient of table.texts("patient")) found.add(patient);
    return found;
  };
  const [here, there] = [await patients(candidate), await patients(safety)];
  equal(here.size + there.size, 1501);
  equal(here.intersection(there).size, 0);
  const encoder = await Encoder.fit(candidate, { label: "visits", features: ["share"], columns: ["dept"] });
  let counted = 0;
  for (const part of [candidate, safety]) {
    for await (const { columns } of (await encoder.stream(part)).chunks(500)) {
      counted += (columns.get("dept") as readonly string[]).filter((dept) => dept === "07").length;
    }
  }
  equal(counted, 250);
});

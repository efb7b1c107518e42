import { deepEqual, equal, ok, rejects } from "node:assert/strict";
import { test } from "node:test";
import { nn, readNpz, readParquet, type Table, type Tensor, tensor } from "../../../mod.ts";
import { fc } from "../../deps.ts";
import { fixture } from "../../helpers/fixtures.ts";
import { parquetOf } from "../../helpers/parquet.ts";
import { npyOf, zipOf } from "../../helpers/zip.ts";
import { columnsOf } from "./written.ts";

/** Reads a file with each of some bits flipped: the answer is the same or an error of the kit. @returns the number of errors */
async function flipped(file: Uint8Array, read: (bytes: Uint8Array) => unknown, seed: number): Promise<number> {
  const good = await read(file), bits = 8 * file.length;
  let refused = 0;
  await fc.assert(
    fc.asyncProperty(fc.integer({ min: 0, max: bits - 1 }), async (bit) => {
      const changed = file.slice();
      changed[bit >> 3] ^= 1 << (bit & 7);
      let found: unknown;
      try {
        found = await read(changed);
      } catch (error) {
        ok(error instanceof RangeError && error.message.startsWith("Cannot read "), `${error}`);
        refused++;
        return;
      }
      deepEqual(found, good);
    }),
    { seed, numRuns: 1000 },
  );
  return refused;
}

const arrays = (of: ReadonlyMap<string, Tensor>) => [...of].map(([name, { shape, data }]) => [name, shape, [...data]]).sort();

test("no flipped bit of an .npz file changes a number", async () => {
  const read = async (bytes: Uint8Array) => arrays(await readNpz(bytes));
  const own = zipOf([["x.npy", npyOf(Array.from({ length: 50 }, (_, i) => Math.sin(i)))], ["y.npy", npyOf([1, 2])]]);
  // Dates, attributes and the names of local headers mean nothing.
  ok(await flipped(own, read, 1) > 500);
  ok(await flipped(fixture("arrays.npz"), read, 2) > 300);
});

test("no flipped bit of a Parquet page with a checksum changes a cell", async () => {
  const ages = Array.from({ length: 400 }, (_, i) => 20 + i * 7 % 60),
    file = parquetOf({ ages, paid: ages.map((age) => age % 2) });
  const names = (table: Table) => columnsOf(table).map(([, values]) => values);
  // The names of columns, in the file's last part, have no checksum.
  const pages = file.subarray(0, file.length - 200);
  const read = async (bytes: Uint8Array) => names(await readParquet(Uint8Array.from([...bytes, ...file.subarray(pages.length)])));
  ok(await flipped(pages, read, 3) > 700);
});

test("a run of more values than its page has is refused before it is made", async () => {
  const file = fixture("wards.parquet");
  // In the packed places of patients.
  file[2457] = 119;
  await rejects(readParquet(file), /^RangeError: Cannot read the Parquet file: a page claims a run of \d+ in 1100 values$/);
});

test("a flipped bit of a safetensors header changes no number, except for its type, and every byte has one tensor", () => {
  const file = nn.writeSafetensors([["a", tensor([1, 2])], ["b", tensor([3, 4, 5])]]);
  const header = new TextDecoder().decode(file.subarray(8, file.length - 20));
  const refuses = (text: string, why: RegExp) => {
    const changed = file.slice();
    equal(text.length, header.length);
    changed.set(new TextEncoder().encode(text), 8);
    let message = "";
    try {
      nn.readSafetensors(changed);
    } catch (error) {
      message = (error as Error).message;
    }
    ok(why.test(message), `${message} for ${text}`);
  };
  refuses(header.replace('"b"', '"a"'), /the header has "a" twice/);
  refuses(header.replace("[8,20]", "[4,16]"), /two tensors have the byte 4/);
  refuses(header.replace("[3]", "[2]").replace("[8,20]", "[8,16]"), /no tensor has the byte 16/);
  refuses(header.replace("[2]", "[1]").replace("[0,8]", "[4,8]"), /no tensor has the byte 0/);
});

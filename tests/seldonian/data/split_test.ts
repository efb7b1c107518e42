import { deepEqual, equal, ok, rejects, throws } from "node:assert/strict";
import { test } from "node:test";
import { DataSet, Encoder, type Rows, split, type SplitOptions, splitTables, Table, type Tables } from "../../../mod.ts";
import { atLeast } from "../../helpers/exact.ts";
import { fc } from "../../deps.ts";

const numbered = (n: number) => new Table({ row: Array.from({ length: n }, (_, i) => i) });
const rowsOf = (part: Table) => [...part.numbers("row")];
/** The smallest probability that a count in this file may have. */
const oneInAMillion = 1e-6;

/** How often each row is safety data, over a number of seeds. */
function safetyCounts(n: number, options: SplitOptions, seeds: number): Int32Array {
  const counts = new Int32Array(n), table = numbered(n);
  for (let seed = 0; seed < seeds; seed++) for (const row of rowsOf(split(table, { ...options, seed }).safety)) counts[row]++;
  return counts;
}

/** @throws if a count this small or this large is improbable when each of n has probability p */
function looksLike(count: number, n: number, p: number, what: string): void {
  ok(
    atLeast(count, n, p) > oneInAMillion / 100 && atLeast(n - count, n, 1 - p) > oneInAMillion / 100,
    `${what}: ${count} of ${n}`,
  );
}

/** Strata of one, two and three rows, and a large one. */
const strata = Array.from({ length: 40 }, (_, i) => i < 10 ? i : i < 20 ? 100 + (i >> 1) : i < 26 ? 200 + i % 2 : 300);

test("every row of every stratum, also of rare ones, is safety data with the given probability", () => {
  for (const safetyFraction of [0.5, 0.3, 0.75]) {
    const seeds = 2000, counts = safetyCounts(40, { stratify: strata, safetyFraction }, seeds);
    counts.forEach((count, row) => looksLike(count, seeds, safetyFraction, `row ${row} at ${safetyFraction}`));
  }
});

test("without shuffling, rounding is still random: a stratum of one row goes to either part", () => {
  const counts = safetyCounts(40, { stratify: strata, shuffle: false }, 2000);
  for (let row = 0; row < 10; row++) looksLike(counts[row], 2000, 0.5, `row ${row}`);
});

test("strata of one row cannot select the safety data", () => {
  // Four of five rows are good and in one stratum; each bad row is its own stratum.
  const n = 400, stratify = Array.from({ length: n }, (_, i) => i % 5 === 0 ? i : -1);
  let share = 0;
  for (let seed = 0; seed < 300; seed++) {
    const rows = rowsOf(split(numbered(n), { stratify, seed }).safety);
    share += rows.filter((row) => row % 5 === 0).length / rows.length / 300;
  }
  // 40 of the 80 bad rows each time, up to one, over 300 seeds.
  ok(Math.abs(share - 0.2) < 0.005, `${share}`);
});

test("the shares of each stratum and of the whole are exact up to one row", () =>
  fc.assert(
    fc.property(
      fc.array(fc.integer({ min: 0, max: 8 }), { minLength: 10, maxLength: 80 }),
      fc.integer({ min: 10, max: 90 }),
      fc.integer(),
      fc.boolean(),
      (stratify, percent, seed, shuffle) => {
        const n = stratify.length,
          wanted = 1 - percent / 100,
          near = (count: number, of: number) => Math.abs(count - of * wanted) < 1 + 1e-9;
        const { candidate, safety } = split(numbered(n), { stratify, safetyFraction: percent / 100, seed, shuffle });
        deepEqual([...rowsOf(candidate), ...rowsOf(safety)].sort((a, b) => a - b), rowsOf(numbered(n)));
        ok(near(candidate.size, n));
        for (const value of new Set(stratify)) {
          const count = (rows: readonly number[]) => rows.filter((row) => stratify[row] === value).length;
          ok(near(count(rowsOf(candidate)), count(rowsOf(numbered(n)))));
        }
      },
    ),
    { seed: 5 },
  ));

/** The first groups are large, and the others have one row. */
const sizes = [20, 15, 10, 5, 1, 1, 1, 1, 1, 1], group = sizes.flatMap((size, i) => Array<string>(size).fill(`g${i}`));

test("every group is safety data with the same probability, whatever its size and position, and half of the groups are", () => {
  const seeds = 2000, table = numbered(group.length), counts = new Int32Array(sizes.length);
  for (const shuffle of [true, false]) {
    counts.fill(0);
    for (let seed = 0; seed < seeds; seed++) {
      const { candidate, safety } = split(table, { groups: group, seed, shuffle });
      const [here, there] = [candidate, safety].map((part) => new Set(rowsOf(part).map((row) => group[row])));
      equal(here.size, 5);
      equal(there.size, 5);
      for (const name of there) counts[Number(name.slice(1))]++;
    }
    counts.forEach((count, i) => looksLike(count, seeds, 0.5, `group ${i}`));
  }
});

test("the number of candidate groups is rounded by chance with the right mean, and is never none or all", () => {
  const seeds = 2000, table = numbered(7), groups = [0, 1, 2, 3, 4, 5, 6];
  let greater = 0;
  for (let seed = 0; seed < seeds; seed++) {
    const { size } = split(table, { groups, safetyFraction: 0.4, seed }).candidate;
    ok(size === 4 || size === 5);
    greater += size - 4;
  }
  looksLike(greater, seeds, 0.2, "5 of 7 groups");
  for (let seed = 0; seed < 50; seed++) {
    equal(split(numbered(3), { groups: [1, 1, 2], safetyFraction: 0.9, seed }).candidate.size % 3 > 0, true);
  }
});

test("a greater safety fraction keeps the first rows of the candidate data, so smaller candidate data is part of larger", () =>
  fc.assert(
    fc.property(
      fc.integer({ min: 10, max: 60 }),
      fc.integer(),
      fc.tuple(fc.integer({ min: 10, max: 90 }), fc.integer({ min: 10, max: 90 })),
      fc.boolean(),
      (n, seed, percents, grouped) => {
        const [less, more] = percents.toSorted((a, b) => a - b), groups = Array.from({ length: n }, (_, i) => i * i % 7);
        const part = (percent: number) =>
          rowsOf(split(numbered(n), { seed, safetyFraction: percent / 100, ...(grouped && { groups }) }).candidate);
        const short = part(more);
        deepEqual(part(less).slice(0, short.length), short);
      },
    ),
    { seed: 6 },
  ));

test("both parts keep their groups through tables, encoders, pieces and further splits", async () => {
  const n = 60, patient = Array.from({ length: n }, (_, i) => `p${i % 20}`);
  const table = new Table({
    x: Array.from({ length: n }, (_, i) => i * 7 % n),
    patient,
    y: Array.from({ length: n }, (_, i) => i % 2),
  });
  const encoding = { label: "y", features: ["x"] }, ids = ({ clusters }: Rows) => Array.from(clusters!);
  const { candidate, safety } = split(table, { groups: patient, seed: 1 });
  deepEqual(safety.clusters, safety.column("patient"));
  const encoder = new Encoder(candidate, { ...encoding, standardise: false }), data = encoder.encode(safety);
  ok(data.hasClusters && !encoder.encode(table).hasClusters);
  deepEqual(data.clusters, safety.texts("patient"));
  deepEqual([...data.chunks(7)].flatMap(ids), safety.texts("patient"));
  deepEqual(ids(data.take([3, 0]).whole()), [safety.texts("patient")[3], safety.texts("patient")[0]]);

  // Data with clusters is split by them by default.
  for (const whole of [data, safety] as [DataSet, Table]) {
    const parts = split<DataSet | Table>(whole as never, { seed: 2 }),
      [here, there] = [parts.candidate, parts.safety].map(({ clusters }) => new Set(Array.from(clusters!)));
    ok(here.size > 0 && there.size > 0 && here.intersection(there).size === 0);
  }
  throws(() => split(data, { stratify: data.labels }), {
    message: "Cannot split by both stratify and the data's clusters: rows that stay together need not share a stratum",
  });
  throws(
    () => split(data, { groups: Array.from({ length: data.size }, (_, i) => i) }),
    /^RangeError: Cannot divide the cluster p\d+: row \d+ and row \d+ have/,
  );
  const coarser = split(data, { groups: Array.from(data.clusters!, (id) => `${id}`.length) });
  deepEqual([...new Set(coarser.safety.clusters as string[])].length, 1);

  const pieces: Tables = async function* () {
    for (let i = 0; i < n; i += 15) yield await Promise.resolve(table.take([...Array(15).keys()].map((j) => i + j)));
  };
  const parts = splitTables(pieces, { groups: "patient", seed: 3 }),
    stream = await encoder.stream(parts.safety),
    found: unknown[] = [];
  ok(stream.hasClusters);
  for await (const rows of stream.chunks(4)) found.push(...ids(rows));
  ok(found.length === stream.size && new Set(found).size * 3 === stream.size);
  deepEqual(
    (await stream.sample(n, {
      clone() {
        throw 0;
      },
      next: () => 0,
      getState: () => [],
    })).clusters,
    found,
  );

  // A column of ids.
  const named = new Encoder(table, { label: "y", clusters: "patient" });
  deepEqual(named.featureNames, ["x"]);
  deepEqual(named.encode(table).clusters, patient);
  throws(
    () => new Encoder(table, { ...encoding, clusters: "x" }).encode(safety),
    /^RangeError: Cannot divide the cluster p\d+: row \d+ and row \d+ have/,
  );
});

test("errors name rows without a group and groups that cannot be split", async () => {
  const table = new Table({ row: [0, 1, 2, 3], id: ["a", "", "b", "b"], number: [1, 2, NaN, 2] }),
    data = new DataSet({ items: [0, 1] });
  const missing = (row: number, what: string) =>
    `Cannot put row ${row} into a cluster: its value in ${what} is missing, and it may belong to any; leave such rows out, or give each ` +
    "its own value";
  const errors: [() => unknown, string][] = [
    [() => split(table, { groups: table.column("id") }), missing(1, "groups")],
    [() => split(table, { groups: table.column("number") }), missing(2, "groups")],
    [() => table.clustered(table.column("id")), missing(1, "clusters")],
    [() => new Encoder(table, { label: "row", features: [], clusters: "number" }).encode(table), missing(2, '"number"')],
    [
      () => data.clustered([1]),
      "Cannot put 2 rows into clusters: clusters has 1 values; wanted one for each row",
    ],
    [
      () => split(table, { groups: [1, 1, 1, 1] }),
      "Cannot split 4 rows: they are all in one group, which stays together, so one part would be empty",
    ],
    [() => split(table, { groups: [1, 1] }), "Cannot split 4 rows: groups has 2 values; wanted one for each row"],
    [
      () => split(table, { stratify: [1, 1, 2, 2], safetyFraction: 0.2 }),
      "Cannot split 4 rows with safetyFraction 0.2: one part could be empty; wanted at least one row in each",
    ],
  ];
  for (const [act, message] of errors) throws(act, { name: "RangeError", message });
  await rejects(async () => {
    for await (
      const part of splitTables(async function* () {
        yield await Promise.resolve(table);
      }, { groups: "id" }).safety()
    ) ok(part);
  }, { message: missing(1, '"id"') });
});

test("stratified parts have each value in proportion, and groups stay together", () =>
  fc.assert(
    fc.property(fc.integer({ min: 8, max: 80 }), fc.integer(), fc.constantFrom(0.25, 0.5, 0.6), (n, seed, safetyFraction) => {
      const table = new Table({ row: Array.from({ length: n }, (_, i) => i) });
      const stratum = Array.from({ length: n }, (_, i) => i % 3 === 0 ? "a" : "b"),
        family = Array.from({ length: n }, (_, i) => i >> 1);
      const rowsOf = (part: Table) => [...part.column("row")] as number[];
      const strata = split(table, { seed, safetyFraction, stratify: stratum });
      for (const value of ["a", "b"]) {
        const count = (rows: number[]) => rows.filter((row) => stratum[row] === value).length, all = count(rowsOf(table));
        ok(Math.abs(count(rowsOf(strata.candidate)) - all * (1 - safetyFraction)) < 1);
      }
      ok(Math.abs(strata.candidate.size - n * (1 - safetyFraction)) < 1);
      const together = split(table, { seed, safetyFraction, groups: family }),
        there = new Set(rowsOf(together.candidate).map((row) => family[row]));
      ok(rowsOf(together.safety).every((row) => !there.has(family[row])));
      ok(Math.abs(there.size - new Set(family).size * (1 - safetyFraction)) < 1);
      for (const { candidate, safety } of [strata, together]) {
        deepEqual([...rowsOf(candidate), ...rowsOf(safety)].sort((a, b) => a - b), rowsOf(table));
      }
    }),
    { seed: 4 },
  ));

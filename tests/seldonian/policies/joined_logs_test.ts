/** Logs in pieces and parts: what belongs together stays together, and what differs is not joined. */
import { deepEqual, equal, match, ok, rejects, throws } from "node:assert/strict";
import { test } from "node:test";
import { csv, DataSet, DataStream, explain, safetyTest, split, splitTables, type Table, tensor, train } from "../../../mod.ts";
import {
  type Episode,
  episodes,
  episodesInTable,
  episodesInTables,
  type EpisodesOptions,
  fitValues,
  J_pi_new_IS,
  maximize,
  measures,
  OneHot,
  SoftmaxTable,
} from "../../../seldonian/policies/mod.ts";
import { Given } from "../../helpers/policies.ts";

const one = (i: number): Episode => ({
  observations: [0, 0],
  actions: [i % 2, 0],
  rewards: [1, i],
  probabilities: [0.5, 0.5],
});
const some = (from: number, options?: EpisodesOptions) => episodes([0, 1, 2, 3, 4, 5].map((i) => one(from + i)), options);

test("guesses are fitted to episodes: a stream, both parts at once and rows of other data are errors that say so", async () => {
  const policy = new SoftmaxTable(1, 2), options = { policy, features: new OneHot(1) };
  const rows = new DataSet({ features: tensor([[1], [2]]), labels: [0, 1] }),
    stream = await DataStream.open(async function* () {
      yield await some(0);
    });
  for (
    const [data, found] of [[stream, "a DataStream"], [split(some(0)), "an object with candidate, safety"], [rows, "a DataSet"]]
  ) {
    throws(() => fitValues(data as never, options), {
      message: `Cannot fit values to ${found}: wanted episodes, as split(episodes(list)).candidate`,
    });
  }
});

test("pieces of a stream, and the two parts of data, have one discount, one kind of probabilities and one shape", async () => {
  const wide = episodes([{ ...one(9), observations: [[0, 1], [0, 1]] }]);
  const others: [ReturnType<typeof some>, RegExp][] = [
    [some(9, { discount: 0.5 }), /discount 0\.9.*discount 0\.5/s],
    [some(9, { discount: 0.9, densities: true }), /densities/],
    [episodes([{ ...one(9), alternates: [[0, 0]] }], { discount: 0.9 }), /1 reward.*2 reward/s],
    [wide, /2 numbers/],
  ];
  for (const [other, why] of others) {
    const pieces = async function* () {
      yield await some(0, { discount: 0.9 });
      yield other;
    };
    await rejects(DataStream.open(pieces), why);
    const parts = { candidate: some(0, { discount: 0.9 }), safety: other };
    const stated = { measures, objective: maximize(J_pi_new_IS), constraints: [{ text: "J_pi_new_IS >= -9", delta: 0.1 }] };
    await rejects(train({ data: parts, model: new SoftmaxTable(1, 2), ...stated }), why);
  }
  const same = async function* () {
    yield await some(0, { discount: 0.9 });
    yield some(9, { discount: 0.9 });
  };
  equal((await DataStream.open(same)).size, 12);
});

const names = { episode: "visit", observations: ["o"], actions: ["a"], reward: "r", probability: "p" };
/** Visits of three steps each; a patient has two of them. */
const visits = (count: number) =>
  csv(
    "visit,patient,o,a,r,p\n" +
      Array.from({ length: 3 * count }, (_, i) => `${Math.floor(i / 3)},${Math.floor(i / 6)},0,${i % 2},${i},0.5\n`).join(""),
  );
const tables = (table: Table) =>
  async function* () {
    for (let i = 0; i < table.size; i += 7) {
      yield await table.take(Array.from({ length: Math.min(7, table.size - i) }, (_, j) => i + j));
    }
  };

test("a table of steps that was split by its rows is refused: its episodes are in parts", async () => {
  const table = visits(20), { candidate, safety } = split(table);
  for (const part of [candidate, safety]) throws(() => episodesInTable(part, names), /only a part of episode .*groups: "visit"/);
  const { safety: later } = split(table, { shuffle: false, safetyFraction: 0.52 });
  throws(() => episodesInTable(later, names), /only a part of episode/);
  const streamed = splitTables(() => tables(visits(20))());
  await rejects(DataStream.open(() => episodesInTables(streamed.safety(), names)), /only a part of episode/);
});

test("a table that was split by its episodes, or whose episodes were cut at a horizon, is read", async () => {
  const table = visits(20), { candidate, safety } = split(table, { groups: table.column("visit") });
  const [a, b] = [candidate, safety].map((part) => episodesInTable(part, names));
  equal(a.size + b.size, 20);
  equal(a.hasClusters, false);
  const streamed = splitTables(() => tables(visits(20))(), { groups: "visit" });
  const parts = await Promise.all(
    [streamed.candidate, streamed.safety].map((part) => DataStream.open(() => episodesInTables(part(), names))),
  );
  equal(parts[0].size + parts[1].size, 20);
  const short = table.take(Array.from({ length: 60 }, (_, i) => i).filter((i) => i % 3 < 2));
  deepEqual([...episodesInTable(short, names).labels.subarray(0, 2)], [1, 7]);
});

test("episodes of a table that was split by patients are in clusters: a patient is one observation", async () => {
  const table = visits(20), { safety } = split(table, { groups: table.column("patient") }), data = episodesInTable(safety, names);
  ok(data.hasClusters);
  equal(new Set(Array.from(data.clusters!)).size, data.size / 2);
  const model = new Given([[0.5, 0.5]]), ranges = { J_pi_new_IS: [0, 200] as const };
  const report = await safetyTest({ model, data, measures, ranges, constraints: [{ text: "J_pi_new_IS >= 1", delta: 0.5 }] });
  equal(report.constraints[0].leaves[0].n, data.size / 2);
  match(explain(report), /clusters of safety data/);
  const pieces = DataStream.open(() =>
    episodesInTables(splitTables(() => tables(visits(20))(), { groups: "patient" }).safety(), names)
  );
  ok((await pieces).hasClusters);
  const odd = csv("visit,patient,o,a,r,p\n1,1,0,0,0,0.5\n1,2,0,0,0,0.5\n2,1,0,0,0,0.5\n");
  throws(
    () => episodesInTable(odd.clustered(odd.column("patient")), names),
    /episode 1.*in the clusters 1 and 2/,
  );
});

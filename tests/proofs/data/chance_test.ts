import { test } from "node:test";
import { DataSet, split } from "../../../mod.ts";
import { atMostDelta, passesOf, promise, rows } from "../../helpers/promises.ts";

test("strata are divided by chance, and small ones can go to either part", async () => {
  const draw = (unique: number, size: number) => (uniform: () => number, seed: number) => {
    const common = rows(200, () => uniform() >= unique),
      stratum = common.map((one, i) => one ? "common" : `rare ${Math.floor(i / size)}`);
    const data = new DataSet({ features: common.map((one) => [one ? 1 : 0]), labels: common.map(() => 1) });
    return { ...promise("ACC >= 0.9", { rates: "decided" }), data: split(data, { stratify: stratum, seed }).safety };
  };
  for (const size of [1, 5]) atMostDelta(await passesOf(200, draw(0.2, size)), 200);
});

test("groups are divided by chance, whatever their size and position", async () => {
  const sites = (uniform: () => number, seed: number) => {
    // Half of the rows belong to 50 large sites, which are wrong about twice as often.
    const site = rows(1000, (i) => i < 500 ? i % 50 : 50 + i),
      right = site.map((one) => uniform() < (one < 50 ? 0.78 : 0.9) ? 1 : 0);
    const data = new DataSet({ features: right.map((z) => [z]), labels: right.map(() => 1) }),
      parts = split(data, { groups: site, seed });
    return { ...promise("ACC >= 0.93", { rates: "decided" }), data: parts.safety };
  };
  atMostDelta(await passesOf(60, sites), 60);
  const patients = (uniform: () => number, seed: number) => {
    const patient = rows(2200, (i) => i < 2000 ? Math.floor(i / 10) : i),
      right = patient.map((one) => uniform() < (one < 200 ? 0.8 : 0.88) ? 1 : 0);
    const data = new DataSet({ features: right.map((z) => [z]), labels: right.map(() => 1) });
    return {
      ...promise("ACC >= 0.9", { rates: "decided" }),
      data: split(data, { groups: patient, seed, safetyFraction: 0.2 }).safety,
    };
  };
  atMostDelta(await passesOf(60, patients), 60);
});

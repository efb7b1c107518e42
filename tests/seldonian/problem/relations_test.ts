import { equal, match, rejects } from "node:assert/strict";
import { test } from "node:test";
import { DataSet, safetyTest, type SafetyTestOptions, split, tensor, train, type TrainOptions } from "../../../mod.ts";
import { permutation, randomStream } from "../../../seldonian/random.ts";
import type { Fixed } from "../../helpers/models.ts";
import { atMostDelta, delta, passesOf, promise, rows, uniforms, untrained } from "../../helpers/promises.ts";

test("two data sets are independent only if declared, and never if they share rows", async () => {
  const draw = (uniform: () => number) => {
    const right = rows(300, () => uniform() < 0.8 ? 1 : 0), noisy = right.map((z) => z + 1e-9 * uniform() * (z === 1 ? -1 : 1));
    const set = (z: number[]) => new DataSet({ features: tensor(z.map((z) => [z])), labels: z.map(() => 1) });
    return { data: set(right), others: { noisy: set(noisy) } };
  };
  const text = "(ACC + (ACC | noisy)) / 2 >= 0.801", question = promise(text, { rates: "decided" });
  atMostDelta(await passesOf(300, (uniform) => ({ ...question, ...draw(uniform) })), 300);
  const bound = async (more: Partial<SafetyTestOptions>) =>
    (await safetyTest({ ...question, ...draw(uniforms(0)), ...more })).constraints[0].conjuncts[0];
  // Separate bounds, or pairs; independence is the user's claim.
  equal((await bound({})).statistic, undefined);
  equal((await bound({ paired: ["noisy"] })).statistic!.n, 300);
  equal((await bound({ independent: ["noisy"] })).statistic!.n, 600);
  const { data } = draw(uniforms(0));
  await rejects(
    bound({ data, others: { noisy: data }, independent: ["noisy"] }),
    /Cannot take "noisy" as independent of the data: they have 300 of 300 rows in common/,
  );
  const again = data.take(Array.from(permutation(300, randomStream(1, "order"))));
  await rejects(
    bound({ data, others: { noisy: again }, independent: ["noisy"] }),
    /Cannot take "noisy" as independent of the data: they have 300 of 300 rows in common/,
  );
  await rejects(
    bound({ paired: ["other"] }),
    /Cannot take "other" as paired: there is no such data set in others; there are "noisy"/,
  );
  await rejects(
    bound({ others: { noisy: data.take([0, 1]) }, paired: ["noisy"] }),
    /Cannot pair the rows of "noisy" with those of the data: there are 2 and 300/,
  );
});

test("trained rows and clusters are found in every part of every data set", async () => {
  const make = (n: number, shift = 0) =>
    new DataSet({ features: rows(n, (i) => [0.5 + (i + shift) / 10000]), labels: rows(n, (i) => i % 2) });
  const all = make(100), copy = make(100), asked = { ...untrained, constraints: [{ text: "PR >= 0.1", delta }] };
  const message = (more: Partial<TrainOptions<Fixed>>) =>
    train({ ...asked, data: all, ...more } as TrainOptions<Fixed>).then(() => "accepted", ({ message }) => message);
  for (const safety of [all.take(rows(99, (i) => i)), copy.take(rows(99, (i) => i)), all.take([...rows(20, (i) => i)])]) {
    match(
      await message({ data: { candidate: all, safety } }),
      /^Cannot test on rows that were trained on: (99|20) of (99|20) rows of the safety part/,
    );
  }
  // Two sets that share rows are split differently.
  const large = make(1000);
  match(
    await message({ data: large, others: { o: make(1000).take(rows(999, (i) => i)) } }),
    /rows of the safety part of "o" are in the candidate part of the data/,
  );
  equal(await message({ others: { o: make(100, 500) } }), "accepted");
  // Rows of few kinds are naturally in both parts.
  const kinds = (seed: number) =>
    new DataSet({ features: rows(200, (i) => [((i * 7 + seed) % 5) / 5]), labels: rows(200, (i) => i % 2) });
  equal(await message({ data: { candidate: kinds(0), safety: kinds(1) } }), "accepted");
  // A few of many kinds are in both parts by chance, also if the parts differ in size.
  for (let seed = 0; seed < 20; seed++) {
    const uniform = uniforms(seed),
      draw = (n: number) => {
        const kind = rows(n, () => Math.floor(5000 * uniform()));
        return new DataSet({ features: kind.map((k) => [k / 5000]), labels: kind.map((k) => k % 2) });
      };
    equal(await message({ data: { candidate: draw(900), safety: draw(100) } }), "accepted");
  }
  const patients = rows(60, (i) => Math.floor(i / 6)), half = (part: number) => rows(30, (i) => 2 * i + part);
  const inParts = (part: number) => make(60).clustered(patients).take(half(part));
  match(
    await message({ data: { candidate: inParts(0), safety: inParts(1) } }),
    /^Cannot test on clusters that were trained on: 0 is in the candidate part of the data and in the safety part of the data/,
  );
  match(
    await message({ data: split(all, { seed: 5 }), others: { o: make(100, 500) }, paired: ["o"] }),
    /^Cannot pair the rows of "o" .*give both whole, or both split/,
  );
});

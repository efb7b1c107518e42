import { equal, match, ok } from "node:assert/strict";
import { test } from "node:test";
import { DataSet, type nn, train, type TrainOptions } from "../../../mod.ts";
import { permutation, randomStream } from "../../../seldonian/random.ts";
import { delta, rows, untrained } from "../../helpers/promises.ts";

test("shared rows, impossible promises, and classes and levels that no row has are errors before training", async () => {
  const features = rows(60, (i) => [0.5 + i / 1000]),
    labels = rows(60, (i) => i % 2),
    columns = { sex: rows(60, (i) => i % 3 === 0 ? "Female" : "Male") };
  const data = new DataSet({ features, labels, columns });
  const message = async (more: Partial<TrainOptions<nn.Module>>) => {
    let trained = false;
    try {
      await train({ ...untrained, data, constraints: [{ text: "ACC >= 0.1", delta }], onStep: () => trained = true, ...more });
    } catch (error) {
      ok(!trained);
      return (error as Error).message;
    }
    return "accepted";
  };
  const again = data.take(Array.from(permutation(60, randomStream(1, "order"))));
  for (const safety of [data, again]) {
    match(
      await message({ data: { candidate: data, safety } }),
      /^Cannot test on rows that were trained on: 60 of 60 rows of the safety part of the data are in the candidate part of the data; give data whole/,
    );
  }
  equal(
    await message({ data: { candidate: data.take(rows(30, (i) => i)), safety: data.take(rows(30, (i) => 30 + i)) } }),
    "accepted",
  );
  const asked = async (text: string, stated = delta) => await message({ constraints: [{ text, delta: stated }] });
  match(
    await asked('(PR | [sex == "female"]) <= 0.9'),
    /no row of the data counts for PR \| \[sex == "female"\]; "sex" is never "female", and the nearest is "Female"/,
  );
  match(
    await asked("ACC >= 95"),
    /no model can keep it: ACC lies in \[0,1\], so that 95 - ACC is at least 94, and must be at most 0; rates are parts of 1, so write 0\.95 for 95 %/,
  );
  match(
    await asked("ACC >= 0.1", 0.95),
    /Cannot promise "ACC >= 0\.1" with delta 0\.95: its test might err more often than not; .* did you mean 0\.05\?/,
  );
  const classes = {
    data: new DataSet({ features: rows(60, () => [0.5, 0.3, 0.2]), labels }),
    constraints: [{ text: "TPR_[2] >= 0.1", delta }],
  };
  match(await message(classes), /no row of the data counts for TPR_\[2\], by its label/);
});

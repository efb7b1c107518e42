// A model that keeps its promise, as a file of ONNX for programs in other languages, with its certificate. A few seconds.
//
//   deno run --no-lock -RW examples/export.ts --out penguins [--rows N] [--epochs N] [--seed N]
//
// Without --out nothing is written. The file is compared with the model by npm's onnxruntime-web, which Deno fetches on use;
// --rows 0 leaves that out.
import { mkdir, writeFile } from "node:fs/promises";
import { parseArgs } from "node:util";
import { nn, prepare, train } from "../mod.ts";
import { exportOnnx } from "../seldonian/export/mod.ts";
import { penguins } from "./datasets/penguins.ts";

const { values: flags } = parseArgs({
  options: {
    out: { type: "string" },
    rows: { type: "string" },
    epochs: { type: "string", default: "200" },
    seed: { type: "string", default: "0" },
  },
});

const { data, encoder } = prepare(penguins(), {
  label: { column: "sex", classes: ["female", "male"] },
  features: ["species", "bill_length_mm", "bill_depth_mm", "flipper_length_mm", "body_mass_g"],
  // What replaces a missing measurement is a part of the file. Birds without a sex are left out.
  missing: { impute: "median", label: "drop" },
  safetyFraction: 0.6,
  seed: Number(flags.seed),
});

const result = await train({
  data,
  model: new nn.LogisticRegression(encoder.featureNames.length),
  objective: nn.logLoss,
  constraints: [{ text: "ACC >= 0.8", delta: 0.05 }],
  rates: "decided",
  optimizer: { thetaRate: 0.05, epochs: Number(flags.epochs) },
  seed: Number(flags.seed),
});
console.log(`${result}`);

if (result.passed) {
  // Never safety data: the file is compared with the model on birds that the test does not need.
  const rows = flags.rows === undefined ? undefined : Number(flags.rows);
  const { onnx, certificate } = await exportOnnx(result, { data: data.candidate, rows });
  console.log(`\nA file of ${onnx.length} bytes with the inputs ${encoder.scales.map(({ name }) => name).join(", ")}`);
  console.log(certificate.exported);
  if (flags.out !== undefined) {
    await mkdir(flags.out, { recursive: true });
    await writeFile(`${flags.out}/model.onnx`, onnx);
    await writeFile(`${flags.out}/certificate.json`, JSON.stringify(certificate, null, 2));
  }
}

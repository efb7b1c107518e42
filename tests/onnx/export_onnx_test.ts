import { deepEqual, equal, match, ok, rejects } from "node:assert/strict";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { autodiff, DataSet, nn, type Passed, prepare, split, type Tensor, tensor, train, verify } from "../../mod.ts";
import { exportOnnx } from "../../seldonian/export/mod.ts";
import { germanCredit, loanEncoding } from "../../examples/datasets/german_credit.ts";
import { run, skip as noChild } from "../helpers/child.ts";
import { linear, options } from "../helpers/line.ts";
import { command, writeSpec } from "../helpers/small_run.ts";
import { inFolder } from "../helpers/writing.ts";
import { opened, skip } from "./runtime.ts";

test("a forest on German credit is exported with its encoder and compared on all candidate rows", { skip }, async () => {
  const table = germanCredit(), { data } = prepare(table, { ...loanEncoding(table), safetyFraction: 0.6 });
  const grown = { features: data.candidate.whole().features as Tensor, labels: data.candidate.labels };
  const constraints = [{ text: "ACC >= 0.5", delta: 0.05 }], model = nn.RandomForest.grow(grown, { trees: 5 });
  const result = await train({
    data,
    model,
    objective: nn.logLoss,
    constraints,
    rates: "decided",
    optimizer: { epochs: 5 },
  }) as Passed;
  const { certificate, onnx } = await exportOnnx(result, { data: data.candidate }), { exported } = certificate;
  deepEqual([exported!.rows, exported!.decisionsThatDiffer], [400, 0]);
  ok(exported!.greatestDifference! < 1e-6);
  const { valid, differences } = await verify(certificate, result.model, data.safety, { files: { "model.onnx": onnx } });
  ok(valid, `${differences}`);
});

test("a part of the rows is compared, of features and of a part of encoded rows", { skip }, async () => {
  const data = split(linear(400)), result = await train(options({ data, rates: "decided" })) as Passed;
  equal((await exportOnnx(result, { data: data.candidate, rows: 7 })).certificate.exported!.rows, 7);
  const table = germanCredit(), prepared = prepare(table, { ...loanEncoding(table), safetyFraction: 0.6 });
  const width = prepared.encoder.featureNames.length, some = prepared.data.candidate.take([5, 3, 300]);
  const fit = await train(
    options({ data: prepared.data, model: new nn.LogisticRegression(width), constraints: [{ text: "ACC >= 0.4", delta: 0.05 }] }),
  );
  const { exported } = (await exportOnnx(fit as Passed, { data: some })).certificate;
  ok(exported!.rows === 3 && exported!.greatestDifference! < 1e-6);
});

test("a model whose output depends on something else than its input is found out by the comparison", { skip }, async () => {
  let calls = -Infinity;
  class Restless implements nn.Module {
    readonly inner = new nn.LogisticRegression(2);
    forward(x: Tensor): Tensor {
      return this.inner.forward(x).mul(++calls > 3 ? 0.9 : 1);
    }
  }
  const data = split(linear(400)), result = await train(options({ data, model: new Restless(), rates: "decided" })) as Passed;
  ok((await exportOnnx(result, { data: data.candidate })).certificate.exported!.greatestDifference! < 1e-6);
  // The trace calls it three times.
  calls = 0;
  await rejects(
    exportOnnx(result, { data: data.candidate }),
    /^RangeError: Cannot export the model: the file gives .* for row \d+, and the model .*; wanted a forward\(\) that depends on/,
  );
});

test("several tensors by name are inputs by their names", { skip }, async () => {
  const whole = linear(400), { features: x } = whole.whole(), ids = Array.from({ length: 400 }, (_, i) => [i % 3]);
  class Both implements nn.Module {
    readonly levels = new nn.Embedding(3, 2);
    readonly last = new nn.LogisticRegression(4);
    forward({ x, level }: Record<string, Tensor>): Tensor {
      return this.last.forward(autodiff.concatenate([x, this.levels.forward(level).reshape(level.shape[0], 2)], 1));
    }
  }
  const data = split(new DataSet({ features: { x: x as Tensor, level: ids }, labels: whole.labels }));
  const result = await train(options({ data, model: new Both(), rates: "decided" })) as Passed;
  const { certificate, onnx } = await exportOnnx(result, { data: data.candidate });
  ok(certificate.exported!.rows === 200 && certificate.exported!.greatestDifference! < 1e-6);
  const { output } = await (await opened(onnx))({ x: tensor([[1, 2]]), level: tensor([[2]]) });
  deepEqual(output.dims, [1, 1]);
});

test("the command compares on all candidate rows", { skip }, () =>
  inFolder(async (folder) => {
    const out = `${folder}/run`;
    equal((await command("train", writeSpec(folder, 0.6, { rates: "decided" }), "--out", out, "--quiet")).code, 0);
    match(
      (await command("export", out)).out,
      /Compared with the model on 150 rows: outputs differ by at most [\d.e-]+, decisions in 0 rows/,
    );
    match(
      (await command("verify", `${out}/certificate.json`)).out,
      /Assumed: the outputs of model\.onnx differed from the model's by [\d.e-]+ at most, on 150 rows/,
    );
  }));

test(
  "without permission to read the runtime's files, nothing is compared, and that is said",
  { skip: skip || noChild },
  () =>
    inFolder(async (folder) => {
      const out = `${folder}/run`, kit = fileURLToPath(new URL("../../", import.meta.url));
      equal((await command("train", writeSpec(folder), "--out", out, "--quiet")).code, 0);
      const read = ["--no-lock", `--allow-read=${kit},${folder}`, `--allow-write=${folder}`];
      const found = await run(...read, `${kit}cli.ts`, "export", out);
      match(found.out, /^Not compared with the model: npm's onnxruntime-web cannot be loaded, or may not read its files$/m);
      equal(found.code, 0, found.errors);
    }),
);

import { deepEqual, equal, match, ok, rejects } from "node:assert/strict";
import { test } from "node:test";
import { DataSet, nn, type Passed, split, tensor, train, verify } from "../../../mod.ts";
import { sha256 } from "../../../seldonian/data/digest.ts";
import { exportOnnx, toOnnx } from "../../../seldonian/export/mod.ts";
import { exportCertified } from "../../../seldonian/export/export_onnx.ts";
import { linear, options } from "../../helpers/line.ts";
import { resealed } from "../../helpers/small_run.ts";

const data = split(linear(400)), result = await train(options({ data, rates: "decided" })) as Passed;
const found = await exportOnnx(result, { data: data.candidate, rows: 0, files: { "notes.txt": "of the author" } });

test("the certificate names the file, and verify compares it: also a file of another model, and one that is missing", async () => {
  const { onnx, certificate } = found, files = { "notes.txt": "of the author", "model.onnx": onnx };
  const { exported } = certificate;
  deepEqual({ ...exported, digest: "" }, {
    made: certificate.made,
    file: "model.onnx",
    digest: "",
    rows: 0,
    greatestDifference: null,
    decisionsThatDiffer: 0,
  });
  const check = async (files: Record<string, string | Uint8Array>) =>
    await verify(JSON.parse(JSON.stringify(certificate)), result.model, data.safety, { files });
  const good = await check(files);
  deepEqual(good.differences, []);
  ok(good.valid && good.assumed.includes("model.onnx computes what the model does: nobody compared them"), `${good.assumed}`);
  const other = onnx.with(onnx.length - 40, 7), { differences } = await check({ ...files, "model.onnx": other });
  match(`${differences}`, /^the SHA-256 of the file model\.onnx is \w+, and the certificate says \w+$/);
  match(`${(await check({ "notes.txt": "of the author" })).differences}`, /^the SHA-256 of the file model\.onnx is undefined/);
  const { valid, assumed } = await verify(certificate, result.model, data.safety);
  ok(valid && assumed.includes("the files beside it are those that it names: notes.txt, model.onnx"), `${assumed}`);
});

test("a comparison in a certificate is its author's word, and a change of it breaks the digest", async () => {
  const changed = JSON.parse(JSON.stringify(found.certificate));
  changed.exported.greatestDifference = 1e-7;
  changed.exported.rows = 200;
  const { differences } = await verify(changed, result.model, data.safety);
  match(`${differences}`, /^the certificate's own SHA-256 is/);
  const { valid, assumed } = await verify(await resealed(changed), result.model, data.safety);
  ok(valid && assumed.includes("the outputs of model.onnx differed from the model's by 1e-7 at most, on 200 rows"), `${assumed}`);
});

test("verify makes the file again: one of another model is found, where no certificate can hide it", async () => {
  const other = nn.initialize(new nn.Sequential(new nn.Linear(2, 1), new nn.Sigmoid()), 3);
  const foreign = toOnnx(other, { example: tensor([[1, 2]]), decides: true }),
    forged = JSON.parse(JSON.stringify(found.certificate));
  forged.exported.digest = await sha256(foreign);
  const files = { "notes.txt": "of the author", "model.onnx": foreign };
  const { differences } = await verify(await resealed(forged), result.model, data.safety, { files });
  deepEqual(differences, ["model.onnx is not the file that this model makes"]);
  // Another version may write the same model otherwise.
  forged.exported.made.version = "0.0.1";
  const { valid, assumed } = await verify(await resealed(forged), result.model, data.safety, { files });
  ok(valid && assumed.includes("model.onnx is made of the model, by version 0.0.1"), `${assumed}`);
});

test("exporting again replaces the file's entry", async () => {
  const again = await exportCertified(result.model, found.certificate, [data.safety], {
    data: data.candidate,
    rows: 0,
    file: "loans.onnx",
  });
  equal(again.certificate.exported!.file, "loans.onnx");
  ok((await verify(again.certificate, result.model, data.safety)).valid);
});

test("safety data, a signed certificate, items and a result without a model are refused", async () => {
  await rejects(exportOnnx(result, { data: data.safety }), /^RangeError: Cannot export a model with its safety data/);
  const keys = await crypto.subtle.generateKey("Ed25519", true, ["sign", "verify"]) as CryptoKeyPair;
  await rejects(
    exportCertified(result.model, await found.certificate.sign(keys), [data.safety], { data: data.candidate }),
    /^TypeError: Cannot add a file to a certificate that is signed: export the model first, then sign/,
  );
  const items = new DataSet({ items: [{ a: 1 }, { a: 2 }], labels: [0, 1] });
  await rejects(exportOnnx(result, { data: items, rows: 0 }), /^TypeError: Cannot export a model whose rows are items/);
  await rejects(
    exportOnnx({ ...result } as Passed, { data: items }),
    /^TypeError: Cannot export a model: the result is .*; wanted a result that passed/,
  );
});

test("a file with the name of another beside the certificate is refused: one digest would hide the other", async () => {
  const named = { data: data.candidate, rows: 0, file: "notes.txt", files: { "notes.txt": "of the author" } };
  await rejects(
    exportOnnx(result, named),
    /^RangeError: Cannot export a model as notes\.txt: the certificate names another file so/,
  );
});

test("outputs that decisions are drawn from have no decision in the file, decisions have", async () => {
  const drawn = await train(options({ data, model: new nn.Sequential(new nn.Linear(2, 1), new nn.Sigmoid()) })) as Passed;
  const names = await Promise.all([result, drawn].map(async (one) => {
    const { onnx } = await exportOnnx(one, { data: data.candidate, rows: 0 });
    return ["output", "decision"].map((name) => new TextDecoder().decode(onnx).includes(name));
  }));
  deepEqual(names, [[true, true], [true, false]]);
});

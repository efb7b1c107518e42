import { equal, match, ok } from "node:assert/strict";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { test } from "node:test";
import { command, writeSpec } from "../../helpers/small_run.ts";
import { inFolder, testsThatWrite } from "../../helpers/writing.ts";

testsThatWrite(import.meta.url, () => {
  test("export writes the model beside its certificate, which verify checks, and which the next run replaces", () =>
    inFolder(async (folder) => {
      const spec = writeSpec(folder, 0.6, { rates: "decided" }), out = `${folder}/run`;
      equal((await command("train", spec, "--out", out, "--quiet")).code, 0);
      const made = await command("export", out, "--rows", "0");
      equal(
        `${made.out}${made.errors}`,
        `Written to ${out}: model.onnx, certificate.json\nNot compared with the model\nInputs: x (number)`,
      );
      ok(readFileSync(`${out}/model.onnx`).length > 300);
      const { spec: named, exported } = JSON.parse(readFileSync(`${out}/certificate.json`, "utf8"));
      equal(named, "../spec.json");
      equal(exported.file, "model.onnx");
      const checked = await command("verify", `${out}/certificate.json`);
      equal(checked.code, 0, checked.out);
      match(checked.out, /Read: .*model\.safetensors, model\.onnx/);
      // What was made of the run stays.
      equal((await command("card", out)).code, 0);
      equal((await command("export", out, "--rows", "0")).code, 0);
      ok(existsSync(`${out}/card.json`) && existsSync(`${out}/encoder.json`));
      writeFileSync(`${out}/model.onnx`, "another");
      match((await command("verify", `${out}/certificate.json`)).out, /the SHA-256 of the file model\.onnx is/);
      match(
        (await command("train", spec, "--out", out, "--quiet")).out,
        /left by an earlier run: card\.html, card\.json, model\.onnx/,
      );
      ok(!existsSync(`${out}/model.onnx`));
      equal((await command("verify", `${out}/certificate.json`)).code, 0);
    }));

  test("export refuses a folder without a model, another model and other data", () =>
    inFolder(async (folder) => {
      const spec = writeSpec(folder), out = `${folder}/run`;
      match((await command("export", out)).errors, /^Cannot read .*certificate\.json: there is no such file/);
      ok(!existsSync(out));
      equal((await command("train", spec, "--out", out, "--quiet")).code, 0);
      const model = readFileSync(`${out}/model.safetensors`), other = Uint8Array.from(model);
      other[other.length - 2] ^= 1;
      writeFileSync(`${out}/model.safetensors`, other);
      match((await command("export", out)).errors, /model\.safetensors is not the model that the certificate names/);
      writeFileSync(`${out}/model.safetensors`, model);
      for (const rows of ["3.5", "-1", "1e-3"]) {
        const { errors, code } = await command("export", out, `--rows=${rows}`);
        equal(errors, `Cannot export a model: --rows is ${Number(rows)}; wanted a whole number from 0`);
        equal(code, 2);
      }
      writeFileSync(`${folder}/table.csv`, readFileSync(`${folder}/table.csv`, "utf8").replaceAll("0.9", "0.8"));
      const found = await command("export", out);
      match(found.errors, /the data of .*spec\.json is not that of the run; train again/);
      equal(found.code, 2);
    }));

  test("export refuses another division of the rows, of which the encoder says nothing", () =>
    inFolder(async (folder) => {
      const out = `${folder}/run`, constraints = [{ text: "ACC >= 0.6", delta: 0.05 }], data = { file: "table.csv", label: "y" };
      const spec = writeSpec(folder, 0.6, { data: { ...data, columns: ["n"] }, constraints, seed: 1 });
      const rows = Array.from({ length: 300 }, (_, i) => `${i % 2 ? "u" : "v"},${i % 9 ? i % 2 : 1 - i % 2},${i}`);
      writeFileSync(`${folder}/table.csv`, `k,y,n\n${rows.join("\n")}\n`);
      equal((await command("train", spec, "--out", out, "--quiet")).code, 0);
      equal((await command("export", out, "--rows", "0")).code, 0);
      writeFileSync(spec, readFileSync(spec, "utf8").replace('"seed": 1', '"seed": 2'));
      const { errors, code } = await command("export", out, "--rows", "0");
      match(errors, /: the safety data of .*spec\.json is not that of the run; train again/);
      equal(code, 2);
    }));

  test("export refuses what the file of numbers does not tell: another output, and an edited certificate", () =>
    inFolder(async (folder) => {
      const out = `${folder}/run`, model = { kind: "mlp", hidden: [3], task: "classification" };
      const spec = writeSpec(folder, 0.6, { model }), text = readFileSync(spec, "utf8"), certificate = `${out}/certificate.json`;
      equal((await command("train", spec, "--out", out, "--quiet")).code, 0);
      writeFileSync(spec, text.replace('"classification"', '"regression"'));
      const { errors, code } = await command("export", out, "--rows", "0");
      match(errors, /: the model of .*spec\.json is not that of the run; train again/);
      equal(code, 2);
      writeFileSync(spec, text);
      writeFileSync(certificate, readFileSync(certificate, "utf8").replaceAll("ACC >= 0.6", "ACC >= 0.9"));
      // The export would seal it again.
      match((await command("export", out, "--rows", "0")).errors, /^Cannot read the certificate: it was changed/);
      ok(!existsSync(`${out}/model.onnx`));
    }));
});

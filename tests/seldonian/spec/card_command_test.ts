import { equal, match, ok } from "node:assert/strict";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { test } from "node:test";
import { command, writeSpec } from "../../helpers/small_run.ts";
import { inFolder, testsThatWrite } from "../../helpers/writing.ts";

testsThatWrite(import.meta.url, () => {
  test("card writes the card of a run with what its author says, which verify ignores and the next run removes", () =>
    inFolder(async (folder) => {
      const spec = writeSpec(folder), out = `${folder}/run`, about = `${folder}/about.json`;
      equal((await command("train", spec, "--out", out, "--quiet")).code, 0);
      writeFileSync(about, JSON.stringify({ name: "Signs", uses: ["tests"] }));
      const made = await command("card", out, "--about", about);
      equal(`${made.out}${made.errors}`, `Written to ${out}: card.html, card.json`);
      const card = JSON.parse(readFileSync(`${out}/card.json`, "utf8"));
      equal(card.modelDetails.name, "Signs");
      equal(card.modelDetails.type, "logistic");
      equal(card.trainingData.settings.optimizer.epochs, 40);
      equal(card.trainingData.steps, 40);
      equal(card.trainingData.settings["read from"], "../spec.json");
      match(readFileSync(`${out}/card.html`, "utf8"), /<h1>Signs<\/h1>/);
      equal((await command("verify", `${out}/certificate.json`)).code, 0);
      const again = await command("train", spec, "--out", out, "--quiet");
      match(again.out, /left by an earlier run: card\.html, card\.json/);
      ok(!existsSync(`${out}/card.json`));
    }));

  test("card refuses files that are not the certificate's, and an option that does not exist", () =>
    inFolder(async (folder) => {
      const out = `${folder}/run`, about = `${folder}/about.json`;
      equal((await command("train", writeSpec(folder), "--out", out, "--quiet")).code, 0);
      writeFileSync(about, JSON.stringify({ usess: ["tests"] }));
      const wrong = await command("card", out, "--about", about);
      equal(wrong.errors, 'Cannot make a model card: there is no option "usess"; the nearest is "uses"');
      equal(wrong.code, 2);
      writeFileSync(`${out}/result.json`, "{}");
      match(
        (await command("card", out)).errors,
        /^Cannot make a model card: .*result\.json is not the file that the certificate names$/,
      );
      ok(!existsSync(`${out}/card.json`));
    }));

  test("the names of classes and the kind of model are the run's, whatever the spec says now", () =>
    inFolder(async (folder) => {
      const data = { file: "table.csv", label: { column: "y", classes: ["0", "1"] } }, out = `${folder}/run`;
      const constraints = [{ text: "PR <= 0.8", delta: 0.05 }], spec = writeSpec(folder, 0.6, { data, constraints });
      equal((await command("train", spec, "--out", out, "--quiet")).code, 0);
      writeFileSync(spec, readFileSync(spec, "utf8").replace(/"0",\s*"1"/, '"1", "0"').replace('"logistic"', '"linear"'));
      equal((await command("card", out)).code, 0);
      const { quantitativeAnalyses, modelDetails } = JSON.parse(readFileSync(`${out}/card.json`, "utf8"));
      equal(quantitativeAnalyses[0].words, "how often class 1 (1) is decided is at most 0.8");
      equal(modelDetails.type, "logistic");
    }));
});

import { deepEqual, equal, match, notEqual } from "node:assert/strict";
import { copyFileSync, mkdirSync, readFileSync } from "node:fs";
import { test } from "node:test";
import { server } from "../../../seldonian/serving/mod.ts";
import { servingStore } from "../../../seldonian/serving/store.ts";
import { runFiles } from "../../../seldonian/spec/run_folder.ts";
import { asked, person, sharedRun } from "../../helpers/served.ts";
import { command } from "../../helpers/small_run.ts";
import { inFolder, testsThatWrite } from "../../helpers/writing.ts";

testsThatWrite(import.meta.url, () => {
  test("a run that is exported while it is served goes on with its store, before and after", () =>
    inFolder(async (folder) => {
      const run = `${folder}/run`, written = await sharedRun();
      mkdirSync(run);
      for (const name of runFiles.filter((name) => name !== "model.onnx")) copyFileSync(`${written}/${name}`, `${run}/${name}`);
      for (const name of ["spec.json", "people.csv"]) copyFileSync(`${written}/../${name}`, `${folder}/${name}`);
      const seal = () => JSON.parse(readFileSync(`${run}/certificate.json`, "utf8")).sha256;
      const first = await server(run), { json: { id } } = await asked(first, "/predict", person(1)), before = seal();
      await asked(first, "/outcomes", { id, label: "no" });
      await first.close();
      const { code, errors } = await command("export", run, "--rows", "0");
      equal(code, 0, errors);
      notEqual(seal(), before);
      const second = await server(run);
      equal((await asked(second, "/outcomes", { id, label: "no" })).json.status, "repeated");
      await second.close();
      // Stores of versions that named the whole certificate.
      for (const old of [before, seal()]) {
        const store = `${folder}/${old}.sqlite`;
        await (await servingStore(store, "", [old])).close();
        await (await server(run, { store })).close();
      }
    }));
});

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

  test("after a store is restored from a copy, an id of a lost decision is nobody else's", () =>
    inFolder(async (folder) => {
      const run = await sharedRun(), store = `${folder}/serving.sqlite`, copy = `${folder}/copy.sqlite`;
      const opened = () => server(run, { store });
      const decide = async (at: Awaited<ReturnType<typeof opened>>, i: number): Promise<string> =>
        (await asked(at, "/predict", person(i))).json.id;
      const first = await opened(), kept = await decide(first, 0);
      await first.close();
      copyFileSync(store, copy);
      const second = await opened(), lost = await decide(second, 1);
      await second.close();
      copyFileSync(copy, store);
      const third = await opened(), other = await decide(third, 2);
      notEqual(lost, other);
      const tell = (...ids: string[]) => asked(third, "/outcomes", ids.map((id) => ({ id, label: "no" })));
      match((await tell(lost)).json.errors[0].detail, /is of no decision of this server/);
      equal((await tell(other, lost)).status, 422);
      deepEqual((await tell(kept, other)).json.map(({ status }: { status: string }) => status), ["counted", "counted"]);
      await third.close();
    }));

  test("a store of version 1 goes on: its ids stay, and its decisions are found", () =>
    inFolder(async (folder) => {
      const run = await sharedRun(), store = `${folder}/serving.sqlite`, first = await server(run, { store });
      const { json: { id } } = await asked(first, "/predict", person(0));
      await first.close();
      const { DatabaseSync } = await import("node:sqlite"), database = new DatabaseSync(store);
      database.exec("ALTER TABLE decisions DROP COLUMN opening; UPDATE about SET version = 1, tag = '0123abcd'");
      database.close();
      for (const status of ["counted", "repeated"]) {
        const again = await server(run, { store }), told = { id: id.replace(/^.{8}/, "0123abcd"), label: "no" };
        equal((await asked(again, "/outcomes", told)).json.status, status);
        await again.close();
      }
    }));
});

import { deepEqual, equal } from "node:assert/strict";
import { test } from "node:test";
import { server } from "../../../seldonian/serving/mod.ts";
import { asked, person, sharedRun } from "../../helpers/served.ts";
import { inFolder, testsThatWrite } from "../../helpers/writing.ts";

testsThatWrite(import.meta.url, () => {
  test("a list that names an id with two values of a column is refused, and changes nothing", () =>
    inFolder(async (folder) => {
      const serving = await server(await sharedRun(), { store: `${folder}/serving.sqlite` }), { sex: _, ...row } = person(1);
      const { json: { id } } = await asked(serving, "/predict", row), one = { id, label: "no" };
      const list = [{ ...one, columns: { sex: "F" } }, { ...one, columns: { sex: "M" } }];
      const { status, json } = await asked(serving, "/outcomes", list);
      equal(status, 422);
      deepEqual(json.errors, [{
        pointer: "#/1/columns/sex",
        detail: '"sex" is another one for the same id in this list',
      }]);
      equal((await asked(serving, "/promises")).json.monitor.outcomes, 0);
      await serving.close();
    }));

  test("a list that is accepted is repeated when it is sent again, whatever columns it leaves out", () =>
    inFolder(async (folder) => {
      const serving = await server(await sharedRun(), { store: `${folder}/serving.sqlite` });
      const { json: { id } } = await asked(serving, "/predict", { ...person(1), sex: "F" }), one = { id, label: "no" };
      const tell = async (list: unknown) =>
        (await asked(serving, "/outcomes", list)).json.map((of: { status: string }) => of.status);
      deepEqual(await tell([one, { ...one, columns: { sex: "M" } }, one]), ["counted", "corrected", "repeated"]);
      deepEqual(await tell([one, { ...one, columns: { sex: "M" } }, one]), ["repeated", "repeated", "repeated"]);
      await serving.close();
    }));

  test("an outcome told again with the column that came with the row is repeated", () =>
    inFolder(async (folder) => {
      const serving = await server(await sharedRun(), { store: `${folder}/serving.sqlite` });
      const { json: { id } } = await asked(serving, "/predict", { ...person(1), sex: "F" }), one = { id, label: "no" };
      const tell = async (columns?: unknown) => (await asked(serving, "/outcomes", { ...one, columns })).json.status;
      equal(await tell(), "counted");
      equal(await tell({ sex: "F" }), "repeated");
      equal(await tell({ sex: "M" }), "corrected");
      equal(await tell({ sex: "F" }), "corrected");
      equal(await tell(), "repeated");
      equal((await asked(serving, "/promises")).json.monitor.corrections, 2);
      await serving.close();
    }));
});

import { deepEqual, equal, notEqual, ok } from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { test } from "node:test";
import { readTable } from "../../../mod.ts";
import { deciding } from "../../../seldonian/decision.ts";
import { Fields } from "../../../seldonian/serving/fields.ts";
import { openRun } from "../../../seldonian/serving/open_run.ts";
import { server } from "../../../seldonian/serving/mod.ts";
import type { FieldError } from "../../../seldonian/serving/refusal.ts";
import { fc } from "../../deps.ts";
import { asked, person, sharedRun } from "../../helpers/served.ts";
import { command } from "../../helpers/small_run.ts";
import { inFolder, testsThatWrite } from "../../helpers/writing.ts";

testsThatWrite(import.meta.url, () => {
  for (const name of ["constructor", "prototype", "__proto__"]) {
    for (const kind of ["numbers", "texts"]) {
      test(`a column named ${name} of a promise is served: ${kind}`, () =>
        inFolder(async (folder) => {
          const value = (i: number) => kind === "numbers" ? i % 50 : "FM"[i % 2];
          const x = (i: number) => Math.sin(7.1 * i).toFixed(5);
          const rows = Array.from({ length: 400 }, (_, i) => `${x(i)},${value(i)},${Number(x(i)) > 0 ? 1 : 0}\n`);
          writeFileSync(`${folder}/data.csv`, `x,${name},y\n${rows.join("")}`);
          const condition = kind === "numbers" ? "< 25" : "== 'F'";
          writeFileSync(
            `${folder}/spec.json`,
            JSON.stringify({
              data: { file: "data.csv", label: { column: "y", classes: ["0", "1"] }, features: ["x"] },
              model: { kind: "logistic" },
              rates: "decided",
              constraints: [{ text: `(ER | ["${name}" ${condition}]) <= 0.5`, delta: 0.05 }],
              optimizer: { thetaRate: 0.1, epochs: 20 },
            }),
          );
          const { code, errors } = await command("train", `${folder}/spec.json`, "--out", `${folder}/run`, "--quiet");
          equal(code, 0, errors);
          const serving = await server(`${folder}/run`), own = JSON.stringify({ [name]: value(0) });
          const { json: [with_, without] } = await asked(serving, "/predict", `[{"x":0.3,${own.slice(1)},{"x":0.3}]`);
          equal((await asked(serving, "/outcomes", { id: without.id, label: "1" })).status, 422);
          deepEqual((await asked(serving, "/outcomes", { id: with_.id, label: "1" })).json.status, "counted");
          const { json } = await asked(serving, "/outcomes", `{"id":"${without.id}","label":"1","columns":${own}}`);
          equal(json.status, "counted");
          equal((await asked(serving, "/promises")).json.monitor.promises[0].measures[0].n, 2);
          await serving.close();
        }));
    }
  }

  test("values are spelt as in the table: missing ones, replaced ones, and those with white space", () =>
    inFolder(async (folder) => {
      const x = (i: number) => 50 + 40 * Math.sin(7.1 * i);
      const age = (i: number) => i % 7 === 0 ? "-99" : i % 7 === 1 ? "999" : x(i).toFixed(1),
        job = (i: number) => ["a", "b", "c", "none", "B"][i % 5];
      const rows = Array.from({ length: 400 }, (_, i) => `${age(i)},${job(i)},${"FM?"[i % 3]},${x(i) > 50 ? 1 : 0}\n`);
      writeFileSync(`${folder}/data.csv`, `age,job,sex,y\n${rows.join("")}`);
      const data = {
        file: "data.csv",
        label: { column: "y", classes: ["0", "1"] },
        features: ["age", "job"],
        missingValues: { age: ["-99"], job: ["none"] },
        replace: { age: { 999: "99" }, job: { B: "b" } },
        missing: { impute: { age: "mean", job: "mode" } },
      };
      const constraints = [{ text: "(ER | [sex == 'F']) <= 0.6", delta: 0.05 }], optimizer = { thetaRate: 0.1, epochs: 20 };
      const spec = { data, model: { kind: "logistic" }, rates: "decided", constraints, optimizer };
      writeFileSync(`${folder}/spec.json`, JSON.stringify(spec));
      const { code, errors } = await command("train", `${folder}/spec.json`, "--out", `${folder}/run`, "--quiet");
      equal(code, 0, errors);
      const serving = await server(`${folder}/run`, { unknownLevels: "encode" });
      const output = async (row: unknown) => (await asked(serving, "/predict", row)).json.output,
        missing = { age: null, job: null };
      equal(typeof await output(missing), "number");
      for (const age of [-99, "-99", " -99 ", "NA", "?", ""]) {
        equal(await output({ age, job: null }), await output(missing), `${age}`);
      }
      for (const job of ["none", " none", "NA", "?"]) equal(await output({ age: null, job }), await output(missing), job);
      for (const age of [999, true]) {
        equal(await output({ age, job: null }), await output({ age: age === true ? 1 : 99, job: null }));
      }
      for (const job of ["B", " b\u00a0"]) equal(await output({ age: null, job }), await output({ age: null, job: "b" }));
      notEqual(await output({ age: 50, job: "pilot" }), await output({ age: 50, job: null }));
      notEqual(await output({ age: 99, job: "a" }), await output({ age: -98, job: "a" }));
      const { json: { id } } = await asked(serving, "/predict", { ...missing, sex: "?" });
      equal((await asked(serving, "/outcomes", { id, label: " 1" })).json.status, "counted");
      equal((await asked(serving, "/promises")).json.monitor.promises[0].measures[0].n, 0);
      // What the table reads as missing is no label.
      equal((await asked(serving, "/outcomes", { id, label: "?" })).status, 422);
      await serving.close();
    }));

  test("where decisions are drawn, each person has a draw of their own, as decide() with ids", () =>
    inFolder(async (folder) => {
      const run = await sharedRun({ rates: "expected" }), serving = await server(run, { store: `${folder}/a.sqlite` });
      const { model, encoder, task, certificate: { test: { rates, seed } } } = await openRun(run), row = person(6);
      const rows = Array.from({ length: 300 }, (_, i) => i % 3 === 2 ? row : { row, person: i % 3 === 0 ? `p${i}` : i });
      const table = await readTable(readFileSync(`${run}/../people.csv`)), x = encoder.features(table.take([6]));
      const { decide } = deciding(model, { task, rates }, seed, [x.shape[1]]);
      const wanted = rows.map((one) => ["no", "yes"][decide(x, "person" in one ? { ids: [one.person] } : {}).item()]);
      const { json } = await asked(serving, "/predict", rows), yes = json.map(({ decision }: { decision: string }) => decision);
      deepEqual(yes, wanted);
      equal(serving.drawn, true);
      const [{ output }] = json, drawn = yes.filter((_: string, i: number) => i % 3 !== 2);
      const part = drawn.filter((one: string) => one === "yes").length / drawn.length;
      ok(Math.abs(part - output) < 4 * Math.sqrt(output * (1 - output) / 200), `${part} of ${output}`);
      equal(new Set(yes.filter((_: string, i: number) => i % 3 === 2)).size, 1);
      equal((await asked(serving, "/predict", { row })).json.decision, wanted[2]);
      await serving.close();
    }));

  test("a person is a text or a number, and what is wrong beside or in the row is told by its place", () =>
    inFolder(async (folder) => {
      const serving = await server(await sharedRun(), { store: `${folder}/a.sqlite` }), row = person(1);
      const faults = async (body: unknown) => {
        const { json } = await asked(serving, "/predict", body);
        return Object.fromEntries(
          json.errors.map(({ pointer, detail }: { pointer: string; detail: string }) => [pointer, detail]),
        );
      };
      deepEqual(await faults([{ row, person: {} }, { row, Person: 1 }, { row: { ...row, age: "x" }, person: "" }, { row: 3 }]), {
        "#/0/person": '"person" is an object; wanted a text or a number',
        "#/1/Person": '"Person" is no field; wanted row or person',
        "#/2/person": '"person" is ""; wanted a text or a number',
        "#/2/row/age": '"age" is "x"; wanted a number',
        "#/3/age": '"age" is missing',
        "#/3/job": '"job" is missing',
        "#/3/income": '"income" is missing',
        "#/3/row": '"row" is no field of the model',
      });
      equal((await asked(serving, "/predict", { row, person: "Ann" })).status, 200);
      equal(serving.drawn, false);
      const { Row, Application } = (await asked(serving, "/openapi.json")).json.components.schemas;
      deepEqual(Application.properties.row, { $ref: "#/components/schemas/Row" });
      equal(Row.properties.person, undefined);
      await serving.close();
    }));

  test("a row is the same in whatever order its fields are, with columns of the promise among them or without", async () => {
    const fields = new Fields(await openRun(await sharedRun()), "refuse"), { sex, ...seen } = person(1);
    const names = ["age", "income", "job", "sex"];
    fc.assert(
      fc.property(fc.shuffledSubarray(names), fc.boolean(), (order, isText) => {
        const given: Record<string, unknown> = Object.fromEntries(order.map((name) => [name, { ...seen, sex }[name as "sex"]]));
        if (isText && "age" in given) given.age = "old";
        const errors: FieldError[] = [], row = fields.row(given, [], errors);
        const wrong = names.filter((name) => name !== "sex" && (!(name in given) || (isText && name === "age")));
        deepEqual(errors.map(({ pointer }) => pointer.slice(2)).sort(), wrong);
        if (wrong.length > 0) return;
        deepEqual(row!.features, fields.features.map(({ name }) => seen[name as "age"]));
        deepEqual({ ...row!.columns }, "sex" in given ? { sex } : {});
      }),
      { seed: 6 },
    );
  });
});

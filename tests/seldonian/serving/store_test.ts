import { deepEqual, equal, match, notEqual, ok, rejects } from "node:assert/strict";
import { copyFileSync, mkdirSync, readFileSync } from "node:fs";
import { test } from "node:test";
import { server } from "../../../seldonian/serving/mod.ts";
import { servingStore } from "../../../seldonian/serving/store.ts";
import { runFiles } from "../../../seldonian/spec/run_folder.ts";
import { asked, person, sharedRun, truth } from "../../helpers/served.ts";
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

  for (const version of [1, 2]) {
    test(`a store of version ${version} goes on: its ids stay, and its decisions are found beside new ones`, () =>
      inFolder(async (folder) => {
        const run = await sharedRun(), store = `${folder}/serving.sqlite`, first = await server(run, { store });
        const { json: old } = await asked(first, "/predict", [0, 1, 2].map(person));
        await first.close();
        const { DatabaseSync } = await import("node:sqlite"), database = new DatabaseSync(store);
        // As these versions kept them: a row for each decision.
        const each = database.prepare("SELECT * FROM each_decision ORDER BY number").all();
        database.exec("DROP VIEW each_decision; DELETE FROM decisions; ALTER TABLE decisions DROP COLUMN size");
        for (const { number, time, opening, row, columns, output, decision } of each) {
          database.prepare("INSERT INTO decisions VALUES (?, ?, ?, ?, ?, ?, ?)")
            .run(number, time, row, columns, output, decision, opening);
        }
        if (version === 1) database.exec("ALTER TABLE decisions DROP COLUMN opening");
        database.exec(`UPDATE about SET version = ${version}, tag = '0123abcd'`);
        database.close();
        const told = old.map(({ id }: { id: string }, i: number) => ({
          id: version === 1 ? id.replace(/^.{8}/, "0123abcd") : id,
          label: truth(i),
        }));
        for (const status of ["counted", "repeated"]) {
          const again = await server(run, { store });
          const { json: more } = await asked(again, "/predict", [3, 4].map(person));
          const all = status === "counted" ? [...told, { id: more[1].id, label: "no" }] : told;
          for (const one of (await asked(again, "/outcomes", all)).json) equal(one.status, status);
          await again.close();
        }
      }));
  }

  test("a monitor of an earlier format counts the kept outcomes anew: the same to the bit, corrections and all", () =>
    inFolder(async (folder) => {
      const run = await sharedRun(), store = `${folder}/serving.sqlite`;
      const first = await server(run, { store, alpha: 0.2 });
      const people = Array.from({ length: 1100 }, (_, i) => i % 2 === 0 ? person(i) : { ...person(i), sex: undefined });
      const ids: string[] = [];
      for (const some of [people.slice(0, 600), people.slice(600)]) {
        ids.push(...(await asked(first, "/predict", some)).json.map(({ id }: { id: string }) => id));
      }
      const told = ids.map((id, i) => ({ id, label: truth(i), columns: i % 2 === 0 ? undefined : { sex: person(i).sex } }));
      for (const some of [told.slice(500), told.slice(0, 500).toReversed()]) {
        equal((await asked(first, "/outcomes", some)).status, 200);
      }
      // Of one decision twice, and of another its group.
      await asked(first, "/outcomes", [{ id: ids[3], label: "no" }, { id: ids[4], label: "yes" }]);
      await asked(first, "/outcomes", [{ id: ids[3], label: "yes" }, { ...told[7], columns: { sex: "F" } }]);
      const before = (await asked(first, "/promises")).json;
      await first.close();
      ok(before.monitor.corrections >= 3);
      const { DatabaseSync } = await import("node:sqlite"), database = new DatabaseSync(store);
      database.exec("UPDATE monitor SET state = json_set(state, '$.format', 'seldonian monitor 3', '$.kept', 'of other bets')");
      database.close();
      for (let times = 0; times < 2; times++) {
        const again = await server(run, { store });
        deepEqual((await asked(again, "/promises")).json, before);
        equal((await asked(again, "/outcomes", told[900])).json.status, "repeated");
        await again.close();
      }
    }));

  test("a monitor's state that cannot be read is told when a server starts, with its reason", () =>
    inFolder(async (folder) => {
      const run = await sharedRun(), store = `${folder}/serving.sqlite`, first = await server(run, { store });
      const { json: { id } } = await asked(first, "/predict", person(1));
      await asked(first, "/outcomes", { id, label: "no" });
      await first.close();
      const { DatabaseSync } = await import("node:sqlite"), database = new DatabaseSync(store);
      for (
        const [path, value, message] of [
          ["$.check", 1, /its state is not as it was kept/],
          ["$.format", "seldonian monitor 99", /wanted its state, with format "seldonian monitor \d+"/],
        ] as const
      ) {
        database.prepare("UPDATE monitor SET state = json_set(state, ?, ?)").run(path, value);
        await rejects(
          () => server(run, { store }),
          (error: Error) => error.message.startsWith(`Cannot serve ${run} with its store: `) && message.test(error.message),
        );
      }
      database.close();
    }));

  test("readers of the file see each decision as it was answered, with the row that was decided", () =>
    inFolder(async (folder) => {
      const store = `${folder}/serving.sqlite`, serving = await server(await sharedRun(), { store });
      const people = Array.from({ length: 600 }, (_, i) => i % 5 === 0 ? { ...person(i), sex: undefined } : person(i));
      const { json: many } = await asked(serving, "/predict", people),
        { json: one } = await asked(serving, "/predict", person(9));
      const { DatabaseSync } = await import("node:sqlite"),
        database = new DatabaseSync(store),
        all = database.prepare("SELECT * FROM each_decision ORDER BY number").all();
      const found = all.map(({ opening, number, row, columns, output, decision }) => ({
        id: `${opening}-${number}`,
        decision: JSON.parse(`${decision}`),
        output: JSON.parse(`${output}`),
        row: JSON.parse(`${row}`),
        columns: JSON.parse(`${columns}`),
      }));
      const wanted = [...many, one].map((answer, i) => {
        const { age, job, income, sex } = { ...person(9), ...people[i] };
        return { ...answer, row: [age, job, income], columns: sex === undefined ? {} : { sex } };
      });
      deepEqual(found, wanted);
      equal(database.prepare("SELECT count(*) AS pieces FROM decisions").get()!.pieces, 4);
      database.close();
      await serving.close();
    }));

  test("a store of a later version is refused by name", () =>
    inFolder(async (folder) => {
      const run = await sharedRun(), store = `${folder}/serving.sqlite`;
      await (await server(run, { store })).close();
      const { DatabaseSync } = await import("node:sqlite"), database = new DatabaseSync(store);
      database.exec("UPDATE about SET version = 4");
      database.close();
      await rejects(
        () => server(run, { store }),
        /^RangeError: Cannot keep decisions in .*serving\.sqlite: it is of version 4, or another program's; wanted version 3/,
      );
    }));
});

import { deepEqual, equal, ok, rejects } from "node:assert/strict";
import { test } from "node:test";
import { server } from "../../seldonian/serving/mod.ts";
import { asked, person, sharedRun, smallServedRun, truth } from "../helpers/served.ts";
import { inFolder } from "../helpers/writing.ts";
import { found, missing, postgres, ran, withServer } from "./servers.ts";

const skip = missing("postgres", "initdb", "psql");
const psql = (url: string, sql: string) => ran(found("psql")!, [url, "-tAc", sql]);

test(
  "three servers of one monitor in Postgres count each outcome once, and agree to the bit with one server alone",
  { skip },
  async () => {
    await withServer(postgres, async ({ url }) => {
      const run = await sharedRun(), servers = await Promise.all([0, 1, 2].map(() => server(run, { store: url })));
      const decided = await Promise.all(Array.from({ length: 90 }, (_, i) => asked(servers[i % 3], "/predict", person(i))));
      const outcomes = decided.map(({ json }, i) => ({ id: json.id, label: truth(i) }));
      equal(new Set(outcomes.map(({ id }) => id)).size, 90);
      const answers = await Promise.all(outcomes.flatMap((one) => servers.map((at) => asked(at, "/outcomes", one))));
      const count = (status: string) => answers.filter(({ json }) => json.status === status).length;
      deepEqual([count("counted"), count("repeated")], [90, 180]);
      equal(
        (await asked(servers[1], "/outcomes", { ...outcomes[7], label: truth(7) === "yes" ? "no" : "yes" })).json.status,
        "corrected",
      );
      const told = await Promise.all(servers.map(async (at) => JSON.stringify((await asked(at, "/promises")).json)));
      equal(new Set(told).size, 1);
      // One server that gets the same outcomes in the order in which they were counted.
      const order = (await psql(url, "SELECT decision || ' ' || label FROM seldonian_outcomes ORDER BY number")).trim().split(
        "\n",
      );
      const rowOf = new Map(outcomes.map(({ id }, i) => [id.split("-")[1], i]));
      await inFolder(async (folder) => {
        const alone = await server(run, { store: `${folder}/alone.sqlite` });
        const { json } = await asked(alone, "/predict", decided.map((_, i) => person(i)));
        for (const line of order) {
          const [decision, label] = line.split(" ");
          await asked(alone, "/outcomes", { id: json[rowOf.get(decision)!].id, label: ["no", "yes"][Number(label)] });
        }
        equal(JSON.stringify((await asked(alone, "/promises")).json), told[0]);
        await alone.close();
      });
      await Promise.all(servers.map((one) => one.close()));
    });
  },
);

test(
  "a Postgres that ends in mid-work is told as a status to try again, and loses nothing that was acknowledged",
  { skip },
  async () => {
    await withServer(postgres, async (database) => {
      const errors: unknown[] = [],
        serving = await server(await sharedRun(), { store: database.url, onError: (error) => errors.push(error) });
      const { json } = await asked(serving, "/predict", Array.from({ length: 50 }, (_, i) => person(i)));
      const ids: string[] = json.map(({ id }: { id: string }) => id), acknowledged = new Set<number>();
      let stopped: Promise<void> | undefined;
      for (let i = 0; i < 50; i++) {
        if (i === 20) stopped = database.stop("SIGQUIT").then(() => database.start());
        for (;;) {
          const { status } = await asked(serving, "/outcomes", { id: ids[i], label: truth(i) });
          if (status === 200) break;
          equal(status, 503);
          await new Promise((resolve) => setTimeout(resolve, 50));
        }
        acknowledged.add(i);
      }
      await stopped;
      equal(await psql(database.url, "SELECT count(*), count(DISTINCT decision) FROM seldonian_outcomes"), "50|50\n");
      equal((await asked(serving, "/promises")).json.monitor.outcomes, 50);
      equal(acknowledged.size, 50);
      ok(errors.length > 0);
      await serving.close();
    });
  },
);

test(
  "rows of a batch are kept one by one, in their order, with any letters",
  { skip },
  () =>
    withServer(postgres, async ({ url }) => {
      const serving = await server(await sharedRun(), { store: url, unknownLevels: "encode" });
      const people = Array.from(
        { length: 600 },
        (_, i) => ({ ...person(i), job: ["a\u0000b", "\ud83d", "日本", 'q"\\'][i % 4] }),
      );
      const { json } = await asked(serving, "/predict", people);
      const rows = (await psql(url, "SELECT number || ' ' || row FROM seldonian_decisions ORDER BY number")).trim().split("\n");
      deepEqual(
        rows.map((line) => JSON.parse(line.slice(line.indexOf(" ")))),
        people.map(({ age, job, income }) => [age, job, income]),
      );
      deepEqual(rows.map((line) => line.split(" ")[0]), json.map(({ id }: { id: string }) => id.split("-")[1]));
      await serving.close();
    }),
);

test(
  "a monitor of an earlier format counts the outcomes in Postgres anew, and other servers go on from it",
  { skip },
  () =>
    withServer(postgres, async ({ url }) => {
      const run = await sharedRun(), first = await server(run, { store: url }), second = await server(run, { store: url });
      const told: { id: string; label: string }[] = [];
      for (let from = 0; from < 1200; from += 600) {
        const { json } = await asked(first, "/predict", Array.from({ length: 600 }, (_, i) => person(from + i)));
        told.push(...json.map(({ id }: { id: string }, i: number) => ({ id, label: truth(from + i) })));
      }
      for (const some of [told.slice(600), told.slice(0, 600)]) await asked(first, "/outcomes", some);
      await asked(second, "/outcomes", { ...told[3], label: truth(3) === "yes" ? "no" : "yes" });
      const before = (await asked(first, "/promises")).json;
      await psql(url, "UPDATE seldonian_monitor SET version = 7, state = regexp_replace(state, 'monitor [0-9]+', 'monitor 3')");
      for (const at of [first, second]) deepEqual((await asked(at, "/promises")).json, before);
      equal(await psql(url, "SELECT version FROM seldonian_monitor"), "8\n");
      for (const at of [first, second]) equal((await asked(at, "/outcomes", told[900])).json.status, "repeated");
      await Promise.all([first.close(), second.close()]);
    }),
);

test("tables of another certificate, and a server that is not there, are errors in words", { skip }, async () => {
  await withServer(postgres, async ({ url }) => {
    await (await server(await sharedRun(), { store: url })).close();
    await inFolder(async (folder) => {
      const other = await smallServedRun(folder, { seed: 1 });
      await rejects(
        () => server(other, { store: url }),
        /^RangeError: Cannot keep decisions in postgres:\/\/127.*: it has decisions of the certificate/,
      );
      await rejects(() => server(other, { store: "postgres://me:secret@127.0.0.1:1/x" }), (error: Error) => {
        return /^Cannot keep decisions in postgres:\/\/127\.0\.0\.1:1\/x: .*(refused|ECONNREFUSED)/.test(error.message);
      });
    });
  });
});

test(
  "where decisions are not waited for, an end of Postgres loses some, and gives no id again",
  { skip },
  async () => {
    await withServer(postgres, async (database) => {
      // What is not waited for is long not on the disk.
      await psql(database.url, "ALTER SYSTEM SET wal_writer_delay = '10s'");
      await psql(database.url, "SELECT pg_reload_conf()");
      const serving = await server(await sharedRun(), { store: database.url, durable: "outcomes", onError() {} });
      const ids = async (from: number): Promise<string[]> => {
        for (;;) {
          const { status, json } = await asked(serving, "/predict", Array.from({ length: 5 }, (_, i) => person(from + i)));
          if (status === 200) return json.map(({ id }: { id: string }) => id);
          await new Promise((resolve) => setTimeout(resolve, 50));
        }
      };
      const lost = await ids(0);
      await database.stop("SIGQUIT");
      await database.start();
      const kept = await ids(5);
      equal(new Set([...lost, ...kept]).size, 10);
      for (const id of lost) equal((await asked(serving, "/outcomes", { id, label: truth(0) })).status, 422);
      for (const id of kept) equal((await asked(serving, "/outcomes", { id, label: truth(5) })).status, 200);
      await serving.close();
    });
  },
);

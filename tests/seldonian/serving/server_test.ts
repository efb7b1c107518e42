import { deepEqual, equal, match, ok } from "node:assert/strict";
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { readTable } from "../../../mod.ts";
import { deciding } from "../../../seldonian/decision.ts";
import { openRun } from "../../../seldonian/serving/open_run.ts";
import { server, type ServerOptions } from "../../../seldonian/serving/mod.ts";
import { asked, person, sharedRun, truth } from "../../helpers/served.ts";
import { inFolder, testsThatWrite } from "../../helpers/writing.ts";
import { fc } from "../../deps.ts";

type Served = Awaited<ReturnType<typeof server>>;

/** Gives a test a server of the small run, and closes it. */
const served = (
  test: (server: Served, run: string) => Promise<void>,
  options: ServerOptions = {},
  more: Record<string, unknown> = {},
) =>
  inFolder(async (folder) => {
    const run = await sharedRun(more), serving = await server(run, { store: `${folder}/serving.sqlite`, ...options });
    try {
      await test(serving, run);
    } finally {
      await serving.close();
    }
  });

/** The places and reasons of a refusal. */
const faults = (json: { errors?: { pointer: string; detail: string }[] }) =>
  Object.fromEntries((json.errors ?? []).map(({ pointer, detail }) => [pointer, detail]));

testsThatWrite(import.meta.url, () => {
  for (const rates of ["decided", "expected"]) {
    test(`decisions are those of the certified model, alone, together and at once: ${rates}`, () =>
      served(
        async (serving, run) => {
          const { model, encoder, task, certificate } = await openRun(run);
          const table = await readTable(readFileSync(`${run}/../people.csv`)), features = encoder.features(table);
          const { rates, seed } = certificate.test, { decide } = deciding(model, { task, rates }, seed, [features.shape[1]]);
          const wanted = Array.from(decide(features).data, (k) => ["no", "yes"][k]),
            p = model.forward(features).cast("float64").data;
          const people = Array.from({ length: 600 }, (_, i) => person(i)), of = ({ decision }: { decision: string }) => decision;
          const together = (await asked(serving, "/predict", people)).json;
          deepEqual(together.map(of), wanted);
          deepEqual(together.map(({ output }: { output: number }) => output), Array.from(p));
          const alone = await Promise.all(people.slice(0, 80).map((one) => asked(serving, "/predict", one)));
          deepEqual(alone.map(({ json }) => of(json)), wanted.slice(0, 80));
          equal(new Set([...together, ...alone.map(({ json }) => json)].map(({ id }) => id)).size, 680);
          ok(new Set(wanted).size === 2);
        },
        {},
        { rates },
      ));
  }

  test("a regression's answer is its number, and its outcomes are numbers", () =>
    served(
      async (serving) => {
        const { json } = await asked(serving, "/predict", { age: 30, job: "cook", sex: "F", paid: "yes" });
        equal(typeof json.decision, "number");
        equal(json.decision, json.output);
        equal((await asked(serving, "/outcomes", { id: json.id, label: "yes" })).status, 422);
        deepEqual((await asked(serving, "/outcomes", { id: json.id, label: 40.5 })).json, { id: json.id, status: "counted" });
      },
      {},
      {
        data: { file: "people.csv", label: "income", missing: { impute: "mean", label: "drop" }, columns: ["sex"] },
        model: { kind: "bounded-linear", range: [0, 100] },
        constraints: [{ text: "(Mean_Squared_Error | [sex == 'F']) <= 9000", delta: 0.05 }],
        ranges: { Mean_Squared_Error: [0, 10000] },
        rates: "expected",
      },
    ));

  test("unknown levels, missing and unknown fields, wrong types and numbers too large are told by field, with the nearest", () =>
    served(async (serving) => {
      const row = person(1),
        { status, json, headers } = await asked(serving, "/predict", [
          row,
          { ...row, job: "Cook" },
          { age: "31", income: {}, sex: "f", Job: "cook" },
          { ...row, age: 1e300, __proto__: 1, constructor: 2 },
          7,
        ]);
      equal(status, 422);
      equal(headers.get("content-type"), "application/problem+json");
      deepEqual(faults(json), {
        "#/1/job": '"job" is "Cook", which training did not know; the nearest is "cook"',
        "#/2/age": '"age" is "31"; wanted a number',
        "#/2/income": '"income" is an object; wanted a number or null',
        "#/2/job": '"job" is missing',
        "#/2/sex": '"sex" is "f", which training did not know; the nearest is "F"',
        "#/2/Job": '"Job" is no field of the model; the nearest is "job"',
        "#/3/age": '"age" is 1e+300; wanted a number that float32 can hold',
        "#/3/constructor": '"constructor" is no field of the model',
        "#/4": "Row 4 is 7; wanted an object with a value for each field",
      });
      equal((await asked(serving, "/predict", '{"age":1,"age":2}')).status, 400);
      match((await asked(serving, "/predict", '{"a\\u0067e":1,"age":2}')).json.detail, /the name "age" twice/);
      equal((await asked(serving, "/predict", '{"__proto__":1}')).status, 422);
      match((await asked(serving, "/promises")).text, /"outcomes":0,/);
    }));

  test("a text that training did not know is encoded as none, if the server is told so", () =>
    served(async (serving, run) => {
      const { encoder, model } = await openRun(run), row = { ...person(1), job: "pilot" };
      const { json } = await asked(serving, "/predict", row);
      const table = await readTable(new TextEncoder().encode(`age,job,income\n${row.age},pilot,${row.income}\n`));
      equal(json.output, model.forward(encoder.features(table)).cast("float64").item());
    }, { unknownLevels: "encode" }));

  test("outcomes are counted once, corrected by another label, and refused as a whole if one does not fit", () =>
    served(async (serving) => {
      const { json: decided } = await asked(serving, "/predict", [0, 1, 2].map(person)),
        [a, b, c] = decided.map(({ id }: { id: string }) => id);
      const tell = async (body: unknown) => (await asked(serving, "/outcomes", body)).json;
      const outcomes = async () => (await asked(serving, "/promises")).json.monitor;
      deepEqual(await tell([{ id: a, label: "yes" }, { id: b, label: "no" }]), [{ id: a, status: "counted" }, {
        id: b,
        status: "counted",
      }]);
      deepEqual(await tell({ id: a, label: "yes" }), { id: a, status: "repeated" });
      deepEqual(await tell([{ id: c, label: "no" }, { id: c, label: "no" }, { id: a, label: "no" }]), [
        { id: c, status: "counted" },
        { id: c, status: "repeated" },
        { id: a, status: "corrected" },
      ]);
      equal((await outcomes()).outcomes, 3);
      equal((await outcomes()).corrections, 1);
      const before = JSON.stringify(await outcomes()), other = a.replace(/^./, (first: string) => first === "0" ? "1" : "0");
      deepEqual(
        faults(
          await tell([{ id: b, label: "yes" }, { id: other, label: "yes" }, { id: `${c}9`, label: "maybe" }, {
            label: "no",
            Id: c,
          }]),
        ),
        {
          "#/2/label": '"label" is "maybe"; wanted one of no, yes',
          "#/3/Id": '"Id" is no field; wanted id, label or columns',
          "#/3/id": '"id" is missing',
        },
      );
      deepEqual(faults(await tell([{ id: b, label: "yes" }, { id: other, label: "yes" }])), {
        "#/1/id": '"id" is of no decision of this server',
      });
      deepEqual(faults(await tell([{ id: b, label: "yes" }, { id: b, label: "no" }])), {
        "#/1/label": '"label" is another one for the same id in this list',
      });
      equal(JSON.stringify(await outcomes()), before);
    }));

  test("columns of the promise come with the row or with the outcome, and are needed", () =>
    served(async (serving) => {
      const { sex, ...row } = person(3), { json: { id } } = await asked(serving, "/predict", row);
      deepEqual(faults((await asked(serving, "/outcomes", { id, label: "no" })).json), {
        "#/columns/sex": '"sex" is missing: the promise names it, and it came neither with the row nor here',
      });
      equal((await asked(serving, "/outcomes", { id, label: "no", columns: { sex, age: 3 } })).status, 422);
      equal((await asked(serving, "/outcomes", { id, label: "no", columns: { sex } })).json.status, "counted");
      equal((await asked(serving, "/outcomes", { id, label: "no" })).json.status, "repeated");
      equal((await asked(serving, "/outcomes", { id, label: "no", columns: { sex: null } })).json.status, "corrected");
      const measures = (await asked(serving, "/promises")).json.monitor.promises[0].measures;
      deepEqual(measures.map(({ n }: { n: number }) => n), [0, 0]);
    }));

  test("a key is needed where one is set, except to see the page, the description and the server's health", () =>
    served(async (serving) => {
      for (const path of ["/predict", "/outcomes"]) {
        equal((await asked(serving, path, {})).status, 401);
        equal((await asked(serving, path, {}, { authorization: "Bearer sixteen letters!" })).status, 401);
        equal((await asked(serving, path, {}, { authorization: "Bearer sixteen letters." })).status, 422);
      }
      for (
        const [path, status] of Object.entries({
          "/promises": 401,
          "/metrics": 401,
          "/": 200,
          "/openapi.json": 200,
          "/health": 200,
        })
      ) {
        equal((await asked(serving, path)).status, status, path);
      }
    }, { apiKey: "sixteen letters." }));

  test("bodies of another type, too long, too slow, or not JSON are refused, and so are other paths and methods", () =>
    served(async (serving) => {
      const status = async (...of: [path: string, body?: unknown, headers?: Record<string, string>]) =>
        (await asked(serving, ...of)).status;
      equal(await status("/predict", "{}", { "content-type": "text/plain" }), 415);
      equal(await status("/predict", `"${"a".repeat(3000)}"`), 413);
      const pieces = (count: number) =>
        new ReadableStream({
          pull(to) {
            to.enqueue(new Uint8Array(400).fill(32));
            if (--count === 0) to.close();
          },
        });
      equal(await status("/predict", pieces(20)), 413);
      equal(await status("/predict", pieces(2)), 400);
      equal(await status("/predict", new ReadableStream({})), 408);
      for (const text of ["", "{", "nul", "{}x", '{"a":NaN}', new Uint8Array([34, 255, 34])]) {
        equal(await status("/predict", text), 400);
      }
      equal(await status("/predict", []), 422);
      equal(await status("/predict", [1, 2, 3, 4, 5, 6]), 413);
      equal(await status("/predict"), 405);
      equal(await status("/promises", {}), 405);
      equal(await status("/nowhere"), 404);
      equal(await status("/predict", `${"[".repeat(1000)}${"]".repeat(1000)}`), 422);
    }, { limits: { bytes: 2000, rows: 5, seconds: 0.05 } }));

  test("more than may wait is refused with a status that says to try again", () =>
    served(async (serving) => {
      const all = await Promise.all(Array.from({ length: 20 }, (_, i) => asked(serving, "/predict", person(i))));
      deepEqual(new Set(all.map(({ status }) => status)), new Set([200, 503]));
      equal(all.find(({ status }) => status === 503)!.headers.get("retry-after"), "1");
      equal((await asked(serving, "/predict", person(1))).status, 200);
    }, { limits: { waiting: 8 } }));

  test("a server that ends finishes what was asked, and refuses what comes later", () =>
    served(async (serving) => {
      const first = asked(serving, "/predict", person(1)), closing = serving.close();
      equal((await first).status, 200);
      await closing;
      equal((await asked(serving, "/predict", person(2))).status, 503);
    }));

  test("the page, the metrics and the description say what is there", () =>
    served(async (serving) => {
      const { json: decided } = await asked(serving, "/predict", [0, 1, 2, 3].map(person));
      await asked(serving, "/outcomes", decided.map(({ id }: { id: string }, i: number) => ({ id, label: truth(i) })));
      const page = await asked(serving, "/"), policy = page.headers.get("content-security-policy")!;
      for (const tag of ["script", "style"]) {
        const [, inside] = new RegExp(`<${tag}>([^]*)</${tag}>`).exec(page.text)!;
        ok(policy.includes(`${tag}-src 'sha256-${createHash("sha256").update(inside).digest("base64")}'`));
      }
      match(policy, /^default-src 'none'; connect-src 'self';/);
      ok(!/https?:\/\/(?!www\.w3\.org\/2000\/svg)|src=|href=/.test(page.text));
      const { text } = await asked(serving, "/metrics");
      match(text, /^seldonian_requests_total\{route="\/predict",status="200"\} 1$/m);
      match(text, /^seldonian_request_seconds_bucket\{route="\/outcomes",le="\+Inf"\} 1$/m);
      match(text, /^seldonian_outcomes_total\{status="counted"\} 4$/m);
      match(text, /^seldonian_monitor_outcomes\{\} 4$/m);
      match(text, /^seldonian_alarm\{promise="ACC >= 0\.6"\} 0$/m);
      for (const line of text.trim().split("\n")) match(line, /^(# (HELP|TYPE) \w+ .+|\w+\{.*\} (-?[\d.e+-]+|NaN|[+-]Inf))$/);
      const { json } = await asked(serving, "/openapi.json"), { Row, Outcome } = json.components.schemas;
      deepEqual(Row.required, ["age", "job", "income"]);
      deepEqual(Row.properties.job, { enum: ["clerk", "cook", "nurse"] });
      deepEqual(Row.properties.income, { type: ["number", "boolean", "null"] });
      deepEqual(Outcome.properties.label, { enum: ["no", "yes"] });
      deepEqual(Object.keys(json.paths), ["/predict", "/outcomes", "/promises", "/metrics", "/health", "/openapi.json"]);
      const { verdict, certificate, history } = (await asked(serving, "/promises")).json;
      equal(verdict.passed, true);
      equal(certificate.format, "seldonian certificate 3");
      equal(history.length, 4);
    }));

  test("of any JSON that fits the description, a row is answered; of any other, the fault is told", () =>
    served(async (serving) => {
      const value = fc.oneof(
        fc.double(),
        fc.constantFrom("cook", "nurse", "F", "M", "", null, true),
        fc.string(),
        fc.jsonValue(),
      );
      const row = fc.record({ age: value, job: value, income: value, sex: value }, { requiredKeys: ["age"] });
      await fc.assert(
        fc.asyncProperty(fc.oneof(row, fc.jsonValue(), fc.constant(person(4))), async (one) => {
          const text = JSON.stringify(one);
          const spelt = ["", "NA", "N/A", "n/a", "#N/A", "NaN", "nan", "null", "NULL", "?"];
          const read = (x: unknown) => typeof x !== "string" ? x : spelt.includes(x.trim()) ? null : x.trim();
          const { age, job, income, sex = "F" } = Object(JSON.parse(text, (_, x) => read(x)));
          const isNumber = (x: unknown) => typeof x === "boolean" || (typeof x === "number" && Math.abs(x) < 1e38);
          const known = Object.keys(Object(JSON.parse(text))).every((name) => ["age", "job", "income", "sex"].includes(name));
          const fits = !Array.isArray(one) && known && isNumber(age) && ["clerk", "cook", "nurse"].includes(job) &&
            (income === null || isNumber(income)) && ["F", "M", null].includes(sex);
          const { status, json } = await asked(serving, "/predict", text);
          if (Array.isArray(one)) ok([200, 413, 422].includes(status));
          else equal(status, fits ? 200 : 422, text);
          if (status === 422) ok(json.errors?.length > 0 || /empty/.test(json.detail));
        }),
        { numRuns: 300, seed: 3 },
      );
    }));
});

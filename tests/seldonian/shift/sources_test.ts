/** Promises for other populations from streams, batches, specs and searches. */
import { deepEqual, equal, ok, rejects } from "node:assert/strict";
import { test } from "node:test";
import { DataSet, DataStream, nn, safetyTest, type SafetyTestOptions, train, tune } from "../../../mod.ts";
import { dataOf, modelOf, optionsOf } from "../../../seldonian/spec/assemble.ts";
import { experimentIn } from "../../../seldonian/spec/experiment_spec.ts";
import { readJson } from "../../../seldonian/spec/read_json.ts";
import { specSchema } from "../../../seldonian/spec/schema.ts";
import { points } from "../../helpers/line.ts";
import { echo, logistic } from "../../helpers/models.ts";

const n = 400, features = points(n), race = features.map((_, i) => i % 4 === 0 ? "b" : "a");
const labels = features.map(([x, y], i) => x + 0.3 * y + 0.3 * Math.sin(11.7 * i) > 0 ? 1 : 0);
const data = new DataSet({ features, labels, columns: { race } }), shift = { race: { a: [0.3, 0.8], b: [0.2, 0.7] } } as const;
const constraints = [{ text: "ER <= 0.4", delta: 0.1 }];

test("a stream has the bounds of its data set", async () => {
  const rows = new DataSet({ features: features.map(([x]) => [(x + 1) / 2]), labels, columns: { race } });
  const stream = await DataStream.open(async function* () {
    for (const { features, labels, columns } of rows.chunks(77)) {
      yield new DataSet({ features, labels, columns: Object.fromEntries(columns) });
    }
  });
  const asked: Omit<SafetyTestOptions, "data"> = { model: echo, constraints: [{ text: "TPR >= 0.3", delta: 0.1 }], shift };
  const [first, second] = [await safetyTest({ ...asked, data: rows }), await safetyTest({ ...asked, data: stream })];
  deepEqual(second.constraints, first.constraints);
  await rejects(safetyTest({ ...asked, data: stream, shift: { race: { a: 0.5, c: 0.5 } } }), /row 0 is in none of the groups/);
});

test("steps in batches, and searches by folds, predict the test for the worst population", async () => {
  const given = { data, model: logistic(), objective: nn.logLoss, constraints, shift };
  const result = await train({ ...given, optimizer: { thetaRate: 0.05, batchSize: 50, epochs: 30 } });
  ok(result.passed, `${result}`);
  const trials = await tune({
    ...given,
    safetyRows: 200,
    folds: 2,
    draws: 2,
    space: { inflation: [1, 2] },
    optimizer: { epochs: 20 },
  });
  equal(trials.length, 2);
  ok(trials[0].passing > 0);
});

const csv = ["x,y,race,z", ...features.map(([x, y], i) => `${x},${y},${race[i]},${labels[i]}`)].join("\n");
const bytes = (text: string) => Promise.resolve(new TextEncoder().encode(text));
const stated = { data: { file: "table.csv", label: "z" }, model: { kind: "logistic" }, constraints, shift };

test("a spec's shift takes its columns from the table", async () => {
  const spec = await readJson(JSON.stringify(stated), specSchema, "spec.json"), { data } = await dataOf(spec, () => bytes(csv));
  const result = await train({ data, model: modelOf(spec, data), ...optionsOf(spec) });
  deepEqual(result.constraints.map(({ populations }) => populations), ["race is a 0.3 to 0.8, b 0.2 to 0.7"]);
  const wrong = { ...stated, shift: { race: { a: "half" } } };
  await rejects(readJson(JSON.stringify(wrong), specSchema, "spec.json"), /spec\.json.*shift/s);
  const byCondition = { ...stated, shift: { "race == 'a'": 0.5, "race == 'b'": 0.5 } };
  const other = await readJson(JSON.stringify(byCondition), specSchema, "spec.json");
  ok((await dataOf(other, () => bytes(csv))).data.safety.columnNames.includes("race"));
});

test("an experiment judges in the worst population of its problem's shift", async () => {
  const experiment = { problem: "spec.json", contenders: { kit: { kind: "seldonian" } }, sizes: [100] };
  const read = (file: string) => bytes(file === "spec.json" ? JSON.stringify(stated) : csv);
  const { question } = await experimentIn("experiment.json", JSON.stringify(experiment), read);
  deepEqual(question.shift, stated.shift);
});

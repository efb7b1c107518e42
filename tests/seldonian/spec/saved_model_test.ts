import { deepEqual, throws } from "node:assert/strict";
import { test } from "node:test";
import { nn, readTable } from "../../../mod.ts";
import { dataOf, modelOf } from "../../../seldonian/spec/assemble.ts";
import { loadedModel, savedModel } from "../../../seldonian/spec/saved_model.ts";
import { specSchema } from "../../../seldonian/spec/schema.ts";
import * as v from "../../../deps.ts";

const people = Array.from({ length: 60 }, (_, i) => ({
  age: 20 + (i * 7) % 50,
  job: ["cook", "nurse", "clerk"][i % 3],
  sex: i % 2 === 0 ? "F" : "M",
  pay: 10 + (i * 13) % 90,
  paid: ["no", "yes", "late"][(i * 5) % 3],
  good: ["no", "yes"][(i * 3) % 2],
}));
const csv = new TextEncoder().encode([
  Object.keys(people[0]).join(","),
  ...people.map((row) => Object.values(row).join(",")),
].join("\n"));

const models = {
  "logistic of two": { model: { kind: "logistic" }, label: { column: "good", classes: ["no", "yes"] }, text: "ACC >= 0.1" },
  "logistic of three": {
    model: { kind: "logistic" },
    label: { column: "paid", classes: ["no", "late", "yes"] },
    text: "ACC >= 0.1",
  },
  "a perceptron": {
    model: { kind: "mlp", hidden: [5, 4] },
    label: { column: "good", classes: ["no", "yes"] },
    text: "ACC >= 0.1",
  },
  "a perceptron of numbers": {
    model: { kind: "mlp", hidden: [3], task: "regression" },
    label: "pay",
    text: "Mean_Squared_Error <= 1e6",
  },
  "linear": { model: { kind: "linear" }, label: "pay", text: "Mean_Squared_Error <= 1e6" },
  "bounded": { model: { kind: "bounded-linear", range: [0, 100] }, label: "pay", text: "Mean_Squared_Error <= 1e6" },
  "a tree": { model: { kind: "tree", minLeaf: 3 }, label: { column: "good", classes: ["no", "yes"] }, text: "ACC >= 0.1" },
  "a tree of numbers": { model: { kind: "tree", task: "regression" }, label: "pay", text: "Mean_Squared_Error <= 1e6" },
  "a forest": {
    model: { kind: "forest", trees: 3 },
    label: { column: "paid", classes: ["no", "late", "yes"] },
    text: "ACC >= 0.1",
  },
};

/** What a run of a spec would keep, and the model itself. */
async function kept({ model, label, text }: typeof models[keyof typeof models]) {
  const exclude = ["good", "paid", "pay"].filter((name) => name !== (typeof label === "string" ? label : label.column));
  const spec = v.parse(specSchema, {
    data: { file: "people.csv", label, exclude, groups: { women: { column: "sex", is: "F" } } },
    model,
    constraints: [{ text: `${text}`, delta: 0.05 }],
  });
  const { table, data, encoder } = await dataOf(spec, () => Promise.resolve(csv)), trained = modelOf(spec, data);
  if (!["tree", "forest"].includes(model.kind)) nn.initialize(trained, 3);
  const json = (value: unknown) => JSON.parse(JSON.stringify(value));
  return {
    data,
    encoder,
    trained,
    described: json(savedModel(spec, data, encoder, table)),
    scales: json(encoder),
    bytes: nn.save(trained),
  };
}

for (const [name, of] of Object.entries(models)) {
  test(`${name} is made again without the data, to the bit, with its encoder`, async () => {
    const { data, encoder, trained, described, scales, bytes } = await kept(of), loaded = loadedModel(described, scales, bytes);
    const { features } = data.safety.whole();
    deepEqual(loaded.model.forward(features).toArray(), trained.forward(features).toArray());
    deepEqual(loaded.encoder.featureNames, encoder.featureNames);
    const table = await readTable(csv);
    deepEqual(loaded.encoder.encode(table).labels, encoder.encode(table).labels);
    deepEqual(loaded.saved.columns, [["sex", ["F", "M"]]]);
    const before = { ...described, columns: { sex: ["F", "M"] } };
    deepEqual(loadedModel(before, scales, bytes).saved.columns, loaded.saved.columns);
  });
}

test("numbers of another model, and another description, are refused", async () => {
  const { described, scales, bytes } = await kept(models["a perceptron"]);
  throws(() => loadedModel({ ...described, model: { kind: "logistic" } }, scales, bytes), /^RangeError: Cannot load /);
  throws(() => loadedModel({ ...described, version: 2 }, scales, bytes), /^RangeError: Cannot read model\.json: version/);
  throws(() => loadedModel({ ...described, more: 1 }, scales, bytes), /^RangeError: Cannot read model\.json/);
});

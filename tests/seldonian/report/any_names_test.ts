/** Groups and columns may have names that JavaScript's objects have too. */
import { deepEqual, equal, ok, throws } from "node:assert/strict";
import { test } from "node:test";
import * as v from "../../../deps.ts";
import { DataSet, nn, type Passed, split, train, verify } from "../../../mod.ts";
import { points } from "../../helpers/line.ts";

const features = points(200), labels = features.map(([x]) => x > 0 ? 1 : 0), objective = nn.logLoss;
const constraints = [{ text: "ER <= 0.9", delta: 0.05 }], optimizer = { name: "adam" as const, epochs: 3 };
const names = ["constructor", "prototype", "__proto__", "toString"];

for (const [one, other, column] of names.flatMap((name) => [[name, "b", "race"], ["b", name, "race"], ["a", "b", name]])) {
  test(`a certificate of groups ${one} and ${other} in column ${column} is read as it was written`, async () => {
    const columns = Object.fromEntries([[column, features.map((_, i) => i % 3 === 0 ? other : one)]]);
    const data = split(new DataSet({ features, labels, columns })), model = new nn.LogisticRegression(2);
    const shift = Object.fromEntries([[column, Object.fromEntries([[one, 0.4], [other, 0.6]])]]);
    const result = await train({ data, model, objective, constraints, optimizer, shift }) as Passed<typeof model>;
    ok(result.passed, `${result}`);
    const written = JSON.parse(JSON.stringify(await result.certificate()));
    const { differences, valid } = await verify(written, result.model, data.safety, { promise: { constraints, shift } });
    deepEqual([differences, valid], [[], true]);
    // Other groups are others.
    const swapped = Object.fromEntries([[column, Object.fromEntries([[one, 0.6], [other, 0.4]])]]);
    equal((await verify(written, result.model, data.safety, { promise: { constraints, shift: swapped } })).valid, false);
  });
}

test("a record keeps every name in its order, and checks every value, with its place", () => {
  const schema = v.strictObject({ parts: v.record(v.string(), v.record(v.string(), v.number())) });
  for (const name of names) {
    const given = JSON.parse(`{ "parts": { "z": { "1": 1 }, "${name}": { "${name}": 2, "a": 3 }, "b": {} } }`);
    equal(JSON.stringify(v.parse(schema, given)), JSON.stringify(given));
    const wrong = JSON.parse(`{ "parts": { "z": {}, "${name}": { "a": 1, "${name}": "two" } } }`);
    const { issues } = v.safeParse(schema, wrong);
    deepEqual(issues?.map(({ path }) => path?.map(({ key }) => key)), [["parts", name, name]]);
    throws(() => v.parse(schema, wrong));
  }
});

import { deepEqual, equal, rejects, throws } from "node:assert/strict";
import { test } from "node:test";
import { toolkitTable } from "../../../mod.ts";
import { repeatedName } from "../../../autodiff/repeated_name.ts";
import { readJson } from "../../../seldonian/spec/read_json.ts";
import { commandLine } from "../../../seldonian/spec/command_line.ts";
import { specSchema } from "../../../seldonian/spec/schema.ts";
import { fc } from "../../deps.ts";

const spec = (data: string, constraint: string) =>
  `{\n  "data": { "file": "a.csv", "label": "y"${data} },\n  "model": { "kind": "logistic" },\n  "constraints": [{ ${constraint} }]\n}`;
const once = '"text": "ACC >= 0.9", "delta": 0.05';

test("a name that stands twice in a spec is an error with its place: no promise is made by the last of two deltas", async () => {
  equal((await readJson(spec("", once), specSchema, "spec.json")).constraints[0].delta, 0.05);
  const table: [string, string, string][] = [
    ["", `${once}, "delta": 0.5`, 'spec.json, line 4, column 58: "delta" is given twice in one object; leave one out'],
    ["", `${once}, "\\u0064elta": 0.5`, 'spec.json, line 4, column 58: "delta" is given twice in one object; leave one out'],
    [', "text": ["a"], "text": []', once, 'spec.json, line 2, column 59: "text" is given twice in one object; leave one out'],
    [', "groups": { "constructor": "m" }', once, 'spec.json: nothing can be named "constructor" here; name it in a program'],
    [
      ', "replace": { "__proto__": { "a": "b" } }',
      once,
      'spec.json: nothing can be named "__proto__" here; name it in a program',
    ],
  ];
  for (const [data, constraint, message] of table) {
    await rejects(readJson(spec(data, constraint), specSchema, "spec.json"), { name: "RangeError", message });
  }
});

test("so it is in the toolkit's meta-data", () => {
  const metadata = (labels: string) =>
    `{ "regime": "supervised_learning", "sub_regime": "classification", "all_col_names": ["M", "x", "y"], ${labels},
      "sensitive_col_names": ["M"] }`;
  deepEqual(toolkitTable("1,0.5,1\n", metadata('"label_col_names": ["y"]')).encoding.label, "y");
  throws(() => toolkitTable("1,0.5,1\n", metadata('"label_col_names": ["x"], "label_col_names": ["y"]')), {
    message: 'Cannot read the meta-data: "label_col_names" is given twice',
  });
});

test("repeatedName() finds the first name that an object has twice, and no other", () => {
  const name = fc.constantFrom("a", "b", 'c"', "\\", "{", "é"), leaf = fc.constantFrom("1", '"a: {\\" b"', "[]", '["a", "a"]');
  const json = fc.letrec<{ value: { text: string; twice: boolean } }>((tie) => ({
    value: fc.oneof(
      { maxDepth: 3 },
      leaf.map((text) => ({ text, twice: false })),
      fc.array(fc.tuple(name, tie("value")), { maxLength: 3 }).map((entries) => ({
        text: `{${entries.map(([name, { text }]) => `${JSON.stringify(name)} : ${text}`).join(",")}}`,
        twice: new Set(entries.map(([name]) => name)).size < entries.length || entries.some(([, { twice }]) => twice),
      })),
    ),
  })).value;
  fc.assert(
    fc.property(json, ({ text, twice }) => {
      JSON.parse(text);
      const found = repeatedName(text);
      equal(found !== undefined, twice);
      if (found !== undefined) equal(JSON.parse(/^"(?:[^"\\]|\\.)*"/.exec(text.slice(found.offset))![0]), found.name);
    }),
    { seed: 1, numRuns: 1000 },
  );
  deepEqual(repeatedName('{"a": {"b": 1}, "b": {"b": 2, "b": 3}}'), { name: "b", offset: 30 });
});

test("what the command line prints cannot steer a terminal", async () => {
  const lines: string[] = [], print = (line: string) => lines.push(line);
  equal(await commandLine(["explain", "\u001b[2J\u202ePR\u009b1m <= 0.1"], print, print), 2);
  equal(await commandLine(["explain", '(PR | ["\u001b]0;owned\u0007"]) <= 0.1'], print, print), 0);
  equal(lines.join("\n").match(/(?![\n\t])\p{C}/u), null);
  equal(lines[0].split("\n")[1], "  \\u001b[2J\\u202ePR\\u009b1m <= 0.1");
});

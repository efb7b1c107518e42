import { deepEqual, equal, ok } from "node:assert/strict";
import { test } from "node:test";
import { jsonIn } from "../../../seldonian/serving/body.ts";
import { Fields, type Row } from "../../../seldonian/serving/fields.ts";
import { openRun } from "../../../seldonian/serving/open_run.ts";
import { RowReader } from "../../../seldonian/serving/row_reader.ts";
import type { FieldError } from "../../../seldonian/serving/refusal.ts";
import { fc } from "../../deps.ts";
import { person, sharedRun } from "../../helpers/served.ts";
import { testsThatWrite } from "../../helpers/writing.ts";

testsThatWrite(import.meta.url, () => {
  const opened = async () => {
    const fields = new Fields(await openRun(await sharedRun()), "refuse");
    return { fields, reader: new RowReader(fields) };
  };
  const bytes = (text: string) => new TextEncoder().encode(text);

  /** The rows of a body by JSON.parse(), or `undefined` if it is refused. */
  const parsed = (fields: Fields, text: string): { all: Row[]; isList: boolean } | undefined => {
    const errors: FieldError[] = [];
    let json: unknown;
    try {
      json = jsonIn(bytes(text));
    } catch {
      return undefined;
    }
    const isList = Array.isArray(json), list: unknown[] = isList ? json as unknown[] : [json];
    const all = list.map((one, i) => fields.row(one, [i], errors));
    return errors.length > 0 || list.length === 0 ? undefined : { all: all as Row[], isList };
  };
  const plain = (found: { all: Row[]; isList: boolean } | undefined) =>
    found && { ...found, all: found.all.map((row) => ({ ...row, columns: { ...row.columns } })) };

  const number = fc.oneof(
    fc.double().map((x) => JSON.stringify(x)),
    fc.integer().map(String),
    fc.tuple(fc.integer(), fc.nat(1e6), fc.integer({ min: -30, max: 30 })).map(([a, b, c]) => `${a}.${b}e${c}`),
    fc.stringMatching(/^-?\d{1,18}(\.\d{0,18})?([eE][+-]?\d{0,2})?$/),
    fc.constantFrom("-0", "01", "1.", ".5", "-", "1e", "0.1", "1e999", "-0.0", "9007199254740993", "0.30000000000000004"),
  );
  const text = fc.oneof(
    fc.constantFrom('"cook"', '"nurse"', '" clerk "', '"F"', '"M"', '"c\\u006fok"', '"Cook"', '"kö"', '"a', '""', '"\t"', '"NA"'),
    fc.string().map((x) => JSON.stringify(x)),
  );
  const space = fc.constantFrom("", "", "", " ", "\n\t", "\r", "\u00a0");
  const value = fc.oneof(number, text, fc.constantFrom("null", "true", "false", "nul", "{}", "[1]", ""));
  const good = fc.record({
    age: fc.oneof(number, fc.integer().map(String)),
    job: fc.constantFrom('"cook"', '"nurse"', '"clerk"'),
    income: fc.oneof(number, fc.constant("null")),
    sex: fc.constantFrom('"F"', '"M"', "null"),
  }, { requiredKeys: ["age", "job", "income"] }).map((row): [string, string][] => Object.entries(row));
  const twice = good.chain((entries) => fc.nat(entries.length - 1).map((at) => [...entries, entries[at]]));
  const odd = fc.array(fc.tuple(fc.constantFrom("age", "job", "income", "sex", "sex", "row", "a\\u0067e"), value), {
    maxLength: 5,
  });
  const row = fc.tuple(
    fc.oneof({ weight: 5, arbitrary: good }, { weight: 1, arbitrary: twice }, { weight: 1, arbitrary: odd }),
    fc.boolean(),
    space,
  ).map(
    ([entries, isReversed, space]) =>
      `{${
        (isReversed ? entries.toReversed() : entries).map(([name, value]) => `${space}"${name}"${space}:${space}${value}`).join(
          `${space},`,
        )
      }${space}}`,
  );
  const application = fc.tuple(row, fc.oneof(number, text), fc.constantFrom(0, 0, 1, 2, 3)).map(([row, person, kind]) =>
    [
      `{"row":${row},"person":${person}}`,
      `{"person": ${person} , "row": ${row}}`,
      `{"row":${row}}`,
      `{"row":${row},"row":1}`,
    ][kind]
  );
  const one = fc.oneof({ weight: 4, arbitrary: row }, { weight: 1, arbitrary: application });
  const body = fc.oneof(
    one,
    fc.tuple(fc.array(one, { maxLength: 4 }), space, fc.constantFrom("", "", "", ",", "]", "\0", "1")).map(([all, space, end]) =>
      `${space}[${all.join(`${space},`)}${space}]${end}`
    ),
  );

  test("what the reader reads is what JSON.parse() and the fields make of it, and nothing that they refuse", async () => {
    const { fields, reader } = await opened();
    let read = 0, refused = 0;
    fc.assert(
      fc.property(body, (text) => {
        const found = plain(reader.rows(bytes(text))), wanted = plain(parsed(fields, text));
        if (found === undefined) return void refused++;
        read++;
        deepEqual(found, wanted);
      }),
      { numRuns: 5000, seed: 2 },
    );
    ok(read > 1000 && refused > 1000, `${read} read, ${refused} not`);
  });

  test("every row that fits is read, in any order of its fields, with any white space, and with a person", async () => {
    const { fields, reader } = await opened();
    const names = ["age", "job", "income", "sex"] as const, space = fc.constantFrom("", "", " ", "\n".repeat(200));
    const one = fc.tuple(fc.shuffledSubarray([...names], { minLength: 4 }), fc.array(space, { minLength: 12, maxLength: 12 }));
    fc.assert(
      fc.property(fc.array(one, { minLength: 1, maxLength: 5 }), fc.boolean(), (all, isPerson) => {
        const rows = all.map(([order, space], i) =>
          `{${
            order.map((name, k) => `${space[k]}"${name}"${space[k + 4]}:${space[k + 8]}${JSON.stringify(person(i)[name])}`)
              .join(",")
          }}`
        );
        const text = `[${rows.map((row, i) => isPerson ? `{"row": ${row}, "person":"p${i}"}` : row).join()}]`;
        const found = plain(reader.rows(bytes(text)));
        equal(found?.all.length, all.length);
        deepEqual(found, plain(parsed(fields, text)));
      }),
      { numRuns: 500, seed: 3 },
    );
  });

  test("an infinite number fits no feature, not even one that is the same in all rows: records have finite numbers", async () => {
    const { encoder: { scales, encoding }, saved } = await openRun(await sharedRun());
    const alike = scales.map((scale) => scale.name === "age" ? { ...scale, deviation: 0 } : scale);
    const fields = new Fields({ encoder: { scales: alike, encoding }, saved } as never, "refuse"), reader = new RowReader(fields);
    const found = ["1e308", "-1e308", "1e309", "-1e309"].map((age) => {
      const text = JSON.stringify({ ...person(1), age: 0 }).replace('"age":0', `"age":${age}`);
      return [reader.rows(bytes(text)), parsed(fields, text)].map((read) => read?.all[0].features[0]);
    });
    deepEqual(found, [[1e308, 1e308], [-1e308, -1e308], [undefined, undefined], [undefined, undefined]]);
  });

  test("a body that ends anywhere is not read, whatever longer body came before", async () => {
    const { reader } = await opened(), text = JSON.stringify([person(1), { row: person(2), person: 7 }]);
    // Bodies that grow: the reader's memory is no longer than it has to be.
    for (let end = 0; end < text.length; end++) equal(reader.rows(bytes(text.slice(0, end))), undefined);
    for (let end = 0; end < text.length; end++) {
      equal(reader.rows(bytes(text))?.all.length, 2);
      equal(reader.rows(bytes(text.slice(0, end))), undefined);
    }
  });
});

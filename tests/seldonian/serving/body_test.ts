import { equal, match, ok, rejects } from "node:assert/strict";
import { test } from "node:test";
import { type BodyLimits, bodyOf, jsonIn } from "../../../seldonian/serving/body.ts";
import { fc } from "../../deps.ts";

const request = (body: string) =>
  new Request("http://here/", { method: "POST", headers: { "content-type": "application/json" }, body });
const jsonOf = async (request: Request, limits: BodyLimits) => jsonIn(await bodyOf(request, limits));
const limits = { bytes: 1e6, seconds: 10 };

/** A JSON text, and whether one of its objects has a name twice. */
type Written = { text: string; twice: boolean };
const texts = fc.constantFrom("a", "b", ":", "{", "}", '":', "a:b{", 'a\\"');
const space = fc.constantFrom("", " ", "\n");
const { any } = fc.letrec<{ any: Written; object: Written; list: Written }>((tie) => ({
  any: fc.oneof(
    { maxDepth: 3, withCrossShrink: true },
    fc.oneof(fc.integer(), texts, fc.constantFrom(true, null)).map((value) => ({ text: JSON.stringify(value), twice: false })),
    tie("object"),
    tie("list"),
  ),
  object: fc.tuple(fc.array(fc.tuple(texts, tie("any"), fc.boolean()), { maxLength: 3 }), space).map(([entries, space]) => ({
    text: `{${
      entries.map(([name, { text }, escaped]) =>
        `${escaped && name === "a" ? '"\\u0061"' : JSON.stringify(name)}${space}:${space}${text}`
      ).join(`${space},`)
    }}`,
    twice: new Set(entries.map(([name]) => name)).size < entries.length || entries.some(([, { twice }]) => twice),
  })),
  list: fc.array(tie("any"), { maxLength: 4 }).map((all) => ({
    text: `[${all.map(({ text }) => text).join(",")}]`,
    twice: all.some(({ twice }) => twice),
  })),
}));

test("a body is refused where an object has a name twice, however it is written, and is read otherwise", () =>
  fc.assert(
    fc.asyncProperty(any, async ({ text, twice }) => {
      if (twice) await rejects(() => jsonOf(request(text), limits), /has the name .* twice in one object/);
      else equal(JSON.stringify(await jsonOf(request(text), limits)), JSON.stringify(JSON.parse(text)));
    }),
    { numRuns: 1500, seed: 1 },
  ));

test("any text comes as it was sent, with a length and in pieces, and bytes that are no UTF-8 are refused", async () => {
  for (const text of ["plain", "é", "日本", "a\u0000b", "😀", "\u007f\u0080"]) {
    const bytes = new TextEncoder().encode(JSON.stringify([text]));
    const headers = { "content-type": "application/json" }, body = new Blob([bytes.slice(0, 3), bytes.slice(3)]).stream();
    const asked = [
      new Request("http://here/", { method: "POST", headers: { ...headers, "content-length": `${bytes.length}` }, body: bytes }),
      new Request("http://here/", { method: "POST", headers, body, duplex: "half" } as RequestInit),
    ];
    for (const one of asked) equal(JSON.stringify(await jsonOf(one, limits)), JSON.stringify([text]));
  }
  const odd = new Request("http://here/", {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: Uint8Array.of(34, 0xc3, 34),
  });
  await rejects(() => jsonOf(odd, limits), /is not JSON in UTF-8/);
});

test("many flat rows: one name that is twice among them is found", async () => {
  const row = { age: 1, job: "cook", note: "a: {b}" }, rows = JSON.stringify(Array(50).fill(row));
  equal(JSON.stringify(await jsonOf(request(rows), limits)), rows);
  const odd = rows.replace(/^\[\{"age":1/, '[{"age":1,"age":2');
  match(`${await jsonOf(request(odd), limits).catch((error) => error)}`, /"age" twice/);
});

test("an escaped name is itself, whatever names came before it", async () => {
  const names = {
    "\\u0061": "a",
    "gr\\u00fcn": "grün",
    "gr\\u00FC\\u006E": "grün",
    "a\\/b": "a/b",
    "\\ud83d\\uDE00": "😀",
    "\\ud83d": "\ud83d",
  };
  for (const [written, name] of Object.entries(names)) {
    // A name with as many letters, which are those that the other one is written with.
    const seen = `{"x":1,${JSON.stringify(written.slice(0, name.length))}:2}`;
    equal(JSON.stringify(await jsonOf(request(seen), limits)), seen);
    const body = await jsonOf(request(`{"x":1,"${written}":"\\\\u0061\\"\\u0022\\n\\u000a\\u005c"}`), limits);
    equal(JSON.stringify(body), JSON.stringify({ x: 1, [name]: '\\u0061""\n\n\\' }));
    await rejects(() => jsonOf(request(`{"x":1,${JSON.stringify(name)}:1,"${written}":2}`), limits), /twice in one object/);
  }
});

test("a body without a length and an end is refused at the limit, before the rest arrives", async () => {
  let sent = 0;
  const body = new ReadableStream({
    async pull(to) {
      to.enqueue(new Uint8Array(100).fill(32));
      sent++;
      // Lets other work go on, as a network does.
      await new Promise((resolve) => setTimeout(resolve));
    },
  });
  const headers = { "content-type": "application/json" }, made = { method: "POST", headers, body, duplex: "half" } as RequestInit;
  await rejects(() => jsonOf(new Request("http://here/", made), { bytes: 1000, seconds: 10 }), /1000 bytes/);
  ok(sent < 20, `${100 * sent} bytes were sent`);
});

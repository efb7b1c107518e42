import { equal, match, rejects } from "node:assert/strict";
import { test } from "node:test";
import { server } from "../../../seldonian/serving/mod.ts";
import { command } from "../../helpers/small_run.ts";
import { checkForeign, checkMisspelt, loose, type Reader } from "../../helpers/misspelt.ts";

const readers: Reader[] = [
  ["server()", "", (o) => server("nowhere", loose(o))],
  ["server()", "bytes, rows, seconds, waiting", (o) => server("nowhere", { limits: loose(o) }), "limits."],
];

test("a misspelt option of a server is told the nearest, and a wrong value what is wanted", async () => {
  await checkMisspelt(readers);
  await checkForeign([
    ["server()", "store, apiKey, limits, alpha, unknownLevels, durable, publicKey, onError", readers[0][2]],
    readers[1],
  ]);
});

test("limits under which no request could be answered are refused", async () => {
  for (const seconds of [3e6, Infinity]) {
    await rejects(() => server("nowhere", { limits: { seconds } }), /limits\.seconds is .*; wanted .* at most 2,147,483/);
  }
  const limits = { rows: 1000, waiting: 500 };
  await rejects(
    () => server("nowhere", { limits }),
    /^RangeError: Cannot serve: limits\.rows is 1000, and only 500 may wait \(limits\.waiting\)/,
  );
  // Fewer may wait than the default of rows: then the default is less.
  await rejects(() => server("nowhere", { limits: { waiting: 500 } }), /Cannot read nowhere/);
});

test("a key that no header can carry, or that is short, is refused, and is not shown", async () => {
  const keys = [
    "fifteen letters",
    "sixteen letters.\nanother",
    "sixteen letters.é",
    " sixteen letters.",
    "sixteen letters. ",
    "\tsixteen letters",
  ];
  for (const apiKey of keys) {
    await rejects(() => server("nowhere", { apiKey }), (error: Error) => {
      match(error.message, /^Cannot serve: the API key .*; wanted one line of at least 16 ASCII letters/);
      equal(/een letters/.test(error.message), false);
      return error instanceof RangeError;
    });
  }
  await rejects(() => server("nowhere", { apiKey: "sixteen letters." }), /Cannot read nowhere/);
});

test("the command says what is missing, and which ports there are", async () => {
  for (const runs of [[], ["a", "b"]]) {
    match((await command("serve", ...runs)).errors, /^Cannot serve: wanted one run, .* serve run$/);
  }
  for (const port of ["99999", "-1", "80.5"]) {
    const { errors } = await command("serve", "nowhere", `--port=${port}`);
    match(errors, /^Cannot listen at port .*: wanted a whole number from 0 to 65535, as in --port 8080; 0: any free one$/);
  }
});

import { test } from "node:test";
import { server } from "../../../seldonian/serving/mod.ts";
import { checkForeign, checkMisspelt, loose, type Reader } from "../../helpers/misspelt.ts";

const readers: Reader[] = [
  ["server()", "", (o) => server("nowhere", loose(o))],
  ["server()", "bytes, rows, seconds, waiting", (o) => server("nowhere", { limits: loose(o) }), "limits."],
];

test("a misspelt option of a server is told the nearest, and a wrong value what is wanted", async () => {
  await checkMisspelt(readers);
  await checkForeign([
    ["server()", "store, apiKey, limits, alpha, unknownLevels, publicKey, onError", readers[0][2]],
    readers[1],
  ]);
});

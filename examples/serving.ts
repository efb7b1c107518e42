// A loan office that puts a certified model to work: it asks for decisions, tells later who paid, and looks at the promise.
//
//   deno run -RW cli.ts train examples/spec/german_credit.json --out run
//   deno run -RW examples/serving.ts run [--store decisions.sqlite]
// The applicants are the data's first 200. `deno run -A cli.ts serve run` gives the same answers over HTTP.
import { parseArgs } from "node:util";
import { server } from "../seldonian/serving/mod.ts";
import { germanCredit } from "./datasets/german_credit.ts";

const { positionals: [run], values: { store } } = parseArgs({ options: { store: { type: "string" } }, allowPositionals: true });
if (run === undefined) throw new TypeError("usage: serving.ts run [--store decisions.sqlite]");
const { fetch, close } = await server(run, { store });

async function ask(path: string, body?: unknown) {
  const sent = body === undefined
    ? {}
    : { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify(body) };
  return await (await fetch(new Request(`http://office${path}`, sent))).json();
}

const table = germanCredit(),
  { components } = await ask("/openapi.json"),
  fields = Object.keys(components.schemas.Row.properties);
const applicants = Array.from({ length: 200 }, (_, i) => table.row(i));
const decided = await ask("/predict", applicants.map((row) => Object.fromEntries(fields.map((name) => [name, row[name]]))));
console.log(`The first of ${decided.length} decisions:`, decided[0]);

// A year later.
const told = await ask("/outcomes", applicants.map(({ Class }, i) => ({ id: decided[i].id, label: Class })));
console.log("Its outcome:", told[0]);
console.log("The same again:", await ask("/outcomes", { id: decided[0].id, label: applicants[0].Class }));

const wrong = await ask("/predict", {
  ...Object.fromEntries(fields.map((name) => [name, applicants[0][name]])),
  Duration: "two years",
});
console.log(`A row that does not fit: ${wrong.errors[0].detail}`);

const { monitor } = await ask("/promises");
for (const { text, alarm, measures } of monitor.promises) {
  console.log(`${text}: ${alarm === null ? "no alarm" : `alarm at outcome ${alarm.outcome}`} after ${monitor.outcomes} outcomes`);
  for (const { name, n, mean } of measures) console.log(`  ${name} is ${mean.toFixed(3)} over ${n}`);
}
await close();

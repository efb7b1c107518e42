/** The cost of a table: reading CSV, describing it, and preparing it for training, in seconds and relative to reading.
 *
 *   deno task bench:reading [--rows 1000000]
 * @module
 */
import { parseArgs } from "node:util";
import { csv, describe, prepare } from "../mod.ts";
import { describeParts } from "../seldonian/description/describe_parts.ts";
import { inOrder, randomStream } from "../seldonian/random.ts";
import { uniformFloat64 } from "../deps.ts";

const { values: flags } = parseArgs({ options: { rows: { type: "string", default: "1000000" } } });
const random = randomStream(1, "draws"), u = () => uniformFloat64(random), rows = Number(flags.rows);
const among = (names: readonly string[]) => names[Math.floor(u() * names.length)];

const lines = ["x,z,age,sex,race,y"];
for (let i = 0; i < rows; i++) {
  const race = among(["White", "Black", "Asian", "Other"]), sex = among(["Male", "Female"]);
  lines.push(`${(4 * u() - 2).toFixed(3)},${u().toFixed(3)},${18 + Math.floor(50 * u())},${sex},${race},${u() < 0.5 ? 1 : 0}`);
}
const text = lines.join("\n");
lines.length = 0;

/** The least of three times, in seconds. */
function seconds<T>(run: () => T): { found: T; least: number } {
  let least = Infinity, found!: T;
  for (let i = 0; i < 3; i++) {
    const began = performance.now();
    found = run();
    least = Math.min(least, (performance.now() - began) / 1000);
  }
  return { found, least };
}

const encoding = { label: "y", columns: ["sex"] }, read = seconds(() => csv(text));
const described = seconds(() => `${describe(read.found, encoding)}`), prepared = seconds(() => prepare(read.found, encoding));
// New parts each time, so that nothing is cached.
const { candidate, safety } = prepared.found.data, again = () => safety.take(inOrder(safety.size));
const others = [again(), again(), again()];
const parts = seconds(() => `${describeParts({ candidate, safety: others.pop()! }, read.found)}`);
const told = { "csv()": read, "describe()": described, "prepare()": prepared, "the description in it": parts };
for (const [name, { least }] of Object.entries(told)) {
  console.log(
    `${name.padEnd(22)} ${least.toFixed(2)} s  ${(100 * least / read.least).toFixed(0)} % of reading ${
      rows.toLocaleString("en")
    } rows`,
  );
}

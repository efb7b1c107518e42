/**
 * `deno task chaos [--short] [--seed 1] [--only "full disks"] [--kit folder]`: kills, fills disks, damages and forges files, plants
 * links, uses hostile names, and runs many at once. Prints what was tried and found; ends with 1 if anything was found.
 */
import process from "node:process";
import { parseArgs } from "node:util";
import { fileURLToPath } from "node:url";
import { attacks } from "./attacks.ts";
import { attacked, kitIn, report, type Tally } from "./chaos.ts";

const { values: flags } = parseArgs({
  options: {
    short: { type: "boolean", default: false },
    seed: { type: "string", default: "1" },
    only: { type: "string" },
    kit: { type: "string", default: fileURLToPath(new URL("../..", import.meta.url)) },
  },
});
const kit = await kitIn(flags.kit), tallies: Tally[] = [];
for (const [name, attack] of Object.entries(attacks)) {
  if (flags.only !== undefined && flags.only !== name) continue;
  tallies.push(await attacked(name, attack, kit, Number(flags.seed), !flags.short));
}
console.log(report(tallies));
process.exitCode = tallies.some(({ findings }) => findings.length > 0) ? 1 : 0;

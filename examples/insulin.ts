// Doses of insulin that keep glucose in order, with too low a glucose on at most a tenth of the days, with 95 % confidence.
//
//   deno run examples/insulin.ts [--days N] [--seed N]
// A simulated person; as in the Python toolkit's diabetes example, a policy is a box of settings, of which each day draws one.
import { parseArgs } from "node:util";
import { nn, train } from "../mod.ts";
import { episodes, FixedArea, Insulin, J_pi_new_US, maximize, measures, runEpisodes } from "../seldonian/policies/mod.ts";

const { values: flags } = parseArgs({
  options: { days: { type: "string", default: "3000" }, seed: { type: "string", default: "0" } },
});

// Grams of carbohydrate, and mmol/l of glucose, for one unit of insulin. The old policy drew from everywhere in these ranges.
const ranges = [[5, 20], [1, 5]] as const, seed = Number(flags.seed), world = { environment: () => new Insulin() };
const behaviour = nn.initialize(new FixedArea(ranges, [1, 1]), 0);
const given = runEpisodes({ ...world, policy: behaviour, count: Number(flags.days), seed });

const result = await train({
  data: episodes(given, { densities: true, behaviour }),
  model: new FixedArea(ranges, [3, 2]),
  measures,
  objective: maximize(J_pi_new_US),
  // The second reward is -1 for a day with too low a glucose for too long.
  constraints: [{ text: "J_pi_new_US_[1] >= -0.1", delta: 0.05 }],
  ranges: { J_pi_new_US: [-1, 0] },
  // A box has no slope, and one that was searched among many looks safer on the data that it was searched on.
  optimizer: { name: "cma-es", epochs: 200, inflation: 3 },
  seed,
});
console.log(`${result}`);

if (result.passed) {
  const fresh = runEpisodes({ ...world, policy: result.model, count: 1000, seed: seed + 1 });
  const low = (days: typeof given) =>
    (100 * days.filter(({ alternates }) => alternates![0][0] < 0).length / days.length).toFixed(1);
  const [grams, glucose] = result.model.box.map(([low, high]) => `${low.toFixed(1)} to ${high.toFixed(1)}`);
  console.log(`\nOne unit for ${grams} g and for ${glucose} mmol/l.`);
  console.log(`Days with too low a glucose: ${low(given)} % before, ${low(fresh)} % of ${fresh.length} new ones`);
}

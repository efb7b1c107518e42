import { test } from "node:test";
import { csv, nn } from "../../../mod.ts";
import {
  DoublyRobust,
  episodes,
  episodesInJson,
  episodesInTable,
  episodesInTables,
  fitValues,
  Gridworld,
  J_pi_new_IS,
  maximize,
  OneHot,
  runEpisodes,
  seldonianPolicy,
  SoftmaxTable,
  toolkitEpisodes,
  Uniform,
  WeightLimited,
} from "../../../seldonian/policies/mod.ts";
import { checkMisspelt, loose, type Reader } from "../../helpers/misspelt.ts";

const given = [{ observations: [0, 2], actions: [1, 0], rewards: [0.5, 1], probabilities: [0.5, 0.25] }];
const names = ["episode_index", "O", "A", "R", "pi_b"], rows = "4,0,1,0.5,0.5\n4,2,0,1,0.25\n";
const steps = { episode: "episode_index", observations: ["O"], actions: ["A"], reward: "R", probability: "pi_b" };
const table = csv(rows, { header: names }), metadata = JSON.stringify({ regime: "RL", all_col_names: names });
const world = { environment: () => new Gridworld(), policy: nn.initialize(new Uniform(4), 0), count: 0 };
const learned = {
  environment: world.environment,
  model: new SoftmaxTable(9, 4),
  objective: maximize(J_pi_new_IS),
  constraints: [],
};

const limited = new WeightLimited(new Uniform(2), new Uniform(2), 2);

const readers: Reader[] = [
  ["episodes()", "", (o) => episodes(given, o)],
  ["episodesInJson()", "", (o) => episodesInJson(JSON.stringify(given[0]), o)],
  ["episodesInTable()", "", (o) => episodesInTable(table, steps, o)],
  ["steps of episodesInTable()", "", (o) => episodesInTable(table, loose({ ...steps, ...o }))],
  ["episodesInTables()", "", (o) => episodesInTables([table], steps, o).next()],
  ["fitValues()", "", (o) => fitValues(episodes(given), loose({ policy: new Uniform(2), features: new OneHot(3), ...o }))],
  ["DoublyRobust", "", (o) => new DoublyRobust(new Uniform(2), new OneHot(2), o)],
  ["act()", "", (o) => limited.act(0, o)],
  ["actor()", "", (o) => new Uniform(4).actor(o)],
  ["toolkitEpisodes()", "", (o) => toolkitEpisodes(rows, metadata, o)],
  ["maximize()", "", (o) => maximize(J_pi_new_IS, o)],
  ["runEpisodes()", "", (o) => runEpisodes(loose({ ...world, ...o }))],
  ["seldonianPolicy()", "", (o) => seldonianPolicy(loose({ ...learned, ...o }))],
];

test("an option of policies with one misspelling is refused, and the error suggests the right one", () => checkMisspelt(readers));

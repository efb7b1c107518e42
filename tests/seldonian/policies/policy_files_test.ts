/** A policy's file says all that decides how it acts. */
import { deepEqual, equal, notDeepEqual, throws } from "node:assert/strict";
import { test } from "node:test";
import { nn, split, train, verify } from "../../../mod.ts";
import {
  DoublyRobust,
  episodes,
  FixedArea,
  FourierBasis,
  Gridworld,
  J_pi_new_IS,
  maximize,
  measures,
  Mixed,
  runEpisodes,
  Softmax,
  SoftmaxTable,
  Uniform,
  WeightLimited,
} from "../../../seldonian/policies/mod.ts";

const uniform = (actions: number | number[]) => nn.initialize(new Uniform(actions), 0);
const basis = (order: number, high: number) =>
  new Softmax(new nn.Sequential(new FourierBasis(order, [[0, high]]), new nn.Linear(2, 2)), 2);
const robust = (room: number) =>
  new DoublyRobust(new SoftmaxTable(2, 2), new nn.Linear(1, 2), { room, behaviour: new Uniform(2) });
const pairs: [string, () => nn.Module, () => nn.Module, RegExp][] = [
  [
    "a limit of weights",
    () => new WeightLimited(new SoftmaxTable(2, 2), uniform(2), 2),
    () => new WeightLimited(new SoftmaxTable(2, 2), uniform(2), 2.5),
    /"most":2,.*"most":2\.5/,
  ],
  [
    "a part of a mixture",
    () => new Mixed(new SoftmaxTable(2, 2), 0.5),
    () => new Mixed(new SoftmaxTable(2, 2), 0.25),
    /"alpha":0\.5/,
  ],
  ["the order of actions", () => new SoftmaxTable(2, [0, 1]), () => new SoftmaxTable(2, [1, 0]), /"actions":\[0,1\]/],
  [
    "an inner policy's actions",
    () => new DoublyRobust(new SoftmaxTable(2, [0, 1]), new nn.Linear(1, 2)),
    () => new DoublyRobust(new SoftmaxTable(2, [0, 2]), new nn.Linear(1, 2)),
    /"policy\.actions":\[0,1\]/,
  ],
  ["the room of guesses", () => robust(1), () => robust(2), /"room":1/],
  ["a box", () => new FixedArea([[0, 4]], [2]), () => new FixedArea([[0, 4]], [4]), /"shrink":\[2\]/],
  ["ranges of features", () => basis(1, 1), () => basis(1, 2), /"network\.0\.ranges":\[\[0,1\]\]/],
];
for (const [what, make, other, why] of pairs) {
  test(`${what} is in the file: another model does not load it, and the same one does`, () => {
    const own = nn.initialize(make(), 1), file = nn.save(own);
    deepEqual(nn.save(nn.load(make(), file)), file);
    throws(() => nn.load(other(), file), new RegExp(`^RangeError: Cannot load the model: .*${why.source}`));
    notDeepEqual(nn.save(nn.load(other(), nn.writeSafetensors(nn.namedParameters(own)))), file);
  });
}

test("a certificate is not of a policy with another limit of weights", async () => {
  const behaviour = uniform(4), environment = () => new Gridworld(), ranges = { J_pi_new_IS: [-8.1, 0.729] as const };
  const data = split(episodes(runEpisodes({ environment, policy: behaviour, count: 300, seed: 5 }), { discount: 0.9 }));
  const result = await train({
    data,
    model: new WeightLimited(new SoftmaxTable(9, 4), behaviour, 2),
    measures,
    ranges,
    objective: maximize(J_pi_new_IS),
    constraints: [{ text: "J_pi_new_IS >= -4", delta: 0.05 }],
    optimizer: { epochs: 3 },
  });
  if (!result.passed) throw new Error(`${result}`);
  const certificate = await result.certificate(), { policy } = result.model;
  for (const [most, valid] of [[2, true], [3, false]] as const) {
    equal((await verify(certificate, new WeightLimited(policy, behaviour, most), data.safety, { measures })).valid, valid);
  }
});

test("files of models without settings stay as they were", () => {
  const file = nn.save(nn.initialize(new nn.Linear(2, 1), 0));
  equal(new TextDecoder().decode(file).includes("__metadata__"), false);
});

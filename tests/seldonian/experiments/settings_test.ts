import { equal, notEqual } from "node:assert/strict";
import { test } from "node:test";
import { nn } from "../../../mod.ts";
import { type Contender, experiment, seldonian } from "../../../seldonian/experiments/mod.ts";
import * as p from "../../../seldonian/policies/mod.ts";
import { run, skip } from "../../helpers/child.ts";
import { small } from "../../helpers/small_experiment.ts";

/** The digest under which results of a contender are kept. */
async function keyOf(contender: Contender, name = "it"): Promise<string> {
  // The only trial is another part's.
  const asked = { ...small, trials: 1, sizes: [40], part: { index: 1, count: 2 } };
  return (await experiment({ ...asked, contenders: { [name]: contender } })).made!.contenders[name].digest;
}

const withSettings = (settings: unknown): Contender => ({ settings, outputs: () => Promise.resolve(null) });
const { model, constraints } = { model: new p.SoftmaxTable(3, 3), constraints: [{ text: "J_pi_new_IS >= 0", delta: 0.05 }] };
const promise = {
  model,
  measures: p.measures,
  objective: p.maximize(p.J_pi_new_IS),
  constraints,
  ranges: { J_pi_new_IS: [0, 1] as const },
};
const policy = (more: object) => seldonian({ ...promise, ...more });

test("what the kit makes of a parameter counts with the parameter: objectives of policies, and bounds", async () => {
  const different: [string, object, object][] = [
    ["measure", { objective: p.maximize(p.J_pi_new_IS) }, { objective: p.maximize(p.J_pi_new_PDIS) }],
    ["reward", { objective: p.maximize(p.J_pi_new_IS.of(0)) }, { objective: p.maximize(p.J_pi_new_IS.of(1)) }],
    ["level", { objective: p.maximize(p.J_pi_new_CVaR.of(0.1)) }, { objective: p.maximize(p.J_pi_new_CVaR.of(0.2)) }],
    ["divergence", {}, { objective: p.maximize(p.J_pi_new_IS, { divergence: 0.1 }) }],
    ["smoothing", { bound: p.logarithmicSmoothing(1) }, { bound: p.logarithmicSmoothing(2) }],
    ["bets", { bound: p.anytimeBets(1) }, { bound: p.anytimeBets(2) }],
    ["star", { bound: p.oneSidedStar(1) }, { bound: p.oneSidedStar(2) }],
  ];
  for (const [name, one, other] of different) {
    notEqual(await keyOf(policy(one)), await keyOf(policy(other)), name);
    equal(await keyOf(policy(one)), await keyOf(policy({ ...one })), name);
  }
});

test("the world of a policy counts with its properties", async () => {
  const world = (rewards: number[][]) => Object.assign(() => new p.Bandit(rewards), { rewards });
  const key = (rewards: number[][]) => keyOf(p.seldonianPolicy({ ...promise, environment: world(rewards) }));
  notEqual(await key([[0.1, 0.2]]), await key([[0.3, 0.2]]));
  equal(await key([[0.1, 0.2]]), await key([[0.1, 0.2]]));
});

test("an objective of policies is named for what it makes great", () => {
  equal(p.maximize(p.J_pi_new_IS.of(1)).name, "-J_pi_new_IS_[1]");
  equal(p.maximize(p.J_pi_new_CVaR.of(0.1)).name, "-J_pi_new_CVaR_[0.1]");
});

test("a function counts by its text and its properties", async () => {
  const made = (scale: number) => Object.assign(() => scale, { scale });
  notEqual(await keyOf(withSettings(made(1))), await keyOf(withSettings(made(2))));
  equal(await keyOf(withSettings(made(1))), await keyOf(withSettings(made(1))));
});

test("a model counts with its parameters, filled or not, and with those that are frozen", async () => {
  const key = (made: (layer: nn.Linear) => nn.Linear) => keyOf(withSettings(made(new nn.Linear(2, 2))));
  const filled = (seed: number) => (layer: nn.Linear) => nn.initialize(layer, seed);
  const frozen = (layer: nn.Linear) => (nn.freeze(layer), layer);
  const keys = await Promise.all(
    [(layer: nn.Linear) => layer, frozen, filled(0), filled(1), (layer: nn.Linear) => frozen(filled(0)(layer))].map(key),
  );
  equal(new Set(keys).size, keys.length);
  equal(await key(filled(0)), keys[2]);
});

test("dates, addresses, patterns, buffers and what maps hold count by value", async () => {
  const different: ((k: number) => unknown)[] = [
    (k) => new Date(k),
    (k) => new URL(`http://${k}.example`),
    (k) => new RegExp(`${k}`),
    (k) => new Uint8Array([k]).buffer,
    (k) => new Map([[{ a: k }, 1]]),
    (k) => new Map([["a", k]]),
    (k) => new Set([{ a: k }]),
  ];
  for (const made of different) {
    notEqual(await keyOf(withSettings(made(1))), await keyOf(withSettings(made(2))), `${made}`);
    equal(await keyOf(withSettings(made(1))), await keyOf(withSettings(made(1))), `${made}`);
  }
});

test("another version of the kit has results of its own", { skip }, async () => {
  const key = async (...more: string[]) => {
    const { code, out, errors } = await run("-R", ...more, "tests/fixtures/experiment_key.ts");
    equal(code, 0, errors);
    return out;
  };
  const own = await key();
  equal(own, await keyOf(small.contenders.constant, "constant"));
  notEqual(own, await key("--import-map", "tests/fixtures/other_version.json"));
});

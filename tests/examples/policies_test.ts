import { equal, match } from "node:assert/strict";
import { test } from "node:test";
import { run, skip } from "../helpers/child.ts";

test("examples/gridworld.ts finds a better policy from 300 episodes, without permissions", { skip }, async () => {
  const { code, out, errors } = await run("examples/gridworld.ts");
  equal(code, 0, errors);
  match(out, /^The safety test passed\.\n {2}J_pi_new_IS >= -0\.25: kept with confidence 95 %/);
  match(out, /The mean return was -0\.\d\d; in 2000 new episodes it is 0\.\d\d/);
});

test("examples/bandit.ts is not worse for anybody, and cheap enough, without permissions", { skip }, async () => {
  const { code, out, errors } = await run("examples/bandit.ts");
  equal(code, 0, errors);
  equal(out.match(/: kept with confidence 95 %/g)?.length, 2, out);
});

test("examples/mountain_car.ts arrives sooner, without permissions", { skip }, async () => {
  const { code, out, errors } = await run("examples/mountain_car.ts", "--epochs", "40");
  equal(code, 0, errors);
  match(out, /J_pi_new_IS >= J_b: kept with confidence 95 %/);
});

test("examples/insulin.ts finds doses that are rarely too high, without permissions", { skip }, async () => {
  const { code, out, errors } = await run("examples/insulin.ts");
  equal(code, 0, errors);
  match(out, /^The safety test passed\./);
  match(out, /Days with too low a glucose: 1\d\.\d % before, \d\.\d % of 1000 new ones/);
});

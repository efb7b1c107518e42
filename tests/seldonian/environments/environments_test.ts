import { deepEqual, equal, ok, throws } from "node:assert/strict";
import { test } from "node:test";
import { nn, runAll, runInThreads } from "../../../mod.ts";
import {
  Bandit,
  type Environment,
  type Episode,
  episodes,
  Gridworld,
  Insulin,
  MountainCar,
  runEpisodes,
  SoftmaxTable,
  Uniform,
} from "../../../seldonian/policies/mod.ts";

test("the gridworld's walls stop, its last cell pays and ends, and the cell before it costs", () => {
  const world = new Gridworld();
  equal(world.reset().observation, 0);
  const went = [0, 3, 1, 1, 2, 3, 2, 1].map((action) => world.step(action));
  deepEqual(went.map(({ observation }) => observation), [0, 0, 1, 2, 5, 4, 7, 8]);
  deepEqual(went.map(({ reward }) => reward), [0, 0, 0, 0, 0, 0, -1, 1]);
  deepEqual(went.map(({ terminated }) => terminated), [...Array(7).fill(false), true]);
  throws(() => world.step(4), /Cannot move by 4/);
});

test("an episode of the gridworld is cut off after 100 steps", () => {
  const world = new Gridworld();
  world.reset();
  const ends = Array.from({ length: 100 }, () => world.step(0).truncated);
  deepEqual([ends.indexOf(true), ends.lastIndexOf(true)], [99, 99]);
});

test("the behaviour policy's return on the gridworld is the known one", () => {
  const data = episodes(
    runEpisodes({ environment: () => new Gridworld(), policy: nn.initialize(new Uniform(4), 0), count: 2000, seed: 3 }),
    { discount: 0.9 },
  );
  const mean = data.labels.reduce((sum, value) => sum + value) / data.size;
  // Solved exactly: -0.24918; the standard error is 0.012.
  ok(Math.abs(mean + 0.24918) < 0.04, `${mean}`);
});

test("a mountain car that pushes with its velocity arrives, one that never pushes does not, and repeats are pushes", () => {
  const drive = (car: MountainCar, push: (velocity: number) => number) => {
    let { observation: [, velocity] } = car.reset() as { observation: readonly number[] }, total = 0, steps = 0;
    while (true) {
      const { observation, reward, terminated, truncated } = car.step(push(velocity));
      velocity = (observation as readonly number[])[1];
      total += reward;
      steps++;
      if (terminated || truncated) return { terminated, total, steps };
    }
  };
  const swing = drive(new MountainCar(), (velocity) => velocity < 0 ? -1 : 1);
  ok(swing.terminated && swing.total === 1 - swing.steps && swing.steps < 200, JSON.stringify(swing));
  deepEqual(drive(new MountainCar(), () => 0), { terminated: false, total: -1000, steps: 1000 });
  deepEqual(drive(new MountainCar(20), () => 0), { terminated: false, total: -1000, steps: 50 });
});

test("insulin for a day is best in the middle: with too little glucose is high, with too much it is low for too long", () => {
  const days = (action: number[]) =>
    Array.from({ length: 30 }, (_, seed) => {
      const world = new Insulin();
      world.reset({ seed });
      const { reward, alternates } = world.step(action);
      return [reward, alternates![0]];
    }).reduce(([a, b], [reward, low]) => [a + reward / 30, b + low / 30], [0, 0]);
  const [[much, lowMuch], [right, lowRight], [little, lowLittle]] = [[4, 2], [9, 2], [30, 2]].map(days);
  ok(right > much + 0.1 && right > little + 0.1 && little > -1, `${much} ${right} ${little}`);
  ok(lowMuch < -0.8 && lowRight > -0.2 && lowLittle === 0, `${lowMuch} ${lowRight} ${lowLittle}`);
  deepEqual(days([9, 2]), days([9, 2]));
  throws(() => new Insulin().step([0, 1]), /Cannot dose by 0,1/);
});

test("a bandit's rewards have its chances, and its alternates too", () => {
  const environment = () => new Bandit([[0.2, 0.8], [0.5, 0.1]], [[1, 0], [0, 1]]);
  const given = runEpisodes({ environment, policy: nn.initialize(new Uniform(2), 0), count: 4000, seed: 1 });
  for (const context of [0, 1]) {
    for (const action of [0, 1]) {
      const some = given.filter(({ observations, actions }) => `${observations} ${actions}` === `${context} ${action}`);
      const rate = some.reduce((sum, { rewards }) => sum + rewards[0], 0) / some.length;
      ok(Math.abs(rate - environment().rewards[context][action]) < 0.06, `${context} ${action}: ${rate}`);
      ok(some.every(({ alternates }) => alternates![0][0] === environment().alternates![context][action]));
    }
  }
  throws(() => new Bandit([[0.5, 2]]), /wanted for each context a list of chances/);
});

test("the i-th episode depends on the seed and on i, not on how many run, nor on which part", () => {
  const policy = nn.initialize(new SoftmaxTable(9, 4), 0), environment = () => new Gridworld();
  const run = (count: number, first: number, seed = 5) => runEpisodes({ environment, policy, count, first, seed });
  const all = run(7, 0);
  deepEqual([...run(3, 0), ...run(4, 3)], all);
  ok(JSON.stringify(run(7, 0, 6)) !== JSON.stringify(all));
  deepEqual(all.map(({ id }) => id), [0, 1, 2, 3, 4, 5, 6]);
});

test("threads run parts of the episodes, the same ones", async () => {
  const module = new URL("../../fixtures/episodes_worker.ts", import.meta.url),
    parts = [0, 20, 40].map((first) => ({ first, count: 20 }));
  const threads = runInThreads<{ first: number; count: number }, Episode[]>(2, () => new Worker(module, { type: "module" }));
  const found = (await runAll(threads, parts)).flat();
  threads.end();
  const policy = nn.initialize(new Uniform(4), 0);
  deepEqual(found, runEpisodes({ environment: () => new Gridworld(), policy, count: 60, seed: 5 }));
});

test("any object with reset and step is an environment, with observations and actions of several numbers", () => {
  const environment = (): Environment => {
    let left = 2;
    return {
      reset: ({ seed }) => ({ observation: [seed % 2, left = 2] }),
      step: () => ({ observation: [1, --left], reward: left, alternates: [7, 8], terminated: left === 0 }),
    };
  };
  const [one] = runEpisodes({ environment, policy: nn.initialize(new Uniform([3]), 0), count: 1 });
  deepEqual([one.rewards, one.alternates, one.actions, one.probabilities], [[1, 0], [[7, 7], [8, 8]], [[3], [3]], [1, 1]]);
  equal(runEpisodes({ environment, policy: nn.initialize(new Uniform([3]), 0), count: 2, steps: 1 })[1].rewards[0], 1);
});

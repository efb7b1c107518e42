// How many episodes does a better policy take? The Python toolkit's gridworld (its tutorial H), mountain car and diabetes example, and
// a bandit: proven bounds beside Student's, as in the toolkit, and beside a policy that promises nothing.
//
//   deno run -RW --allow-env --allow-sys examples/experiments/policies.ts [--trials N] [--only NAME] [--sizes N,N] [--page FILE] …
import { type DataSet, nn, split, type Tensor } from "../../mod.ts";
import type { Contender } from "../../seldonian/experiments/mod.ts";
import * as p from "../../seldonian/policies/mod.ts";
import { run } from "./run.ts";

const basis = new p.FourierBasis(2, [[-1.2, 0.5], [-0.07, 0.07]]), pushes = [-1, 0, 1], delta = 0.05;
const network = () => new nn.Sequential(basis, new nn.Linear(basis.size, 3));
const rewards = [[0.3, 0.6, 0.2], [0.4, 0.3, 0.5], [0.2, 0.3, 0.4]];
/** Worlds, the old policy's actions, which are alike, the discount, the range of returns, the promise, and the new policy. */
const worlds: Record<string, [() => p.Environment, number[], number, [number, number], number, () => p.DiscretePolicy]> = {
  "gridworld": [() => new p.Gridworld(), [0, 1, 2, 3], 0.9, [-8.1, 0.729], -0.25, () => new p.SoftmaxTable(9, 4)],
  "mountain car": [() => new p.MountainCar(20), pushes, 1, [-1000, 0], -530, () => new p.Softmax(network(), pushes)],
  "bandit": [() => new p.Bandit(rewards), [0, 1, 2], 1, [0, 1], 0.356, () => new p.SoftmaxTable(3, 3)],
};
/** For proofs: the greatest weights, steps, the part of the test, and what guesses of returns are linear in, if there are some. */
const proofs: Record<string, [number[], { thetaRate: number; epochs: number }, number, nn.Module<Tensor>?]> = {
  // Small steps and many: a policy that learns fast spends its weights on chance.
  "gridworld": [[1.75, 4], { thetaRate: 0.01, epochs: 300 }, 0.75, new p.OneHot(9)],
  "mountain car": [[2, 4], { thetaRate: 0.1, epochs: 30 }, 0.7],
  "bandit": [[2, 4], { thetaRate: 0.02, epochs: 100 }, 0.7, new p.OneHot(3)],
};

/** The toolkit's diabetes example: a box of settings, which is searched without slopes. */
function insulin() {
  const box = [[5, 20], [1, 5]] as const, environment = () => new p.Insulin(), performance = p.maximize(p.J_pi_new_US);
  const policy = nn.initialize(new p.FixedArea(box, [1, 1]), 0), { measures } = p;
  const drawn = (count: number, seed: number) =>
    p.episodes(p.runEpisodes({ environment, policy, count, seed }), { densities: true });
  const constraints = [{ text: "J_pi_new_US_[1] >= -0.1", delta }], model = new p.FixedArea(box, [3, 2]);
  const optimizer = { name: "cma-es", epochs: 200, inflation: 3 } as const;
  const all = { environment, model, measures, objective: performance, optimizer, constraints };
  return {
    ...{ population: drawn, truth: drawn(2000, 1), performance, measures, constraints },
    contenders: {
      "proven": p.seldonianPolicy({ ...all, ranges: { J_pi_new_US: [-1, 0] } }),
      "Student's": p.seldonianPolicy({ ...all, bound: "student" }),
    },
  };
}

await run(import.meta.url, {
  names: [...Object.keys(worlds), "insulin"],
  sizes: [100, 300, 1000, 3000],
  question(name) {
    if (name === "insulin") return insulin();
    const [environment, actions, discount, range, least, model] = worlds[name], { measures } = p;
    const [limits, steps, safetyFraction, features] = proofs[name];
    const policy = nn.initialize(new p.Uniform(actions), 0), performance = p.maximize(p.J_pi_new_PDIS);
    const drawn = (count: number, seed: number) => p.episodes(p.runEpisodes({ environment, policy, count, seed }), { discount });
    const constraints = [{ text: `J_pi_new_IS >= ${least}`, delta }], ranges = { J_pi_new_IS: range };
    const optimizer = { thetaRate: 0.1, epochs: 30 }, free: p.Policy = model();
    const all = { environment, discount, measures, objective: performance, safetyFraction: 0.7, optimizer, constraints };
    const proven = (most: number): Contender => {
      const limited = new p.WeightLimited(model(), policy, most), known = { ranges, optimizer: { ...steps, inflation: 1 } };
      const of = (model: p.Policy) => p.seldonianPolicy({ ...all, safetyFraction, ...known, model });
      if (features === undefined) return of(limited);
      const robust = (values: nn.Module<Tensor>) => of(new p.DoublyRobust<typeof limited>(limited, values));
      // In each trial, guesses are fitted to the episodes that are not for the test.
      const guesses = ({ rows, seed }: { rows: DataSet; seed: number }) =>
        p.fitValues(split(rows, { safetyFraction, seed }).candidate, { policy, features });
      return { ...robust(features), outputs: (trial) => robust(guesses(trial)).outputs(trial) };
    };
    return {
      ...{ population: drawn, truth: drawn(2000, 1), performance, measures, constraints },
      contenders: {
        // The more an episode may weigh, the better a policy can be, and the more episodes its test needs.
        ...Object.fromEntries(limits.map((most) => [`proven, weights to ${most}`, proven(most)])),
        "Student's": p.seldonianPolicy({ ...all, model: free }),
        // Every policy keeps this one.
        "no promise": p.seldonianPolicy({ ...all, model: free, constraints: [{ text: "J_b >= -1e6", delta }] }),
      },
    };
  },
});

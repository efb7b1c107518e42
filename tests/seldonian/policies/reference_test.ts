import { ok } from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { Tensor } from "../../../mod.ts";
import { lower, upper } from "../../../seldonian/bounds/bound.ts";
import { student } from "../../../seldonian/bounds/student.ts";
import {
  DiscretePolicy,
  J_b,
  J_pi_new_IS,
  J_pi_new_PDIS,
  J_pi_new_WIS,
  toolkitEpisodes,
} from "../../../seldonian/policies/mod.ts";
import type { RecordedEpisode } from "../../../seldonian/policies/mod.ts";
import { agrees, reference, referenceDir } from "../../helpers/reference.ts";

interface Figures {
  estimate: number;
  values: number[];
  gradient: number[];
  studentLower?: number;
  studentUpper?: number;
}

type Case = { theta: number[]; gamma: number; IS: Figures; PDIS: Figures; WIS: Figures } & Record<`IS_[${number}]`, number[]>;

const cases = reference<Case[]>("rl.json");
const file = `${referenceDir}/../data/toolkit/gridworld_100episodes_2altrewards.csv`;
const skip = cases === null && "no reference figures here";

/** A table in float64: the toolkit's figures have more digits than parameters. */
class Table extends DiscretePolicy {
  constructor(readonly theta: Tensor) {
    super(4);
  }
  override logits(observations: Tensor): Tensor {
    return this.theta.take(Tensor.from(Int32Array.from(observations.data)));
  }
}

function outcomesOf({ theta, gamma }: Case) {
  const names = { all_col_names: ["episode_index", "O", "A", "R", "pi_b", "R_alt_1", "R_alt_2"], regime: "RL" };
  const data = toolkitEpisodes(readFileSync(file, "utf8"), JSON.stringify(names), { discount: gamma });
  const weight = Tensor.from(Float64Array.from(theta), [9, 4]).withGrad();
  const predictions = new Table(weight).forward(data.whole().features as RecordedEpisode[]);
  return { weight, outcomes: { predictions, labels: Tensor.from(data.labels), columns: new Map(), arrays: new Map() } };
}

/** Sums of many products of many steps: 1e-9 of the greatest term, where terms cancel. */
const near = (found: number, wanted: number, size = 0) => agrees(found, wanted) || Math.abs(found - wanted) <= 1e-9 * size;

test("values, estimates, gradients and Student's bounds are the toolkit's", { skip }, () => {
  for (const one of cases!) {
    for (const [name, { measure }] of Object.entries({ IS: J_pi_new_IS, PDIS: J_pi_new_PDIS, WIS: J_pi_new_WIS })) {
      const { estimate, values, gradient, studentLower, studentUpper } = one[name as "IS"];
      const { weight, outcomes } = outcomesOf(one), found = measure.values(outcomes, []), mean = found.mean();
      ok(agrees(mean.value, estimate), `${name}: ${mean.value}, the toolkit's ${estimate}`);
      found.data.forEach((z, i) => ok(agrees(z, values[i]), `${name} of episode ${i}: ${z}, the toolkit's ${values[i]}`));
      mean.backward();
      const size = Math.max(...gradient.map(Math.abs));
      weight.grad!.data.forEach((z, i) =>
        ok(near(z, gradient[i], size), `slope ${i} of ${name}: ${z}, the toolkit's ${gradient[i]}`)
      );
      if (studentLower === undefined) continue;
      const request = { delta: 0.05, range: [-Infinity, Infinity] as const }, z = Float64Array.from(found.data);
      for (const [bound, wanted] of [[lower(student, z, request), studentLower], [upper(student, z, request), studentUpper!]]) {
        ok(near(bound, wanted, Math.abs(wanted - estimate) * 4), `Student's bound on ${name}: ${bound}, the toolkit's ${wanted}`);
      }
    }
  }
});

test("an index chooses the alternate reward, for every measure; the toolkit's PDIS ignores it", { skip }, () => {
  for (const one of cases!) {
    const { outcomes } = outcomesOf(one), uniform = one.theta.every((theta) => theta === 0);
    for (const k of [1, 2]) {
      const found = J_pi_new_IS.measure.values(outcomes, [k]).data,
        perDecision = J_pi_new_PDIS.measure.values(outcomes, [k]).data;
      found.forEach((z, i) => ok(agrees(z, one[`IS_[${k}]`][i]), `episode ${i}: ${z}, the toolkit's ${one[`IS_[${k}]`][i]}`));
      // Where both policies are alike, all weights are 1.
      if (!uniform) continue;
      J_b.measure.values(outcomes, [k]).data.forEach((z, i) => {
        ok(near(found[i], z, 100) && near(perDecision[i], z, 100), `episode ${i}: ${found[i]}, ${perDecision[i]}, ${z}`);
      });
    }
  }
});

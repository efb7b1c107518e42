/** Hard laws for a test: violations in rare rows, almost equal or almost exclusive groups, values at the ends and in between. */
import type { Choices } from "./choices.ts";
import type { ClusterKind, Law, RowType } from "./law.ts";

export type Task = "binary" | "classes" | "regression";

/** The relation of the 0/1 columns A and B. */
export type Groups = "apart" | "almost apart" | "overlapping" | "nested" | "almost equal" | "tiny" | "complements";

/** The difference between rare types of rows and the others. */
export type Errors = "anywhere" | "rare rows are wrong" | "rare rows are right" | "rare rows differ";

export interface PopulationPlan {
  task: Task;
  groups: Groups;
  errors: Errors;
  /** The least and the greatest expected number of rows of a rare type in the test. */
  rare: readonly [number, number];
  /** The number of rows in the test. */
  n: number;
  /** The least and the greatest number of common types. */
  common: readonly [number, number];
  /** Whether all common types are equally common and just one type is rare. */
  balanced: boolean;
  strata: "none" | "by type" | "rare or some rows are their own" | "small";
  clusters: "none" | "by size" | "alike" | "mixed";
}

/** The greatest size of labels and outputs in regressions. */
export const outputScale = 4;

export function population(choices: Choices, plan: PopulationPlan): Law {
  const common = choices.whole(...plan.common),
    rare = plan.balanced ? 1 : plan.errors === "anywhere" ? choices.whole(0, 2) : choices.pick([1, 1, 2]);
  const classes = 3, softness = choices.pick([0, 0, 0.001, 0.1, 0.3]);
  const constant = choices.pick([0, 1, 0.2, 0.45]);
  const strata = choices.pick([[0, 1], [0, 0], [1, 0]]), own = choices.whole(1, 3);
  const commonWeight = plan.balanced
    ? () => 1
    : choices.weighted([[2, () => 1], [2, () => choices.pick([1, 2, 5, 20])]] as const);
  const types: RowType[] = [];
  for (let i = 0; i < common + rare; i++) {
    const isRare = i >= common, label = labelOf(choices, plan.task, i, classes);
    const outputs = outputsOf(choices, plan, { isRare, label, classes, softness, constant });
    const [A, B] = membership(choices, plan.groups, i, isRare), M = i < 4 && !isRare ? i % 2 : choices.whole(0, 1);
    types.push({
      outputs: outputs.map(Math.fround),
      label,
      columns: {
        A,
        B,
        M,
        F: 1 - M,
        race: i < 2 ? ["a", "b"][(i + Number(isRare)) % 2] : choices.pick(["a", "b", "c"]),
        age: choices.pick([18, 29, 30, 45, 60]),
        kind: i,
      },
      weight: isRare ? 0 : commonWeight(),
      rare: isRare,
      stratum: plan.strata === "small"
        ? "small"
        : plan.strata === "none"
        ? 0
        : plan.strata === "by type"
        ? strata[Number(isRare)] * i
        : isRare || i === own
        ? "own"
        : 0,
    });
  }
  const sum = types.reduce((sum, { weight }) => sum + weight, 0);
  const share = types.map((_, i) => i < common ? 0 : Math.min(0.25, choices.real(...plan.rare) / plan.n));
  const left = 1 - share.reduce((sum, p) => sum + p, 0);
  const weighted = types.map((type, i) => ({ ...type, weight: i < common ? type.weight / sum * left : share[i] }));
  return { types: weighted, clusters: plan.clusters === "none" ? null : clusterKinds(choices, plan.clusters, weighted, common) };
}

function labelOf(choices: Choices, task: Task, i: number, classes: number): number {
  if (task === "regression") return Math.fround(choices.pick([0, 0.5, 1, outputScale, choices.real(0, outputScale)]));
  if (task === "binary") return i < 2 ? i : choices.whole(0, 1);
  return i < classes ? i : choices.whole(0, classes - 1);
}

interface Wanted {
  isRare: boolean;
  label: number;
  classes: number;
  softness: number;
  constant: number;
}

function outputsOf(choices: Choices, { task, errors }: PopulationPlan, wanted: Wanted): number[] {
  const { isRare, label, classes, softness, constant } = wanted, right = isRare === (errors === "rare rows are right");
  if (task === "regression") {
    if (errors === "anywhere") {
      return [choices.pick([0, outputScale, choices.real(0, outputScale), choices.real(0, outputScale)])];
    }
    if (errors === "rare rows differ") return [isRare ? outputScale * (1 - constant) : outputScale * constant];
    return [right ? label : label > outputScale / 2 ? 0 : outputScale];
  }
  const positive = errors === "anywhere"
    ? choices.pick([0, 1, 0.5, 0.499, 0.9, 0.1, choices.real(), choices.real()])
    : errors === "rare rows differ"
    ? isRare ? 1 - constant : constant
    : right
    ? 1 - softness
    : softness;
  if (task === "binary") return [errors === "rare rows differ" || errors === "anywhere" || label === 1 ? positive : 1 - positive];
  // This class gets the probability; the others share the rest.
  const k = errors === "anywhere" || errors === "rare rows differ" ? choices.whole(0, classes - 1) : label;
  const rest = choices.real(0.2, 0.8) * (1 - positive);
  const outputs = Array.from(
    { length: classes },
    (_, j) => j === k ? positive : j === (k + 1) % classes ? rest : 1 - positive - rest,
  );
  return outputs.map((p) => Math.max(0, p));
}

function membership(choices: Choices, groups: Groups, i: number, isRare: boolean): [number, number] {
  const side = i < 2 ? i : choices.whole(0, 1),
    apart: [number, number] = i > 2 && choices.chance(0.3) ? [0, 0] : [side, 1 - side];
  switch (groups) {
    case "apart":
      return apart;
    case "complements":
      return [side, 1 - side];
    case "almost apart":
      return isRare ? [1, 1] : apart;
    case "overlapping":
      return [choices.whole(0, 1), choices.whole(0, 1)];
    case "nested":
      return side === 1 ? [1, choices.whole(0, 1)] : [0, 0];
    case "almost equal":
      return isRare ? choices.pick([[1, 0], [0, 1]]) : [side, side];
    case "tiny":
      return [Number(isRare || (i === 0 && choices.chance(0.2))), 1 - Number(isRare)];
  }
}

/** Small and large clusters; with "by size", rare rows and some common ones are in clusters of one size. */
function clusterKinds(
  choices: Choices,
  how: "by size" | "alike" | "mixed",
  types: readonly RowType[],
  common: number,
): ClusterKind[] {
  const small = choices.pick([1, 1, 2]), large = choices.pick([4, 10, 25, 40]), share = choices.real(0.2, 0.7);
  const weights = types.map(({ weight }) => weight), odd = choices.whole(0, common - 1);
  const isOdd = (i: number) => i >= common || i === odd;
  const within = (wanted: boolean) => how === "by size" ? weights.map((w, i) => isOdd(i) === wanted ? w + 1e-3 : 0) : weights;
  const alike = how === "alike" || (how === "by size" && choices.chance(0.3)), largeIsOdd = choices.chance(0.7);
  return [
    { weight: (1 - share) / small, size: small, types: within(!largeIsOdd), alike },
    { weight: share / large, size: large, types: within(largeIsOdd), alike },
  ];
}

/** Outputs that are coin flips for given labels and groups; a model may have many of them to choose from. */
export function coinFlips(choices: Choices): Law {
  const p = choices.pick([0.5, 0.7, 0.8, 0.9, choices.real(0.3, 0.95)]),
    share = choices.real(0.3, 0.7),
    labels = choices.pick([1, 2]);
  const sharp = choices.chance(0.7), [high, low] = sharp ? [1, 0] : [0.9, 0.2], types: RowType[] = [];
  for (const M of [0, 1]) {
    for (let label = 2 - labels; label < 2; label++) {
      for (const right of [true, false]) {
        types.push({
          outputs: [Math.fround((label === 1) === right ? high : low)],
          label,
          columns: { A: M, B: 1 - M, M, F: 1 - M, race: M === 1 ? "a" : "b", age: 30 + M, kind: 0 },
          weight: (M === 1 ? share : 1 - share) * (right ? p : 1 - p),
          stratum: 0,
          rare: false,
        });
      }
    }
  }
  return { types, clusters: null };
}

/**
 * Random questions. The theme says which weakness of a test a question tries; everything else is random.
 */
import { type Choices, chosen } from "./choices.ts";
import { type Custom, leavesIn, type Node, numberText, textOf } from "./formula.ts";
import { type Law, withBatchMean, withTypes } from "./law.ts";
import { type Estimand, valueOf } from "./oracle.ts";
import type { Task } from "./populations.ts";
import { type Other, type Question, type Route, type Theme, themes } from "./question.ts";
import { costOf, formulaFor } from "./theme_formulas.ts";
import { lawFor } from "./theme_laws.ts";
import { rangeOf, thresholdOf } from "./threshold.ts";

/** Questions; they get their numbers later. */
export const questions = chosen((choices): Question => {
  const theme = choices.weighted(Object.entries(themes).map(([theme, weight]) => [weight, theme as Theme] as const));
  for (;;) {
    const question = attempt(choices, theme);
    if (question !== null) return question;
  }
});

function attempt(choices: Choices, theme: Theme): Question | null {
  const is = (...some: Theme[]) => some.includes(theme);
  const delta = choices.weighted([[1, 0.01], [4, 0.05], [3, 0.1], [1, 0.3]] as const);
  const task: Task = is("tuned", "candidates", "almost apart", "namesakes")
    ? "binary"
    : is("few rows", "decided regression")
    ? "regression"
    : is("costs", "two populations")
    ? choices.weighted([[5, "binary"], [1, "regression"]] as const)
    : choices.weighted([[5, "binary"], [2, "classes"], [2, "regression"]] as const);
  const route = routeOf(choices, theme), n = rowsFor(choices, theme, route);
  const tested = route.kind === "test" ? n : n * route.fraction;
  const rates = is("decided regression") ||
      (task !== "regression" && choices.chance(is("almost apart", "costs", "two populations") ? 0.8 : 0.5))
    ? "decided"
    : "expected";
  const law = lawFor(choices, theme, { task, delta, tested });
  const custom = is("costs", "namesakes") || (is("two populations") && choices.chance(0.75)) ||
      (is("plain", "other data") && choices.chance(0.1))
    ? [costOf(choices, theme, task, law)]
    : [];
  const others = is("other data", "two populations") ? [otherOf(choices, law, theme, route)] : [];
  const formula = formulaFor(choices, theme, task, custom, others),
    relation = relationFor(choices, formula, { law, others, rates, custom });
  const clustered = law.clusters !== null, estimands: Estimand[] = clustered ? ["clusters"] : ["rows"];
  if (is("split by groups")) estimands.push("rows");
  const batchWeight = is("batch statistics") ? choices.pick([0.5, 1, 3, 10, 100]) : 0;
  const threshold = thresholdOf(formula, relation, {
    laws: batchWeight === 0 ? [law] : [law, withBatchMean(law, batchWeight)],
    others,
    rates,
    custom,
    estimands,
    tested,
  });
  if (threshold === null) return null;
  const bound = boundFor(choices, theme, { task, rates, custom });
  const options = {
    number: 0,
    theme,
    task,
    law,
    others,
    formula,
    relation,
    delta,
    n,
    rates,
    bound,
    custom,
    route,
    batchWeight,
    analysis: choices.weighted(
      [[is("almost apart", "costs", "two populations") ? 9 : 3, "conjunctive"], [1, "interval"]] as const,
    ),
    shares: choices.weighted([[2, "optimal"], [1, "equal"]] as const),
    ranges: rangesFor(choices, theme, formula, bound),
    namesake: is("namesakes") ? namesakeOf(custom[0]) : null,
    declaredClusters: is("declared clusters"),
    exclusive: exclusiveFor(choices, law),
    mustRefuse: is("broken outputs"),
  } as const;
  return { ...options, text: `${textOf(formula)} ${relation} ${numberText(threshold)}` };
}

/** Mostly the relation that rare rows break, if there are any: a test without rare rows is too optimistic. */
function relationFor(
  choices: Choices,
  formula: Node,
  { law, others, rates, custom }: Pick<Question, "law" | "others" | "rates" | "custom">,
): "<=" | ">=" {
  const valueIn = (change: (law: Law) => Law) =>
    valueOf(formula, {
      laws: Object.fromEntries([["", change(law)], ...others.map(({ name, law }) => [name, change(law)])]),
      rates,
      custom,
      estimand: "rows",
    });
  const change = valueIn((law) => law) - valueIn((law) => withTypes(law, ({ rare, weight }) => ({ weight: rare ? 0 : weight })));
  return change !== 0 && Number.isFinite(change) && choices.chance(0.85) ? change > 0 ? "<=" : ">=" : choices.pick(["<=", ">="]);
}

function routeOf(choices: Choices, theme: Theme): Route {
  const fraction = choices.pick([0.2, 0.35, 0.5, 0.5, 0.5, 0.65, 0.8]),
    test: Route = { kind: "test", sorted: false, pieces: 0, seeds: 1 };
  const train: Route = { kind: "train", fraction, candidates: 1, features: 1, tuned: false };
  switch (theme) {
    case "stratified":
      return { kind: "split", by: "stratify", fraction, declared: false };
    case "split by groups":
      return { kind: "split", by: "groups", fraction, declared: choices.chance(0.3) };
    case "trained":
      return train;
    case "candidates":
      return { ...train, candidates: choices.pick([2, 3, 5]), features: 6 };
    case "tuned":
      return { ...train, fraction: choices.pick([0.5, 0.7, 0.8, 0.85]), features: 24, tuned: true };
    case "shopping":
      return { ...test, seeds: 10 };
    case "other data":
    case "declared clusters":
      return choices.chance(0.2) ? train : { ...test, sorted: choices.chance(0.2) };
    default:
      return { ...test, sorted: choices.chance(0.2), pieces: choices.chance(0.1) ? choices.whole(1, 4) : 0 };
  }
}

function rowsFor(choices: Choices, theme: Theme, route: Route): number {
  if (theme === "few rows") return choices.whole(8, 20);
  if (theme === "tuned") return choices.whole(40, 90);
  const n = choices.weighted([
    [theme === "two populations" ? 6 : theme === "costs" ? 4 : 1, choices.whole(8, 20)],
    [theme === "costs" ? 6 : 3, choices.whole(20, 100)],
    [4, choices.whole(100, 250)],
    [3, choices.whole(250, 400)],
  ]);
  return theme === "batch statistics"
    ? Math.max(n, 60)
    : route.kind === "test"
    ? n
    : Math.max(30, Math.min(800, Math.round(n / route.fraction)));
}

/** A measure of the same name, with a promise that holds. */
function namesakeOf({ range: [low, high], ...measure }: Custom): Question["namesake"] {
  const best: Custom = {
    ...measure,
    range: [low, high],
    byKind: measure.byKind?.map(() => low) ?? Array.from({ length: 8 }, () => low),
    ofClass: null,
  };
  return { measure: best, text: `Cost <= ${numberText(low + 0.6 * (high - low))}` };
}

function otherOf(choices: Choices, law: Law, theme: Theme, route: Route): Other {
  const rows = theme === "two populations"
    ? "fresh"
    : choices.weighted([[4, "same"], [1, "reordered"], [1, "half"], [2, "fresh"]] as const);
  const change = choices.chance(0.3) ? choices.whole(1, law.types.length - 1) : 0;
  const other = withTypes(law, (_, i) => {
    const { outputs, label } = law.types[(i + change) % law.types.length];
    return rows === "fresh" ? { outputs, label } : { outputs };
  });
  const declared = rows === "same" && choices.chance(0.25)
    ? "paired"
    : rows === "fresh" && choices.chance(0.5)
    ? "independent"
    : null;
  return {
    name: "there",
    law: other,
    rows: route.kind === "train" && rows === "half" ? "same" : rows,
    noisy: choices.chance(0.5),
    declared,
  };
}

function boundFor(
  choices: Choices,
  theme: Theme,
  { task, rates, custom }: { task: Task; rates: string; custom: readonly Custom[] },
): string {
  if (theme === "few rows") return choices.pick(["auto", "student"]);
  const binary = task !== "regression" && rates === "decided" && custom.length === 0;
  return choices.weighted([
    [theme === "costs" || theme === "two populations" ? 30 : 12, "auto"],
    [binary ? 2 : 0, "clopper-pearson"],
    ...["star", "betting", "bentkus", "empirical-bentkus", "chernoff-kl", "empirical-bernstein", "anderson", "hoeffding"].map((
      name,
    ) => [0.8, name] as const),
    [0.3, "student"],
    [0.1, "bootstrap"],
  ]);
}

/** Ranges for measures without a range; sometimes left out, so that only Student's bound applies. */
function rangesFor(choices: Choices, theme: Theme, formula: Node, bound: string): Question["ranges"] {
  const unbounded = ["Mean_Squared_Error", "Mean_Error", "CVaR"];
  const names = leavesIn(formula).map(({ measure }) => measure).filter((name) => unbounded.includes(name));
  const unneeded = ["auto", "student", "bootstrap"].includes(bound) && names.every((name) => name !== "CVaR");
  if (theme === "few rows" || (unneeded && choices.chance(0.1))) return {};
  return Object.fromEntries(names.map((name) => [name, rangeOf(name, [])]));
}

/** Columns that are exclusive in the law; sometimes declared. */
function exclusiveFor(choices: Choices, { types }: Law): readonly (readonly string[])[] {
  const found = [["M", "F"]];
  if (types.every(({ columns: { A, B } }) => A === 0 || B === 0)) found.push(["A", "B"]);
  return found.filter(() => choices.chance(0.5));
}

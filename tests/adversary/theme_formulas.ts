/** The formula of a question, its measures and its conditions, by its theme. */
import type { Choices } from "./choices.ts";
import type { Custom, Leaf, Node } from "./formula.ts";
import type { Law } from "./law.ts";
import type { Task } from "./populations.ts";
import type { Other, Theme } from "./question.ts";
import { conditionsOf, formulaOf, measureOf, type Shape } from "./shapes.ts";

const shapes: readonly (readonly [number, Shape])[] = [
  [8, "single"],
  [4, "sum"],
  [4, "weighted sum"],
  [4, "mean"],
  [6, "difference"],
  [6, "gap"],
  [4, "ratio"],
  [4, "least or greatest"],
  [3, "product"],
  [2, "exp or log"],
  [2, "difference of differences"],
  [2, "greatest of gaps"],
  [2, "sum of gaps"],
  [2, "four fifths"],
];

/** A formula over the measures of a question. */
export function formulaFor(
  choices: Choices,
  theme: Theme,
  task: Task,
  custom: readonly Custom[],
  others: readonly Other[],
): Node {
  const is = (...some: Theme[]) => some.includes(theme);
  const shape: Shape = is("tuned", "candidates")
    ? "single"
    : is("almost apart")
    ? choices.weighted([[20, "mean"], [20, "sum"], [8, "weighted sum"], ...shapes] as const)
    : is("few rows")
    ? choices.pick(["difference", "difference", "gap", "mean"])
    : is("costs")
    ? choices.weighted([[20, "difference"], [8, "gap"], [10, "sum"], [10, "weighted sum"], [3, "single"], ...shapes] as const)
    : is("two populations")
    ? choices.weighted(
      [[8, "mean"], [8, "sum"], [12, "difference"], ...shapes.filter(([, shape]) => shape !== "single")] as const,
    )
    : is("other data")
    ? choices.weighted([[3, "mean"], [3, "difference"], [3, "sum"], ...shapes.filter(([, shape]) => shape !== "single")] as const)
    : is("batch statistics", "stratified", "split by groups", "namesakes")
    ? choices.weighted([[12, "single"], ...shapes] as const)
    : choices.weighted(shapes);
  const conditions = conditionsOf(
    choices,
    is("tuned", "candidates", "namesakes")
      ? "none"
      : is("almost apart")
      ? choices.weighted([[4, "A and B"], [1, "any"]] as const)
      : is("few rows")
      ? "apart"
      : is("costs")
      ? choices.weighted([[4, "apart"], [1, "any"]] as const)
      : is("two populations")
      ? choices.weighted([[6, "none"], [1, "any"]] as const)
      : shape === "single" || is("other data", "batch statistics")
      ? choices.weighted([[3, "none"], [1, "any"]] as const)
      : "any",
  );
  const alike = is("namesakes") ||
    choices.chance(is("almost apart", "costs", "other data", "two populations", "few rows") ? 0.85 : 0.6);
  const simple = others.length > 0 || is("tuned", "candidates", "few rows", "declared clusters", "split by groups");
  const one: Pick<Leaf, "measure" | "index"> = is("almost apart") && choices.chance(0.65)
    ? { measure: choices.pick(["ER", "ACC", "PR", "NR"]), index: [] }
    : is("namesakes")
    ? { measure: custom[0].name, index: [] }
    : measureOf(choices, task, custom, simple);
  const from = choices.whole(0, 1);
  return formulaOf(choices, shape, (i): Leaf => ({
    ...(i === 0 || alike ? one : measureOf(choices, task, custom, simple)),
    condition: conditions(others.length > 0 ? i >> 1 : i),
    data: others.length > 0 && i % 2 === from ? others[0].name : null,
  }));
}

/** A measure with a cost for each type of row, in any range. */
export function costOf(choices: Choices, theme: Theme, task: Task, { types }: Law): Custom {
  const nearly = theme === "two populations" && choices.chance(0.7), two = nearly || choices.chance(0.8);
  const [low, high] = nearly || choices.chance(0.4)
    ? [0, 1]
    : choices.pick([[0, 1], [0, 5], [0, 5], [-1, 1], [2, 3], [-10, 0], [0, 1000]] as const);
  // Mostly two values: at the ends of the range, or slightly or far inside it.
  const inside = () => choices.pick([0, 0, 0, 0, 0.001, choices.real()]);
  const [bottom, top] = nearly
    ? choices.pick([[0, 0.999], [1, 0.001]] as const)
    : [inside(), 1 - choices.pick([0, 0.001, 0.001, 0.3])];
  const value = (rare: boolean) => (choices.chance(0.5) !== rare ? bottom : top), like = choices.chance(nearly ? 0.7 : 0.3);
  return {
    name: "Cost",
    task: task === "regression" ? "regression" : "classification",
    range: [low, high],
    byKind: task !== "classes" && !nearly && choices.chance(0.25)
      ? null
      : types.map(({ rare }) => low + (high - low) * (two ? like ? rare ? top : bottom : value(rare) : inside())),
    ofClass: choices.chance(0.15) && task === "binary" ? choices.whole(0, 1) : null,
  };
}

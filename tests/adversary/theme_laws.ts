/** The population of a question, by its theme. */
import type { Choices } from "./choices.ts";
import { type Law, withTypes } from "./law.ts";
import { coinFlips, type Errors, type Groups, population, type Task } from "./populations.ts";
import type { Theme } from "./question.ts";

/** A law for a question of a theme; `tested` is the approximate number of rows in the test. */
export function lawFor(
  choices: Choices,
  theme: Theme,
  { task, delta, tested }: { task: Task; delta: number; tested: number },
): Law {
  if (theme === "tuned" || theme === "candidates") return coinFlips(choices);
  const groups: Groups = theme === "almost apart"
    ? "almost apart"
    : choices.pick(["apart", "apart", "almost apart", "overlapping", "nested", "almost equal", "tiny", "complements"]);
  const errors: Errors = theme === "almost apart"
    ? choices.pick(["rare rows are wrong", "rare rows differ", "rare rows differ", "anywhere"])
    : theme === "stratified" || theme === "split by groups"
    ? choices.pick(["anywhere", "rare rows are wrong", "rare rows are wrong", "rare rows differ"])
    : choices.pick([
      "anywhere",
      "anywhere",
      "rare rows are wrong",
      "rare rows are right",
      "rare rows differ",
      "rare rows differ",
    ]);
  // A test misses a type with this many expected rows with probability delta; half of them, with delta's root.
  const surprise = Math.log(1 / delta);
  const balanced = (theme === "almost apart" || theme === "two populations") && choices.chance(0.7);
  const law = population(choices, {
    task,
    common: balanced ? [2, 2] : theme === "costs" || theme === "two populations" ? [3, 6] : [2, 4],
    groups: theme === "few rows" ? "complements" : groups,
    errors: theme === "few rows" ? "anywhere" : errors,
    rare: theme === "stratified" || theme === "split by groups" ? [0.05 * tested, 0.3 * tested] : choices.pick(
      [[0.5, 0.75], [0.5, 0.75], [0.4, 1.1], [0.2, 2]].map((ends) => ends.map((end) => end * surprise) as [number, number]),
    ),
    balanced,
    n: tested,
    strata: theme === "stratified"
      ? choices.pick(["by type", "rare or some rows are their own", "rare or some rows are their own", "small"])
      : "none",
    clusters: theme === "split by groups" || theme === "declared clusters"
      ? choices.weighted([[3, "by size"], [1, "alike"], [1, "mixed"]] as const)
      : "none",
  });
  if (theme === "broken outputs") return brokenIn(choices, law, task);
  if (theme !== "few rows") return law;
  // One of the groups M and F has too few rows for their spread to mean anything.
  const few = choices.real(2, 4) / tested;
  return withShare(law, ({ M }) => M === 1, few);
}

/** The law with another share of the rows that meet a condition. */
function withShare(law: Law, holds: (columns: Law["types"][number]["columns"]) => boolean, share: number): Law {
  const now = law.types.reduce((sum, { columns, weight }) => holds(columns) ? sum + weight : sum, 0);
  return withTypes(
    law,
    ({ columns, weight }) => ({ weight: holds(columns) ? weight / now * share : weight / (1 - now) * (1 - share) }),
  );
}

/** Outputs that are not probabilities: NaN, or not a distribution. */
function brokenIn(choices: Choices, law: Law, task: Task): Law {
  const all = task === "classes" && choices.chance(0.7), odd = choices.whole(0, law.types.length - 1);
  return withTypes(
    law,
    ({ outputs }, i) =>
      all ? { outputs: outputs.map(() => Math.fround(0.9)) } : i === odd ? { outputs: outputs.map(() => NaN) } : {},
  );
}

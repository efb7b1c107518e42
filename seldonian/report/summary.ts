import { printable } from "../printable.ts";
import type { ConstraintReport } from "../safety_test.ts";
import { inColumns } from "../../autodiff/show.ts";
import type { ResultParts } from "./result.ts";
import { short } from "./verdict.ts";

/** The longest name in a table. */
const longest = 46;

/** A verdict as a table, as statistical packages print a fit: the run above, then a row for each constraint, formula and measure. */
export function summaryOf(
  verdict: string,
  { constraints, objective, log, trials = [] }: ResultParts,
  more: [string, string][],
): string {
  const facts: [string, string][] = [
    ["Objective, candidate data:", shortOr(objective.candidate)],
    ["Objective, safety data:", shortOr(objective.safety)],
    ["Judged:", constraints[0]?.rates === "decided" ? "decisions" : "outputs"],
    ["Steps:", `${log.length}`],
    ...trials.length === 0 ? [] : [["Trials:", `${trials.length}`] as [string, string]],
    ...more,
  ];
  const table = inColumns(
    [["", "rows", "estimate", "at least", "at most", "delta", "verdict"], ...constraints.flatMap(rowsOf)],
    (column) => column === 0,
  );
  const width = Math.max(72, ...table.map(({ length }) => length)), half = Math.ceil(facts.length / 2), rule = "=".repeat(width);
  const pairs = facts.slice(0, half).map((left, i) =>
    [left, facts[half + i] ?? ["", ""]].map(([name, value]) => `${name.padEnd(28)}${value.padStart(width / 2 - 30)}`).join("    ")
      .trimEnd()
  );
  const title = printable(verdict), [head, ...rows] = table;
  return [
    " ".repeat(Math.max(0, Math.floor((width - title.length) / 2))) + title,
    rule,
    ...pairs,
    rule,
    ...rows.length === 0 ? [] : [head, "-".repeat(width), ...rows, rule],
  ].join("\n");
}

function rowsOf({ text, value, upper, delta, verdict, leaves, conjuncts }: ConstraintReport): string[][] {
  return [
    [cut(text), "", short(value), "", short(upper), short(delta), verdict],
    ...leaves.map(({ name, n, mean, lower, upper, deltaLower, deltaUpper, bound }) => {
      const isBounded = deltaLower !== null || deltaUpper !== null, delta = (deltaLower ?? 0) + (deltaUpper ?? 0);
      return [
        cut(`  ${name}`),
        `${n}`,
        short(mean),
        deltaLower === null ? "" : short(lower),
        deltaUpper === null ? "" : short(upper),
        isBounded ? short(delta) : "",
        isBounded ? bound : "",
      ];
    }),
    ...conjuncts.flatMap(({ value, upper, statistic }) =>
      statistic === undefined ? [] : [[
        cut(`  ${statistic.text}`),
        `${statistic.n}`,
        short(value),
        "",
        short(upper),
        short(statistic.delta),
        statistic.bound,
      ]]
    ),
  ];
}

function shortOr(value: number | null): string {
  return value === null ? "none" : short(value);
}

function cut(name: string): string {
  const text = printable(name);
  return text.length > longest ? `${text.slice(0, longest - 1)}…` : text;
}

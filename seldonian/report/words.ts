import { usualArithmetic } from "../../autodiff/kernels/in_use.ts";
import { checkArgument, type Kind } from "../../autodiff/options.ts";
import { ownNames } from "../bounds/mod.ts";
import { outsideText } from "../constraints/outside.ts";
import { sentence } from "../data/description.ts";
import { printable } from "../printable.ts";
import type { ConstraintReport, SafetyReport } from "../safety_test.ts";
import { settingsText } from "../tuning/search.ts";
import type { Uses } from "../records/ledger.ts";
import type { NoSolution, ResultParts } from "./result.ts";
import { headlineOf, marginOf, short, unitsOf } from "./verdict.ts";

const reportKind: Kind = {
  type: "object",
  wanted: "a report, as safetyTest() gives",
  holds: (value) => Array.isArray((value as { constraints?: unknown } | null)?.constraints),
};

/** The verdict of a safety test in words, as in results of `train()`. */
export function explain(report: SafetyReport): string {
  checkArgument("explain a safety test", "it", report, reportKind);
  const { passed, constraints, objective, uses } = report;
  const verdict = passed ? "The safety test passed." : "The safety test failed.";
  const said = words(verdict, { constraints, objective: { candidate: null, safety: objective }, log: [], uses });
  return [said, ...passed ? [] : againLine(constraints, uses)].join("\n");
}

/**
 * A verdict with its evidence.
 * @param more lines after the objective
 */
export function words(verdict: string, outcome: ResultParts & { arithmetic?: string }, more: readonly string[] = []): string {
  const { constraints } = outcome;
  return [
    headlineOf(verdict, constraints),
    ...constraints.map(constraintLines),
    ...objectiveLine(outcome),
    ...more,
    ...judged(constraints),
    ...arithmeticLine(outcome),
    ...tunedLine(outcome),
    ...usesLine(outcome),
    ...dataLines(outcome),
  ].join("\n");
}

/** What is worth trying after a failure, and what another test of the same rows would cost. */
export function adviceLines({ advice, constraints, uses }: Pick<NoSolution, "advice" | "constraints" | "uses">): string[] {
  const lines = advice.map(({ attempt, seen }) => `    ${printable(attempt)}: ${printable(seen)}`);
  return [...lines.length === 0 ? [] : ["  Worth trying:", ...lines], ...againLine(constraints, uses)];
}

/** The cost of another test of the same rows, by the union bound, as a ledger counts it. */
function againLine(constraints: readonly ConstraintReport[], uses: Uses | undefined): string[] {
  if (constraints.length === 0) return [];
  const delta = Math.max(...constraints.map(({ delta }) => delta)), spent = (uses?.spent ?? 0) + delta;
  const { rowsAre = "rows" } = constraints[0];
  const next = uses?.halving
    ? `a next test of them has half of the delta that is left`
    : `with a next test of them, that none errs is sure with ${percent(Math.max(0, 1 - spent - delta))} only`;
  return [
    `  Before another test: these ${rowsAre} are spent, ${next}; choose settings by \`tune\`, on candidate data alone, and test on new ${rowsAre}` +
    (uses === undefined ? "; a ledger keeps count" : ""),
  ];
}

function constraintLines(report: ConstraintReport): string {
  const { text, delta, passed, verdict, guarantee, leaves, conjuncts, populations } = report;
  const measures = leaves.map(({ name, n, mean, lower, upper, deltaLower, deltaUpper }) => {
    const sides = [["at least", lower, deltaLower], ["at most", upper, deltaUpper]] as const;
    const needed = sides.filter(([, end, share]) => share !== null && Number.isFinite(end));
    // Two bounds together have less confidence than each.
    const ends = needed.map(([side, end, share]) =>
      `${side} ${short(end)}${needed.length > 1 ? ` (${percent(1 - share!)})` : ""}`
    );
    const where = populations === undefined ? "" : " in these populations";
    return `    ${printable(name)} is ${short(mean)} on ${n.toLocaleString("en")} ${unitsOf(report)} of safety data${
      ends.length ? `, ${ends.join(" and ")}${where}` : ""
    }`;
  });
  // Forms that were bounded as a whole; the measures' bounds do not show them.
  const forms = conjuncts.flatMap(({ value, upper, statistic }) =>
    statistic === undefined ? [] : [`    ${printable(statistic.text)} is ${short(value)}, at most ${short(upper)}`]
  );
  const about = guarantee === "approximate" ? "approximate " : "",
    sure = passed ? ` with ${about}confidence ${percent(1 - delta)}` : "";
  return [
    `  ${printable(text)}: ${verdict}${sure} (${printable(marginOf(report))})`,
    ...measures,
    ...forms,
    ...populations === undefined ? [] : [`    For populations where ${printable(populations)}`],
    ...report.outside.map((rows) => `    ${printable(outsideText(rows))}`),
    ...boundsOf(report),
  ].join("\n");
}

/** Whether outputs or decisions were judged. */
function judged(constraints: readonly ConstraintReport[]): string[] {
  if (constraints.length === 0) return [];
  if (constraints[0].rowsAre === "episodes") {
    return ["  Judged: the policy as it acts, by how probable it makes the logged actions"];
  }
  return constraints[0].rates === "decided"
    ? ["  Judged: decisions, the most probable class, as model.decide(x) makes them"]
    : ["  Judged: the model's outputs; for a classifier, probabilities, from which model.decide(x) draws"];
}

/** The arithmetic, if it is not the usual. */
function arithmeticLine({ arithmetic = usualArithmetic }: { arithmetic?: string }): string[] {
  if (arithmetic === usualArithmetic) return [];
  return [`  Arithmetic: ${arithmetic}, whose last digits are not those of ${usualArithmetic}`];
}

/** The bounds of a constraint, with their assumptions. */
function boundsOf({ leaves, conjuncts, stratified, rowsAre = "rows" }: ConstraintReport): Set<string> {
  const used = [
    ...leaves.filter(({ deltaLower, deltaUpper }) => deltaLower !== null || deltaUpper !== null),
    ...conjuncts.flatMap(({ statistic }) => statistic ?? []),
  ];
  return new Set([
    ...used.map(({ bound, assumes, guarantee }) =>
      `    Bound: ${bound}, ${ownNames.has(bound) ? "" : "custom: you declare it "}${
        guarantee === "approximate" ? `right for many ${rowsAre} only` : `proven at every number of ${rowsAre}`
      }, assuming ${assumes}`
    ),
    ...(stratified
      ? ["    Strata were divided for these rows, so that they are not quite independent: approximate for that"]
      : []),
  ]);
}

/** Warnings about the table that may change the meaning of a verdict. */
function dataLines({ description }: ResultParts): string[] {
  const notes = description?.notes.filter(({ kind }) => kind === "warning") ?? [];
  const lines = notes.slice(0, 10).map((note) => `  Data: ${printable(sentence(note, "code").replace(/^[!✗] /, ""))}`);
  return notes.length > lines.length
    ? [...lines, `  Data: … and ${notes.length - lines.length} more, in result.description`]
    : lines;
}

/** The settings chosen among those tried. */
function tunedLine({ trials = [] }: ResultParts): string[] {
  if (trials.length === 0) return [];
  const [{ settings, passing }] = trials;
  return [`  Tuned: ${settingsText(settings)}, predicted to pass with probability ${short(passing)} on candidate data`];
}

/** A warning if rows were tested or trained on before: by the union bound, each test costs its delta. */
function usesLine({ uses, constraints }: ResultParts): string[] {
  if (uses === undefined || constraints.length === 0) return [];
  const { rows, tests, tested, trained, spent, deltas, halving } = uses,
    all = percent(Math.max(0, 1 - spent - Math.max(...deltas)));
  const of = `of the ${rows.toLocaleString("en")} ${constraints[0].rowsAre ?? "rows"} of safety data`,
    earlier = `${tests} earlier ${tests === 1 ? "test" : "tests"}`;
  const lines: string[] = [];
  if (trained > 0) {
    lines.push(
      `  Warning: ${of} ${
        trained.toLocaleString("en")
      } are equal to rows that were trained on, now or before: the same ones are no evidence`,
    );
  }
  if (halving) {
    lines.push(
      `  Spent: delta ${
        deltas.map(short).join(", ")
      }, half of what ${earlier} of these rows left; that none errs is sure with ${all}`,
    );
  } else if (tests > 0) {
    lines.push(
      `  Warning: ${of} ${
        tested.toLocaleString("en")
      } were tested before, in ${earlier}: that no test errs is sure with ${all} only; ` +
        "get new data",
    );
  }
  return lines;
}

function objectiveLine({ objective: { candidate, safety } }: ResultParts): string[] {
  if (safety === null && candidate === null) return [];
  const parts = [
    ...(candidate === null ? [] : [`${short(candidate)} on candidate data`]),
    ...(safety === null ? [] : [`${short(safety)} on safety data`]),
  ];
  return [`  Objective: ${parts.join(", ")}`];
}

function percent(x: number): string {
  return `${Number((100 * x).toPrecision(6))} %`;
}

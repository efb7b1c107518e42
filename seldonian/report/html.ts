import type { Advice } from "./advice.ts";
import type { ConjunctReport, ConstraintReport } from "../safety_test.ts";
import type { LeafReport } from "../constraints/leaf_bounds.ts";
import { outsideText } from "../constraints/outside.ts";
import { type Description, sentence } from "../data/description.ts";
import { escaped } from "../escaped.ts";
import { drawnLog } from "./plot.ts";
import { drawnRates } from "./plot_rates.ts";
import type { Step } from "../records/log.ts";
import { headlineOf, marginOf, short, unitsOf } from "./verdict.ts";

/** The parts of a result that a page or a notebook shows. */
export interface Shown {
  passed: boolean;
  /** Why there is no solution. */
  reason?: string;
  constraints: readonly ConstraintReport[];
  objective: { candidate: number | null; safety: number | null };
  log: readonly Step[];
  /** The description of the table that the data comes from, if any. */
  description?: Description;
  /** What is worth trying, if there is no solution. */
  advice?: readonly Advice[];
}

/**
 * A result as HTML: the verdict; each constraint with its tested formulas and their measures, with estimates, bounds and shares
 * of delta; and the course of training as a figure. Nested lists with text, so that screen readers and printers handle it as it
 * is.
 */
export async function htmlOf({ passed, reason, constraints, objective, log, description, advice = [] }: Shown): Promise<string> {
  const verdict = headlineOf(
    passed ? "The safety test passed." : `No solution found: ${reason ?? "the safety test failed"}.`,
    constraints,
  );
  const told = Object.entries(objective).flatMap(([part, value]) => value === null ? [] : [`${short(value)} on ${part} data`]);
  // A single rate is already in its line.
  const several = new Set(
    constraints.flatMap(({ leaves }) => leaves.filter(({ range: [low, high] }) => high - low < Infinity).map(({ name }) => name)),
  ).size > 1;
  const figures = [
    ...(several ? [await drawnRates(constraints)] : []),
    ...(log.length === 0 ? [] : [await drawnLog(log, constraints.map(({ text }) => text))]),
  ];
  const warnings = description?.notes.filter(({ kind }) => kind === "warning") ?? [];
  const ofData = warnings.map((note) => `<li>${escaped(sentence(note, "code").replace(/^! /, ""))}</li>`).join("");
  const tries = advice.map(({ attempt, seen }) => `<li><strong>${escaped(attempt)}</strong>: ${escaped(seen)}</li>`).join("");
  return `<section class="seldonian"><p><strong>${escaped(verdict)}</strong></p><ul>${
    constraints.map(constraintItem).join("")
  }</ul>` +
    `${told.length === 0 ? "" : `<p>Objective: ${told.join(", ")}</p>`}${
      tries === "" ? "" : `<div class="advice"><p>Worth trying:</p><ul>${tries}</ul></div>`
    }${ofData === "" ? "" : `<div class="of-data"><p>Of the data:</p><ul>${ofData}</ul></div>`}${
      figures.map((figure) => `<figure>${figure}</figure>`).join("")
    }</section>`;
}

function constraintItem(report: ConstraintReport): string {
  const { text, delta, verdict: found, guarantee, conjuncts, leaves, outside } = report;
  const items = leaves.map((leaf) => ({ name: leaf.name, item: leafItem(leaf, unitsOf(report)) }));
  const formulas = conjuncts.map((conjunct) => conjunctItem(conjunct, items, conjuncts.length > 1)).join("");
  const verdict = `<strong>${found}</strong> at ${guarantee === "approximate" ? "approximately " : ""}delta ${delta} (${
    escaped(marginOf(report))
  })`;
  const rows = outside.map((one) => `<p>${escaped(outsideText(one))}</p>`).join("");
  return `<li><code>${escaped(text)}</code>: ${verdict}${rows}<ul>${formulas}</ul></li>`;
}

function conjunctItem(
  { text, value, upper, statistic }: ConjunctReport,
  leaves: readonly { name: string; item: string }[],
  several: boolean,
): string {
  const own = several ? leaves.filter(({ name }) => text.includes(name)) : leaves,
    measures = own.map(({ item }) => item).join("");
  const how = statistic === undefined
    ? ""
    : `, as one statistic of ${statistic.n.toLocaleString("en")} values at delta ${statistic.delta} (${
      escaped(statistic.bound)
    })`;
  return `<li><code>${escaped(text)}</code>: left side ${short(value)}, at most ${short(upper)}${how}<ul>${measures}</ul></li>`;
}

function leafItem({ name, n, mean, lower, upper, deltaLower, deltaUpper, bound }: LeafReport, units: string): string {
  const ends = [
    ...(deltaLower === null ? [] : [`at least ${short(lower)} (delta ${short(deltaLower)})`]),
    ...(deltaUpper === null ? [] : [`at most ${short(upper)} (delta ${short(deltaUpper)})`]),
  ];
  const bounded = ends.length === 0 ? "" : `, ${ends.join(" and ")}, by ${escaped(bound)}`;
  return `<li><code>${escaped(name)}</code>: ${short(mean)} on ${n.toLocaleString("en")} ${units}${bounded}</li>`;
}

import type { ConstraintReport } from "../safety_test.ts";
import { escaped } from "../escaped.ts";
import { checkReports } from "./report_kinds.ts";
import { framed } from "./framed.ts";
import { marginOf, short, unitsOf } from "./verdict.ts";

/** Approximate pixels of a line, of an indentation, and of a letter. */
const line = 24, step = 26, letter = 7.3;

interface Node {
  text: string;
  told: string;
  depth: number;
}

/**
 * Constraints as trees, as SVG text: below each its tested formulas, below those their measures; each node with estimate, bounds
 * and share of delta. Signs repeat what colours show, so it can be read without them.
 */
export function plotTree(constraints: readonly ConstraintReport[]): string {
  checkReports("draw constraints", constraints);
  const nodes = constraints.flatMap(nodesOf), parents: number[] = [];
  const width = Math.max(
    400,
    ...nodes.map(({ text, told, depth }) => 40 + step * depth + letter * (text.length + told.length + 3)),
  );
  const height = line * nodes.length + 16, y = (i: number) => 20 + line * i, x = (depth: number) => 14 + step * depth;
  const drawn = nodes.map(({ text, told, depth }, i) => {
    parents[depth] = i;
    const branch = depth === 0
      ? ""
      : `<path d="M${x(depth - 1)} ${y(parents[depth - 1]) + 7}V${y(i) - 4}H${
        x(depth) - 6
      }" fill="none" stroke="currentColor" opacity="0.4"/>`;
    const colour = told.startsWith("✓") ? "#1a6e3c" : told.startsWith("✗") ? "#b3261e" : "currentColor";
    return `${branch}<text x="${x(depth)}" y="${y(i)}"><tspan font-family="ui-monospace, monospace" font-weight="600">${
      escaped(text)
    }</tspan>` +
      `<tspan dx="10" fill="${colour}">${escaped(told)}</tspan></text>`;
  });
  const name = constraints.map((one) => `${one.text}: ${one.verdict}`).join("; ");
  return framed(`<g font-size="13" text-anchor="start">${drawn.join("")}</g>`, Math.ceil(width), height, name);
}

function nodesOf(report: ConstraintReport): Node[] {
  const { text, delta, passed, conjuncts, leaves } = report;
  return [
    { text, told: `${passed ? "✓" : "✗"} ${report.verdict} at delta ${delta} (${marginOf(report)})`, depth: 0 },
    ...conjuncts.flatMap(({ text, value, upper, statistic }) => [
      {
        text,
        told: `${upper <= 0 ? "✓" : "✗"} left side ${short(value)}, at most ${short(upper)}` +
          (statistic === undefined
            ? ""
            : `, one statistic of ${statistic.n.toLocaleString("en")} values at delta ${statistic.delta}`),
        depth: 1,
      },
      ...leaves.filter(({ name }) => conjuncts.length === 1 || text.includes(name)).map((
        { name, n, mean, lower, upper, deltaLower, deltaUpper },
      ) => ({
        text: name,
        told: [
          `${short(mean)} on ${n.toLocaleString("en")} ${unitsOf(report)}`,
          ...(deltaLower === null ? [] : [`at least ${short(lower)} (delta ${short(deltaLower)})`]),
          ...(deltaUpper === null ? [] : [`at most ${short(upper)} (delta ${short(deltaUpper)})`]),
        ].join(", "),
        depth: 2,
      })),
    ]),
  ];
}

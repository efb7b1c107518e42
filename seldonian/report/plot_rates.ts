import { loadPlot } from "../../deps.ts";
import { lowerBound, upperBound } from "../bounds/mod.ts";
import type { ConstraintReport } from "../safety_test.ts";
import { checkReports } from "./report_kinds.ts";
import { bare, framed } from "./framed.ts";

/** What `plotRates()` draws. */
export async function drawnRates(constraints: readonly ConstraintReport[]): Promise<string> {
  checkReports("draw measures", constraints);
  const { Plot, document } = await loadPlot();
  const rates = new Map(
    constraints.flatMap(({ delta, leaves }) =>
      leaves.map(({ name, n, mean, range: [low, high], lower, upper, deltaLower, deltaUpper }) => {
        const tested = deltaLower !== null && deltaUpper !== null;
        // The bound uses only the mean and the number of values.
        const values = () => new Float64Array(n).fill(Math.min(high, Math.max(low, mean)));
        const known = high - low < Infinity && n > 0,
          asked = { method: "chernoff-kl" as const, delta, range: [low, high] as [number, number] };
        const ends = tested
          ? { lower, upper }
          : known
          ? { lower: lowerBound(values(), asked), upper: upperBound(values(), asked) }
          : null;
        return [name, ends === null ? null : { name: `${name} (n = ${n.toLocaleString("en")})`, mean, ...ends, tested }] as const;
      })
    ),
  );
  const shown = [...rates.values()].filter((rate) => rate !== null);
  if (shown.length === 0) throw new RangeError("Cannot draw the measures of these constraints: none has a finite range");
  const longest = Math.max(...shown.map(({ name }) => name.length)), by = { y: "name" as const };
  const svg = Plot.plot({
    document,
    width: 420 + 7 * longest,
    height: 70 + 30 * shown.length,
    marginLeft: 20 + 7 * longest,
    marginRight: 20,
    marginTop: 10,
    marginBottom: 44,
    x: { label: "estimate and interval", labelAnchor: "center", nice: true, grid: true },
    y: { label: null, domain: shown.map(({ name }) => name) },
    marks: [
      ...[true, false].map((tested) =>
        Plot.ruleY(shown.filter((rate) => rate.tested === tested), {
          ...by,
          x1: "lower",
          x2: "upper",
          stroke: "#2a5d9f",
          strokeWidth: 2,
          ...(!tested && { strokeDasharray: "5,3" }),
        })
      ),
      Plot.dot(shown, { ...by, x: "mean", fill: "#2a5d9f", r: 4 }),
    ],
  });
  return framed(bare(svg), 420 + 7 * longest, 70 + 30 * shown.length, "Measures with their intervals");
}

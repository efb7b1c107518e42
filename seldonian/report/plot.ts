import { checkArgument, type Kind, list } from "../../autodiff/options.ts";
import { loadPlot } from "../../deps.ts";
import { bare, framed } from "./framed.ts";
import type { Step } from "../records/log.ts";

/** The size of one of four panels side by side, in pixels. */
const width = 330, height = 300;

const logKind: Kind = {
  type: "object",
  wanted: "the steps of training, as result.log",
  holds: (value) => Array.isArray(value) && value.every((one: Partial<Step> | null) => Array.isArray(one?.g)),
};

/** What `plotLog()` draws. */
export async function drawnLog(log: readonly Step[], texts: readonly string[]): Promise<string> {
  checkArgument("draw the course of training", "the log", log, logKind);
  checkArgument("draw the course of training", "the list of texts", texts, list);
  const { Plot, document } = await loadPlot();
  const byConstraint = (key: "lambda" | "g") =>
    log.flatMap((step) =>
      step[key].map((value, i) => ({ step: step.step, value, constraint: texts[i] ?? `constraint ${i + 1}` }))
    );
  const series = (key: "f" | "lagrangian") => log.map((step) => ({ step: step.step, value: step[key] }));
  const finite = ({ value }: Point) => Number.isFinite(value);

  const panel = (label: string, points: Point[], under: unknown[] = []) => {
    const shown = points.filter(finite), several = new Set(points.map(({ constraint }) => constraint)).size > 1;
    return Plot.plot({
      document,
      width,
      height,
      marginLeft: 52,
      marginBottom: 40,
      marginTop: 26,
      x: { label: "training step", labelAnchor: "center", ticks: 5, tickFormat: "~s" },
      y: { label, nice: true, grid: true },
      color: { scheme: "Observable10" },
      marks: [
        ...under,
        Plot.lineY(shown, {
          x: "step",
          y: "value",
          stroke: several ? "constraint" : "#2a5d9f",
          strokeWidth: 1.2,
        }),
        several
          ? Plot.text(ends(shown), {
            x: "step",
            y: "value",
            text: "constraint",
            fill: "constraint",
            textAnchor: "end",
            dy: -9,
          })
          : null,
      ],
    });
  };

  const g = byConstraint("g"), greatest = Math.max(0, ...g.filter(finite).map(({ value }) => value));
  const infeasible = greatest > 0
    ? [
      Plot.rectY([0], { y1: 0, y2: greatest, fill: "#d1495b", fillOpacity: 0.15 }),
      Plot.text([`infeasible`], { frameAnchor: "top-right", fill: "#a02c3f", dx: -6, dy: 8 }),
    ]
    : [];
  const panels = [
    panel("f, objective", series("f")),
    panel("λ, multiplier", byConstraint("lambda")),
    panel("g, upper bound", g, [...infeasible, Plot.ruleY([0], { stroke: "#a02c3f" })]),
    panel("L, Lagrangian", series("lagrangian")),
  ];
  const placed = panels.map((svg, i) => `<g transform="translate(${i * width},0)">${bare(svg)}</g>`).join("");
  const name = `Objective, multipliers, bounds and Lagrangian over ${log.length} training steps`;
  return framed(placed, width * panels.length, height, name);
}

interface Point {
  step: number;
  value: number;
  constraint?: string;
}

/** The last point of each curve, next to its label. */
function ends(points: readonly Point[]): Point[] {
  return [...new Map(points.map((point) => [point.constraint, point])).values()];
}

import { checkArgument, type Kind } from "../../autodiff/options.ts";
import { loadPlot } from "../../deps.ts";
import { bare, framed } from "../report/framed.ts";
import { Monitor } from "./monitor.ts";

/** The size of a formula's panel, in pixels. */
const width = 560, height = 220;

const monitorKind: Kind = { type: "object", wanted: "a Monitor", holds: (value) => value instanceof Monitor };

/**
 * The course of a monitor as SVG text: for each formula its value over the outcomes so far with its confidence sequence, the bound
 * 0 that it must not exceed, and the outcome at which its promise's alarm rang.
 * @throws {RangeError} for a monitor that has no outcomes yet
 */
export async function plotMonitor(monitor: Monitor): Promise<string> {
  checkArgument("draw a monitor", "the monitor", monitor, monitorKind);
  const points = monitor.history(), { promises, outcomes } = monitor.report();
  if (points.length === 0) throw new RangeError("Cannot draw a monitor without outcomes: add some");
  const { Plot, document } = await loadPlot();
  const formulas = promises.flatMap(({ alarm, formulas }) => formulas.map(({ text }) => ({ text, alarm })));
  const panels = formulas.map(({ text, alarm }, i) => {
    const course = points.map(({ outcomes, formulas }) => ({ outcomes, ...formulas[i] })).filter(({ value }) => value !== null);
    // The first outcomes leave everything open, and would hide the rest.
    const later = course.filter(({ outcomes: n }) => n >= outcomes / 20);
    const ends = (later.length > 0 ? later : course).flatMap(({ lower, upper, value }) => [lower, upper, value]);
    const known = ends.filter((end) => end !== null), domain = [Math.min(0, ...known), Math.max(0, ...known)];
    const svg = Plot.plot({
      document,
      width,
      height,
      marginLeft: 56,
      marginRight: 20,
      marginTop: 34,
      marginBottom: 40,
      x: { label: "outcomes", labelAnchor: "center", ticks: 6, tickFormat: "~s", domain: [0, outcomes] },
      y: { label: null, nice: true, grid: true, domain, clamp: true },
      marks: [
        Plot.areaY(course, { x: "outcomes", y1: "lower", y2: "upper", fill: "#2a5d9f", fillOpacity: 0.2 }),
        Plot.lineY(course, { x: "outcomes", y: "value", stroke: "#2a5d9f", strokeWidth: 1.6 }),
        Plot.ruleY([0], { stroke: "#a02c3f" }),
        ...(alarm === null ? [] : [
          Plot.ruleX([alarm.outcome], { stroke: "#a02c3f", strokeDasharray: "4,3" }),
          Plot.text([`alarm at ${alarm.outcome.toLocaleString("en")}`], {
            x: [alarm.outcome],
            frameAnchor: "top",
            textAnchor: alarm.outcome > outcomes / 2 ? "end" : "start",
            dx: alarm.outcome > outcomes / 2 ? -6 : 6,
            dy: 6,
            fill: "#a02c3f",
          }),
        ]),
        Plot.text([`${text} <= 0`], { frameAnchor: "top-left", dy: -22, fill: "#333333" }),
      ],
    });
    return `<g transform="translate(0,${i * height})">${bare(svg)}</g>`;
  });
  const name = `Confidence sequences of ${formulas.length} formulas over ${outcomes} outcomes`;
  return framed(panels.join(""), width, height * panels.length, name);
}

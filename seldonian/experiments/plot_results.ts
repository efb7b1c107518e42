import { loadPlot } from "../../deps.ts";
import { bare, framed } from "../report/framed.ts";
import { type Banded, confidence, type Summary } from "./summary.ts";

/** The size of one of three panels side by side, in pixels. */
const width = 360, height = 320;

/** Colours that colour-blind readers can distinguish (M. Okabe and K. Ito); shapes distinguish them in black and white. */
const colours = ["#0072b2", "#d55e00", "#009e73", "#cc79a7", "#56b4e9", "#e69f00", "#000000"];

interface Point extends Banded {
  size: number;
  contender: string;
}

/**
 * An experiment as SVG text, three panels by the number of rows: the performance of the models, how often there is one, and how
 * often it breaks the promise, with the promised delta as a line. Bars are 95 % bands: Student's for the performance, Clopper and
 * Pearson's for the rates.
 */
export async function plotResults(
  summaries: readonly Summary[],
  { delta, performance }: { delta: number; performance: string },
): Promise<string> {
  const { Plot, document } = await loadPlot(), names = [...new Set(summaries.map(({ contender }) => contender))];
  const sizes = [...new Set(summaries.map(({ size }) => size))].sort((a, b) => a - b);
  const points = (of: (one: Summary) => Banded | null): Point[] =>
    summaries.flatMap((one) => {
      const banded = of(one);
      // Side by side, so that bars do not hide each other.
      const apart = 1 + 0.02 * (names.indexOf(one.contender) - (names.length - 1) / 2);
      return banded === null ? [] : [{ ...banded, size: one.size * apart, contender: one.contender }];
    });
  const panel = (label: string, shown: Point[], more: Record<string, unknown> = {}, under: unknown[] = []) =>
    Plot.plot({
      document,
      width,
      height,
      marginLeft: 52,
      marginBottom: 40,
      marginTop: 28,
      x: {
        type: "log",
        label: "number of rows",
        labelAnchor: "center",
        ticks: sizes,
        tickFormat: (n: number) => n.toLocaleString("en"),
      },
      y: { label, nice: true, grid: true, ...more },
      color: { domain: names, range: colours },
      symbol: { domain: names },
      marks: [
        ...under,
        Plot.lineY(shown, { x: "size", y: "value", z: "contender", stroke: "contender", strokeWidth: 1.2 }),
        Plot.ruleX(shown.filter(({ low }) => Number.isFinite(low)), {
          x: "size",
          y1: "low",
          y2: "high",
          stroke: "contender",
          z: "contender",
        }),
        Plot.dot(shown, {
          x: "size",
          y: "value",
          z: "contender",
          stroke: "contender",
          fill: "white",
          symbol: "contender",
          r: 3.5,
        }),
      ],
    });
  const limit = [
    Plot.ruleY([delta], { stroke: "#a02c3f", strokeDasharray: "4,3" }),
    Plot.text([`delta ${delta}`], { frameAnchor: "right", y: delta, dy: -7, dx: -4, fill: "#a02c3f", textAnchor: "end" }),
  ];
  const panels = [
    panel(performance, points((one) => one.performance)),
    panel("rate of solutions", points(({ solutions }) => solutions), { domain: [0, 1] }),
    panel("rate of broken promises", points(({ broken }) => broken), {}, limit),
  ];
  let end = 8;
  const entries = names.map((name) => {
    const x = end;
    end += 36 + 6.6 * name.length;
    return { name, x, contender: name };
  });
  const legend = Plot.plot({
    document,
    width: width * panels.length,
    height: 28,
    margin: 0,
    x: { axis: null, domain: [0, width * panels.length] },
    y: { axis: null, domain: [0, 1] },
    color: { domain: names, range: colours },
    symbol: { domain: names },
    marks: [
      Plot.dot(entries, { x: "x", y: 0.4, z: "name", stroke: "contender", fill: "white", symbol: "contender", r: 4 }),
      Plot.text(entries, { x: "x", y: 0.4, text: "name", textAnchor: "start", dx: 10 }),
    ],
  });
  const placed = panels.map((svg, i) => `<g transform="translate(${i * width},28)">${bare(svg)}</g>`).join("");
  const name = `Performance, rate of solutions and rate of broken promises of ${names.join(", ")}, with ${
    100 * confidence
  } % bands`;
  return framed(bare(legend) + placed, width * panels.length, height + 28, name);
}

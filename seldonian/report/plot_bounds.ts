import { nearestTo } from "../../autodiff/nearest.ts";
import {
  checkOptions,
  fraction,
  interval,
  type Known,
  list,
  needed,
  notNegative,
  number,
  numbers,
  shown,
} from "../../autodiff/options.ts";
import { Tensor } from "../../autodiff/mod.ts";
import { loadPlot } from "../../deps.ts";
import { forecastLower } from "../bounds/bound.ts";
import { type BoundName, families } from "../bounds/mod.ts";
import { bare, framed } from "./framed.ts";

/** The options of `plotBounds()`. */
export interface PlotBoundsOptions {
  /** The assumed mean. */
  mean: number;
  /** Default: the variance of values at the ends of the range, the greatest possible with this mean. */
  variance?: number;
  /** Default 0.05. */
  delta?: number;
  /** Default [0, 1]. */
  range?: readonly [number, number];
  /** Numbers of values, default 20 to 20,000. */
  sizes?: readonly number[];
  /** Default: "star", "hoeffding" and "empirical-bernstein". */
  families?: readonly BoundName[];
  /** A limit to draw as a line. */
  limit?: number;
}

const known: Known<PlotBoundsOptions> = {
  mean: needed(number),
  variance: notNegative,
  delta: fraction,
  range: interval,
  sizes: numbers,
  families: list,
  limit: number,
};

/** What `plotBounds()` draws. */
export async function drawnBounds(options: PlotBoundsOptions): Promise<string> {
  const { mean, delta = 0.05, range = [0, 1], limit, families: names = ["star", "hoeffding", "empirical-bernstein"] } =
    checkOptions("draw bounds", options, known);
  const [low, high] = range, { variance = (mean - low) * (high - mean) } = options;
  const sizes = options.sizes ?? Array.from({ length: 31 }, (_, i) => Math.round(20 * 1000 ** (i / 30)));
  if (!(mean >= low && mean <= high)) {
    throw new RangeError(`Cannot draw bounds on a mean of ${mean}: wanted one in the range [${low}, ${high}]`);
  }
  const { Plot, document } = await loadPlot(), moments = { mean: Tensor.scalar(mean), variance: Tensor.scalar(variance) };
  const points = names.flatMap((name) => {
    const family = families.find((one) => one.name === name);
    if (family === undefined) {
      const all = families.map(({ name }) => name);
      throw new RangeError(`Cannot draw ${shown(name)}: ${nearestTo(`${name}`, all) ?? `wanted some of ${all.join(", ")}`}`);
    }
    return sizes.filter((n) => n >= (family.fewest ?? 1)).map((n) => ({
      n,
      family: name,
      lower: Math.max(low, forecastLower(family, moments, { delta, range, n }).value),
      upper: Math.min(high, family.forecast(moments, { delta, range, n }).value),
    }));
  });
  const width = 640, height = 380;
  const curve = (y: "lower" | "upper") => Plot.lineY(points, { x: "n", y, stroke: "family", strokeWidth: 1.6 });
  const first = points.filter(({ n }) => n === sizes[0]);
  const svg = Plot.plot({
    document,
    width,
    height,
    marginLeft: 56,
    marginRight: 30,
    insetBottom: 18,
    marginBottom: 44,
    marginTop: 26,
    x: { type: "log", label: "number of values", labelAnchor: "center", tickFormat: "~s" },
    y: { label: "mean and its bounds", grid: true, nice: true },
    // Colours that colour-blind readers can distinguish (M. Okabe and K. Ito).
    color: { range: ["#0072b2", "#d55e00", "#009e73", "#cc79a7", "#56b4e9", "#e69f00"] },
    marks: [
      Plot.ruleY([mean], { stroke: "#555", strokeDasharray: "2,3" }),
      ...(limit === undefined ? [] : [Plot.ruleY([limit], { stroke: "#a02c3f" })]),
      curve("lower"),
      curve("upper"),
      Plot.text(first, { x: "n", y: "lower", text: "family", fill: "family", textAnchor: "start", dx: 8, dy: 12 }),
    ],
  });
  return framed(bare(svg), width, height, `Bounds on a mean of ${mean} by the number of values`);
}

import { loadPlot } from "../../deps.ts";
import { bare, framed } from "../report/framed.ts";
import { type Banded, confidence, type Summary } from "./summary.ts";

/** The size of one of three panels side by side, in pixels. */
const width = 360, height = 320, inner = width - 60;

/** Colours that colour-blind readers can distinguish (M. Okabe and K. Ito); shapes distinguish them in black and white. */
const colours = ["#0072b2", "#d55e00", "#009e73", "#cc79a7", "#56b4e9", "#e69f00", "#000000"];
const symbols = ["circle", "cross", "diamond", "square", "star", "triangle", "wye"];
/** How far contenders are apart, and the height of a line of the legend, in pixels. */
const step = 3, line = 28;

interface Point extends Banded {
  size: number;
  contender: string;
}

type Plotting = Awaited<ReturnType<typeof loadPlot>>;

/** What is drawn of a contender at one size. */
type Drawn = Pick<Summary, "contender" | "size" | "performance" | "solutions" | "broken">;

/**
 * An experiment as SVG text, three panels by the number of rows: the performance of the models, how often there is one, and how
 * often it breaks the promise, with the promised delta as a line. Bars are 95 % bands: Student's for the performance, Clopper and
 * Pearson's for the rates. Very wide bars are cut. With `against` they are differences to that contender, which is the line at 0.
 */
export async function plotResults(
  summaries: readonly Drawn[],
  { delta, performance, against, rowsAre }: { delta: number; performance: string; against?: string; rowsAre: string },
): Promise<string> {
  const { Plot, document } = await loadPlot(), names = [...new Set(summaries.map(({ contender }) => contender))];
  const sizes = [...new Set(summaries.map(({ size }) => size))].sort((a, b) => a - b);
  const { place, places, labels, apart, margin } = axisOf(sizes, names.length), last = places.length - 1;
  const look = lookOf(names);
  const points = (of: (one: Drawn) => Banded | null): Point[] =>
    summaries.flatMap((one) => {
      const banded = of(one), x = place(one.size) - margin + apart * names.indexOf(one.contender);
      return banded === null ? [] : [{ ...banded, size: x, contender: one.contender }];
    });
  const panel = (label: string, shown: Point[], more: Record<string, unknown> = {}, under: unknown[] = []) => {
    const ends = shown.flatMap(({ value, low, high }) => [value, low, high].filter(Number.isFinite));
    const least = Math.min(...ends), room = least === Math.max(...ends) ? Math.abs(least) / 10 || 1 : 0;
    return Plot.plot({
      document,
      width,
      height,
      marginLeft: 52,
      marginBottom: 40,
      marginTop: 28,
      x: {
        label: `number of ${rowsAre}`,
        labelAnchor: "center",
        ticks: places,
        tickFormat: (x: number) => labels.get(x),
        ...last >= 0 && { domain: [places[0] - margin, places[last] + margin] },
      },
      // An axis of one number has no room for its label.
      y: { label, nice: true, grid: true, ...room > 0 && { domain: [least - room, least + room] }, ...more },
      ...look,
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
  };
  const lineAt = (y: number, text: string) => [
    Plot.ruleY([y], { stroke: "#a02c3f", strokeDasharray: "4,3" }),
    Plot.text([text], { frameAnchor: "right", y, dy: -7, dx: -4, fill: "#a02c3f", textAnchor: "end" }),
  ];
  const same = against === undefined ? [] : lineAt(0, against), less = against === undefined ? "" : ", difference";
  const panels = [
    panel(`${performance}${less}`, ...cut(points((one) => one.performance)), same),
    panel(
      `rate of solutions${less}`,
      points(({ solutions }) => solutions),
      against === undefined ? { domain: [0, 1] } : {},
      same,
    ),
    panel(
      `rate of broken promises${less}`,
      points(({ broken }) => broken),
      {},
      against === undefined ? lineAt(delta, `delta ${delta}`) : same,
    ),
  ];
  const whole = width * panels.length, { legend, lines } = legendOf(names, whole, Plot, document);
  const placed = panels.map((svg, i) => `<g transform="translate(${i * width},${line * lines})">${bare(svg)}</g>`).join("");
  const what = against === undefined ? "" : `, less those of ${against}`;
  const name = `Performance, rate of solutions and rate of broken promises of ${names.join(", ")}${what}, with ${
    100 * confidence
  } % bands`;
  return framed(bare(legend) + placed, whole, height + line * lines, name);
}

/** The colour and the symbol of each contender. A second round of colours has other symbols. */
function lookOf(names: readonly string[]) {
  return {
    color: { domain: names, range: names.map((_, i) => colours[i % colours.length]) },
    symbol: { domain: names, range: names.map((_, i) => symbols[(i + Math.floor(i / colours.length)) % symbols.length]) },
  };
}

/**
 * The logarithmic axis of sizes. Contenders stand side by side, so that bars do not hide each other, but nearer to their own size
 * than to the next: `apart` from each other, the first and the last `margin` from the size.
 */
function axisOf(sizes: readonly number[], contenders: number) {
  // A logarithmic axis of Plot's chooses which labels to leave out.
  const place = Math.log10, places = sizes.map(place), last = places.length - 1;
  const nearest = Math.min(...places.slice(1).map((x, i) => x - places[i]));
  const apart = last < 1 ? 0.01 : Math.min(step * (places[last] - places[0]) / inner, 0.6 * nearest / contenders);
  return { place, places, labels: labelsOf(sizes, place), apart, margin: apart * (contenders - 1) / 2 };
}

/** The names of contenders beside their symbols, in as many lines as they need. */
function legendOf(names: readonly string[], whole: number, Plot: Plotting["Plot"], document: Plotting["document"]) {
  let end = 8, lines = 1;
  const entries = names.map((name) => {
    const wide = 36 + 6.6 * name.length;
    if (end > 8 && end + wide > whole) [end, lines] = [8, lines + 1];
    end += wide;
    return { name, x: end - wide, y: 0.6 - lines, contender: name };
  });
  const legend = Plot.plot({
    document,
    width: whole,
    height: line * lines,
    margin: 0,
    x: { axis: null, domain: [0, whole] },
    y: { axis: null, domain: [-lines, 0] },
    ...lookOf(names),
    marks: [
      Plot.dot(entries, { x: "x", y: "y", z: "name", stroke: "contender", fill: "white", symbol: "contender", r: 4 }),
      Plot.text(entries, { x: "x", y: "y", text: "name", textAnchor: "start", dx: 10 }),
    ],
  });
  return { legend, lines };
}

/**
 * Bars that end at most as far from the values as these are apart, and the axis for them: the band of two models may be wider than
 * all else.
 */
function cut(points: Point[]): [points: Point[], axis: { domain?: [number, number] }] {
  const values = points.map(({ value }) => value), [least, most] = [Math.min(...values), Math.max(...values)];
  if (!(most > least)) return [points, {}];
  const within = (end: number) => Math.min(Math.max(end, 2 * least - most), 2 * most - least);
  const bars = points.map((one) => ({ ...one, low: within(one.low), high: within(one.high) }));
  const ends = bars.flatMap(({ value, low, high }) => [value, low, high].filter(Number.isFinite));
  return [bars, { domain: [Math.min(...ends), Math.max(...ends)] }];
}

/** The labels of places on the axis of sizes, from left to right those with room. */
function labelsOf(sizes: readonly number[], place: (size: number) => number): Map<number, string> {
  const labels = new Map<number, string>(), [first, last] = [sizes[0], sizes.at(-1)!].map(place);
  const room = (last - first) / inner;
  let end = -Infinity;
  for (const size of sizes) {
    const text = size.toLocaleString("en"), half = (3.2 * text.length + 3) * room, x = place(size);
    labels.set(x, x - half < end ? "" : text);
    if (x - half >= end) end = x + half;
  }
  return labels;
}

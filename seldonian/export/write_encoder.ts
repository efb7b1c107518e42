import type { Scale } from "../encoding/scales.ts";
import { type Graph, type Node, trees } from "./graph.ts";
import { OfRows } from "./lengths.ts";

/** The number of rows. */
export const rows: OfRows = new OfRows(1, 0);

/** What an encoder makes of columns. */
interface Encoded {
  /** [rows, width], float32. */
  features: Node;
  /** Whether a value is missing that the encoder does not replace, [rows, 1], bool; none, if it replaces all. */
  missing: string | undefined;
}

/** The columns of an encoder as inputs of a model, [rows, 1] each: numbers as float64, texts as strings. */
export function columnInputs(scales: readonly Scale[]): Node[] {
  return scales.map((scale) => ({ name: scale.name, type: "categories" in scale ? "string" : "float64", shape: [rows, 1] }));
}

/** Writes an encoder: the same arithmetic, in float64 and then rounded to float32. */
export function writeEncoder(graph: Graph, scales: readonly Scale[]): Encoded {
  const parts: string[] = [], missing: string[] = [];
  let width = 0;
  for (let i = 0; i < scales.length;) {
    const scale = scales[i];
    if ("categories" in scale) {
      const index = indexOf(graph, scale), { categories } = scale, places = categories.map((_, k) => k);
      if (!known(scale)) missing.push(graph.add("Equal", [index, graph.constant("int64", [-2], [1, 1])]));
      parts.push(graph.cast(graph.add("Equal", [index, graph.constant("int64", places, [1, places.length])]), "float32"));
      width += categories.length;
      i++;
      continue;
    }
    // Neighbouring columns of numbers are scaled together.
    const last = scales.findIndex((other, k) => k > i && "categories" in other), end = last < 0 ? scales.length : last;
    const numbers = scales.slice(i, end) as Exclude<Scale, { categories: unknown }>[];
    const row = (value: (of: typeof numbers[number]) => number) =>
      graph.constant("float64", numbers.map(value), [1, numbers.length]);
    const joined = numbers.length === 1 ? scale.name : graph.add("Concat", numbers.map(({ name }) => name), { axis: 1 });
    const filled = graph.add("Where", [graph.add("IsNaN", [joined]), row(({ missing = NaN }) => missing), joined]);
    const unknown = graph.cast(graph.add("IsNaN", [filled]), "float32");
    if (numbers.some(({ missing }) => missing === undefined)) {
      missing.push(graph.cast(graph.add("ReduceMax", [unknown], { axes: [1] }), "bool"));
    }
    // A constant column is 0: any number divided by infinity.
    const deviation = row(({ deviation }) => deviation === 0 ? Infinity : deviation);
    parts.push(graph.cast(graph.add("Div", [graph.add("Sub", [filled, row(({ mean }) => mean)]), deviation]), "float32"));
    width += numbers.length;
    i = end;
  }
  const name = parts.length === 1 ? parts[0] : graph.add("Concat", parts, { axis: 1 });
  return {
    features: { name, type: "float32", shape: [rows, width] },
    missing: missing.length === 0 ? undefined : missing.reduce((some, other) => graph.add("Or", [some, other])),
  };
}

type Levels = Extract<Scale, { categories: unknown }>;

function known({ categories, missing }: Levels): boolean {
  return missing !== undefined || categories.includes("");
}

/** The number of each text's category: -1 for a new one, -2 for a missing text that nothing replaces. */
function indexOf(graph: Graph, scale: Levels): string {
  const { name, categories, missing = "" } = scale, place = new Map(categories.map((category, i) => [category, i]));
  const empty = place.get("") ?? (known(scale) ? place.get(missing) ?? -1 : -2);
  const keys = [...categories.filter((category) => category !== ""), ""];
  return graph.add("LabelEncoder", [name], {
    keys_strings: keys,
    values_int64s: keys.map((key) => key === "" ? empty : place.get(key)!),
    default_int64: -1,
  }, trees);
}

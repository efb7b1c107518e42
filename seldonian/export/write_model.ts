import { Tensor } from "../../autodiff/mod.ts";
import type { Module } from "../../nn/module.ts";
import type { Fitted, Scale } from "../encoding/scales.ts";
import { version } from "../version.ts";
import { Graph, modelFile, type Node, type Type } from "./graph.ts";
import type { Length } from "./lengths.ts";
import { traced } from "./trace.ts";
import { columnInputs, rows, writeEncoder } from "./write_encoder.ts";
import { writeOperations } from "./write_operations.ts";

/** What to write beside a model. */
export interface Written {
  /** The encoding of its rows; `undefined`: its inputs are features. */
  fitted: Fitted | undefined;
  /** Rows like those of the model; `undefined`: rows that the encoding could make. */
  example: Tensor | Readonly<Record<string, Tensor>> | undefined;
  /** Whether decisions are an output. */
  decides: boolean;
}

/** A model as the bytes of a file. */
export function writeModel(model: Module, { fitted, example, decides }: Written): Uint8Array<ArrayBuffer> {
  const rowsLike = example ?? likely(fitted!.scales), alone = rowsLike instanceof Tensor;
  const tensors = alone ? [rowsLike] : Object.values(rowsLike), names = alone ? ["features"] : Object.keys(rowsLike);
  const plain = tensors.map(({ dtype, shape: [, ...rest] }, i): Node => ({
    name: names[i],
    type: dtype as Type,
    shape: [rows, ...rest],
  }));
  const inputs = fitted === undefined ? plain : columnInputs(fitted.scales), graph = new Graph(inputs.map(({ name }) => name));
  if (inputs.some(({ name }) => name === "")) {
    throw new RangeError("Cannot export a column without a name: ONNX has none; give it one before the encoder is made");
  }
  const encoded = fitted && writeEncoder(graph, fitted.scales);
  const trace = traced(
    (count) => tensors.map((x) => x.take(Array.from({ length: count }, (_, i) => (i + count) % x.shape[0]))),
    (given) => model.forward(alone ? given[0] : Object.fromEntries(names.map((name, i) => [name, given[i]]))),
  );
  const output = writeOperations(graph, trace, encoded === undefined ? plain : [encoded.features]);
  const outputs = outputsOf(graph, output, encoded?.missing, decides, new Set(inputs.map(({ name }) => name)));
  const label = fitted?.encoding.label,
    classes = typeof label === "object" ? { classes: JSON.stringify(label.classes) } : undefined;
  return modelFile(graph.message("model", inputs, outputs), version, { ...classes });
}

/** Rows that an encoder could make: ends of columns, and categories. */
function likely(scales: readonly Scale[]): Tensor {
  const x = Array.from({ length: 7 }, (_, row) =>
    scales.flatMap((scale) => {
      if ("categories" in scale) return scale.categories.map((_, k) => +(row % scale.categories.length === k));
      const { mean, deviation, low = mean, high = mean } = scale;
      return [deviation === 0 ? 0 : ((row % 2 === 0 ? low : high) - mean) / deviation];
    }));
  return Tensor.from(Float32Array.from(x.flat()), [x.length, x[0].length]);
}

/** Writes what becomes of the model's output: none for refused rows, and decisions. */
function outputsOf(
  graph: Graph,
  { name, type, shape }: Node,
  missing: string | undefined,
  decides: boolean,
  taken: ReadonlySet<string>,
): Node[] {
  const [count, ...rest] = shape, named = (wanted: string): string => taken.has(wanted) ? named(`${wanted}_`) : wanted;
  if (!(typeof count === "object" && count.times === 1 && count.plus === 0)) {
    throw new RangeError("Cannot export the model: its output has no axis of rows; wanted [rows, …]");
  }
  const refused = missing && graph.reshape(missing, [rows, ...rest.map(() => 1)]);
  const kept = refused === undefined ? name : graph.add("Where", [refused, graph.constant(type, [NaN], []), name]);
  const output: Node = { name: graph.add("Identity", [kept], {}, undefined, [named("output")]), type, shape };
  return decides ? [output, { name: decision(graph, output, named("decision")), type: "int64", shape: [rows] }] : [output];
}

function decision(graph: Graph, { name, type, shape }: Node, as: string): string {
  const classes: Length = shape[1] ?? 1;
  if (shape.length > 2 || type === "int32") {
    throw new RangeError(
      `Cannot export decisions of an output with ${shape.length} axes, ${type}: wanted probabilities [rows, classes]`,
    );
  }
  const chosen = classes === 1
    ? graph.cast(graph.add("GreaterOrEqual", [name, graph.constant(type, [0.5], [])]), "int64")
    : graph.add("ArgMax", [name], { axis: 1, keepdims: 0 });
  const broken = graph.cast(graph.add("IsNaN", [name]), "float32");
  const any = shape.length === 1 ? broken : graph.add("ReduceMax", [broken], { axes: [1], keepdims: 0 });
  return graph.add(
    "Where",
    [
      graph.cast(any, "bool"),
      graph.constant("int64", [-1], []),
      classes === 1 ? graph.reshape(chosen, [rows]) : chosen,
    ],
    {},
    undefined,
    [as],
  );
}

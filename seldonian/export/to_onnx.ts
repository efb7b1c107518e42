import { Tensor } from "../../autodiff/mod.ts";
import { checkArgument, checkOptions, type Kind, type Known, truth } from "../../autodiff/options.ts";
import { sizeOf } from "../../autodiff/shape.ts";
import { modelKind, type Module } from "../../nn/module.ts";
import type { Scale } from "../encoding/scales.ts";
import { Encoder } from "../preparation/encoder.ts";
import { version } from "../version.ts";
import { Graph, modelFile, type Node, type Type } from "./graph.ts";
import type { Length } from "./lengths.ts";
import { traced } from "./trace.ts";
import { columnInputs, rows, writeEncoder } from "./write_encoder.ts";
import { writeOperations } from "./write_operations.ts";

/** Options of {@link toOnnx}. */
export interface OnnxOptions {
  /** The encoder that made the model's features: its columns become the inputs, as the table has them. */
  encoder?: Encoder;
  /**
   * Rows like those of the model, a tensor [rows, …] or several by name; their shape becomes that of the input, without an
   * encoder. Their numbers only show that the model's operations do not depend on them. Needed without an encoder.
   */
  example?: Tensor | Readonly<Record<string, Tensor>>;
  /**
   * Whether to add the output `decision`, for a classifier whose test had rates "decided": the most probable class, or class 1 at
   * a probability of 0.5 or more, as `model.decide(x)` gives it. Default false.
   */
  decides?: boolean;
}

const given: Kind = {
  type: "object",
  wanted: "a tensor [rows, …], or several by name",
  holds: (value) => {
    const tensors = value instanceof Tensor ? [value] : Object.values(value ?? {});
    return tensors.length > 0 && tensors.every((one) => one instanceof Tensor && one.rank > 0 && one.shape[0] > 0);
  },
};
const known: Known<OnnxOptions> = {
  encoder: { type: "object", wanted: "an Encoder, as from prepare()", holds: (value) => value instanceof Encoder },
  example: given,
  decides: truth,
};

/**
 * A model as a file of ONNX, which other languages run. The model's `forward` is traced through the operations of tensors, so that
 * modules of your own are exported like those of `nn`; the number of rows stays open. Layers are in evaluation mode.
 *
 * Inputs: with an encoder, a column each, [rows, 1], numbers as float64 and texts as strings, NaN or "" where a value is missing;
 * otherwise `features` [rows, …], or the example's names. Outputs: `output`, as `model.forward` gives it, and with `decides`
 * `decision` [rows], int64. A row that the encoder refuses, for a missing value that nothing replaces, has the output NaN and the
 * decision -1.
 *
 * @example
 * ```ts
 * import { nn, tensor } from "@seldonian/kit";
 * import { toOnnx } from "@seldonian/kit/export";
 * const model = nn.initialize(new nn.LogisticRegression(2), 0);
 * const file = toOnnx(model, { example: tensor([[0, 1], [2, 3]]), decides: true });
 * console.log(file.length > 500); // true
 * ```
 * @throws {RangeError} for an operation without a counterpart in ONNX, with its name; for a model that reads values, draws random
 * numbers or does other operations for other numbers of rows; and beyond 2 GB
 */
export function toOnnx(model: Module, options: OnnxOptions = {}): Uint8Array<ArrayBuffer> {
  const { encoder, example, decides = false } = checkOptions("export a model", options, known);
  checkArgument("export a model", "the model", model, modelKind);
  if (encoder === undefined && example === undefined) {
    throw new TypeError(
      "Cannot export a model without knowing its rows: wanted encoder, or example, such as data.candidate's rows",
    );
  }
  const width = encoder?.featureNames.length;
  if (width !== undefined && example !== undefined && !(example instanceof Tensor && example.shape[1] === width)) {
    throw new RangeError(
      `Cannot export a model with an example of other rows than its encoder's: wanted a tensor [rows, ${width}]`,
    );
  }
  const rowsLike = example ?? likely(encoder!.scales), alone = rowsLike instanceof Tensor;
  const tensors = alone ? [rowsLike] : Object.values(rowsLike), names = alone ? ["features"] : Object.keys(rowsLike);
  const plain = tensors.map(({ dtype, shape: [, ...rest] }, i): Node => ({
    name: names[i],
    type: dtype as Type,
    shape: [rows, ...rest],
  }));
  const inputs = encoder === undefined ? plain : columnInputs(encoder.scales), graph = new Graph(inputs.map(({ name }) => name));
  if (inputs.some(({ name }) => name === "")) {
    throw new RangeError("Cannot export a column without a name: ONNX has none; give it one before the encoder is made");
  }
  const encoded = encoder === undefined ? undefined : writeEncoder(graph, encoder.scales);
  const trace = traced(
    (count) => tensors.map((tensor) => rowsOf(tensor, count)),
    (given) => model.forward(alone ? given[0] : Object.fromEntries(names.map((name, i) => [name, given[i]]))),
  );
  const output = writeOperations(graph, trace, encoded === undefined ? plain : [encoded.features]);
  const outputs = outputsOf(graph, output, encoded?.missing, decides, new Set(inputs.map(({ name }) => name)));
  const classes: Record<string, string> = typeof encoder?.encoding.label === "object"
    ? { classes: JSON.stringify(encoder.encoding.label.classes) }
    : {};
  return modelFile(graph.message("model", inputs, outputs), version, classes);
}

/** So many rows of a tensor, others for another number. */
function rowsOf(tensor: Tensor, count: number): Tensor {
  const [size, ...rest] = tensor.shape,
    width = sizeOf(rest),
    { data } = tensor,
    found = data.slice(0, 0).constructor as Float32ArrayConstructor;
  return Tensor.from(
    found.from({ length: count * width }, (_, i) => data[((Math.floor(i / width) + count) % size) * width + i % width]),
    [
      count,
      ...rest,
    ],
  );
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

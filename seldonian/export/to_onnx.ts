import { Tensor } from "../../autodiff/mod.ts";
import { checkArgument, checkOptions, type Kind, type Known, truth } from "../../autodiff/options.ts";
import { modelKind, type Module } from "../../nn/module.ts";
import { Encoder } from "../preparation/encoder.ts";
import { writeModel } from "./write_model.ts";

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
 * custom modules are exported like those of `nn`; the number of rows stays open. Layers are in evaluation mode.
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
  return writeModel(model, { fitted: encoder, example, decides });
}

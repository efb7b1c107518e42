import { checkArgument, checkOptions, type Known, needed, record, text, whole } from "../../autodiff/options.ts";
import type { Module } from "../../nn/module.ts";
import { DataSet, type Source } from "../data/data_set.ts";
import { sha256 } from "../data/digest.ts";
import { printable } from "../printable.ts";
import { Certificate, type CertificateParts, type Files } from "../report/certificate.ts";
import { madeHere } from "../report/made.ts";
import { evidenceOf, Passed } from "../report/result.ts";
import { checkRows } from "./check_rows.ts";
import { type Comparison, comparison } from "./comparison.ts";
import { encodedIn, exampleIn } from "./encoded_in.ts";
import { writeModel } from "./write_model.ts";

/** Options of {@link exportOnnx}. */
export interface ExportOptions {
  /**
   * Rows like those of the model, such as `data.candidate`: never safety data. If they were encoded from a table, as by `prepare()`,
   * the encoder is in the file, whose inputs are the table's columns; it must be that of the safety data.
   */
  data: DataSet;
  /** The name that the file will have; default "model.onnx". */
  file?: string;
  /** The most rows to compare on; default: all. 0: no comparison. */
  rows?: number;
  /** Other files beside the certificate, by name; it names their digests. */
  files?: Files;
}

const known: Known<ExportOptions> = {
  data: needed({ type: "object", wanted: "a DataSet, such as data.candidate", holds: (value) => value instanceof DataSet }),
  file: text,
  rows: whole(0),
  files: record,
};

/** A model's file, and the certificate that names it. */
export interface Exported {
  /** The file, to be written under the name that the certificate has. */
  onnx: Uint8Array<ArrayBuffer>;
  /** The certificate, with the digest of the file, and the greatest difference found. */
  certificate: Certificate;
}

/**
 * A model that passed its test as a file of ONNX, see {@link toOnnx}, and its certificate, which names the file. Where the package
 * `onnxruntime-web` can be loaded, the file is run on the given rows and compared with the model. For rates "decided" the file
 * has the decisions, too; those that are drawn at random depend on the kit's generator, and are not in it.
 *
 * @example
 * ```ts
 * import { nn, split, DataSet, train } from "@seldonian/kit";
 * import { exportOnnx } from "@seldonian/kit/export";
 * const features = Array.from({ length: 400 }, (_, i) => [Math.sin(7.1 * i)]);
 * const data = split(new DataSet({ features, labels: features.map(([x]) => x > 0 ? 1 : 0) }));
 * const result = await train({
 *   data,
 *   model: new nn.LogisticRegression(1),
 *   objective: nn.logLoss,
 *   constraints: [{ text: "ACC >= 0.6", delta: 0.05 }],
 *   optimizer: { thetaRate: 0.1, epochs: 50 },
 * });
 * if (!result.passed) throw new Error(`${result}`);
 * const { onnx, certificate } = await exportOnnx(result, { data: data.candidate, rows: 0 });
 * console.log(onnx.length > 0, certificate.exported!.file); // true model.onnx
 * ```
 * @throws {RangeError} as {@link toOnnx}; for safety data, and rows of another encoder; for a name that
 * another file beside the certificate has; and if the file's outputs or decisions are not the model's
 */
export async function exportOnnx(result: Passed<Module>, options: ExportOptions): Promise<Exported> {
  checkOptions("export a model", options, known);
  checkArgument("export a model", "the result", result, {
    type: "object",
    wanted: "a result that passed",
    holds: (value) => value instanceof Passed,
  });
  const tested = evidenceOf(result).problem.sets.all.map(({ data }) => data);
  return await exportCertified(result.model, await result.certificate(options.files), tested, options);
}

/**
 * The same for a model with its certificate.
 * @param tested the data of its test, the main one first
 * @throws {TypeError} for a signed certificate, whose signature would be of another text
 * @throws {RangeError} as {@link exportOnnx}
 */
export async function exportCertified(
  model: Module,
  { sha256: _, signature, ...stated }: CertificateParts,
  tested: readonly Source[],
  { data, file = "model.onnx", rows = data.size }: ExportOptions,
): Promise<Exported> {
  if (signature !== undefined) {
    throw new TypeError("Cannot add a file to a certificate that is signed: export the model first, then sign");
  }
  if (Object.hasOwn(stated.files, file)) {
    throw new RangeError(printable(`Cannot export a model as ${file}: the certificate names another file so; give file a name`));
  }
  const decides = stated.test.rates === "decided", encoded = encodedIn(data), example = exampleIn(data);
  await checkRows(data, tested);
  const onnx = writeModel(model, { fitted: encoded?.encoder, example, decides });
  const found: Comparison | null = rows === 0 ? null : await comparison({ onnx, model, data, encoded, decides, rows });
  const exported = {
    file,
    digest: await sha256(onnx),
    made: madeHere(),
    rows: found?.rows ?? 0,
    greatestDifference: found?.greatestDifference ?? null,
    decisionsThatDiffer: found?.decisionsThatDiffer ?? 0,
  };
  const { exported: __, ...parts } = stated, whole = { ...parts, exported };
  return { onnx, certificate: new Certificate({ ...whole, sha256: await sha256(JSON.stringify(whole)) }) };
}

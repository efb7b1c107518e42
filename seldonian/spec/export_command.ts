import { join } from "node:path";
import { checkArgument, whole } from "../../autodiff/options.ts";
import * as nn from "../../nn/mod.ts";
import { digestOf, sha256 } from "../data/digest.ts";
import { exportCertified } from "../export/export_onnx.ts";
import type { Encoder } from "../preparation/encoder.ts";
import { printable } from "../printable.ts";
import type { Certificate } from "../report/certificate.ts";
import { sealedCertificate } from "../report/found_in.ts";
import { bytes, jsonFile, jsonText } from "./files.ts";
import { problemIn } from "./problem_in.ts";
import { openRunFolder } from "./run_folder.ts";
import { savedModel } from "./saved_model.ts";

/**
 * Writes the model of a run as a file of ONNX into its folder, and a certificate that names it. It is compared with the model on
 * the candidate data of the spec that the certificate names.
 * @param rows the most rows to compare on
 * @throws {RangeError} for a number of rows that is none, and files of another run
 */
export async function exportCommand(
  { folder, rows }: { folder: string; rows: number | undefined },
  print: (line: string) => void,
): Promise<boolean> {
  const at = (name: string) => join(folder, name);
  if (rows !== undefined) checkArgument("export a model", "--rows", rows, whole(0));
  // A misspelt name makes no folder.
  await bytes(at("certificate.json"));
  const run = await openRunFolder(folder);
  try {
    const { spec, ...given } = await jsonFile(at("certificate.json")), certificate = await sealedCertificate(given);
    if (typeof spec !== "string") {
      throw new RangeError(`Cannot export ${folder}: its certificate names no spec to read its data by`);
    }
    const problem = await problemIn(at(spec)), { data, encoder, model } = problem, file = at("model.safetensors");
    const refuse = (what: string) => {
      throw new RangeError(printable(`Cannot export ${folder}: ${what} of ${at(spec)} is not that of the run; train again`));
    };
    if (await sha256(jsonText(encoder)) !== certificate.files["encoder.json"]) refuse("the data");
    // The same encoder may come of another division of the rows, with tested ones among the candidates.
    if (await digestOf(data.safety) !== certificate.data.sha256) refuse("the safety data");
    // The file of numbers does not say what is computed of them, such as whether a sigmoid.
    const described = savedModel(problem.spec, data, encoder, problem.table);
    if (await sha256(jsonText(described)) !== certificate.files["model.json"]) refuse("the model");
    nn.load(model, await bytes(file));
    if (await sha256(nn.save(model)) !== certificate.model.sha256) {
      throw new RangeError(printable(`Cannot export ${folder}: ${file} is not the model that the certificate names`));
    }
    const found = await exportCertified(model, certificate, [data.safety], { data: data.candidate, rows });
    await run.change({ "model.onnx": found.onnx, "certificate.json": jsonText({ spec, ...found.certificate }) });
    told(found.certificate, { folder, rows, encoder }, print);
    return true;
  } finally {
    run.close();
  }
}

/** Says what was written, how it was compared, and what the file wants. */
function told(
  { exported, test }: Certificate,
  { folder, rows, encoder: { scales } }: { folder: string; rows: number | undefined; encoder: Encoder },
  print: (line: string) => void,
): void {
  print(`Written to ${folder}: model.onnx, certificate.json`);
  const { rows: compared, greatestDifference, decisionsThatDiffer } = exported!;
  print(
    compared === 0
      ? "Not compared with the model" + (rows === 0 ? "" : ": npm's onnxruntime-web cannot be loaded, or may not read its files")
      : `Compared with the model on ${compared.toLocaleString("en")} rows: outputs differ by at most ${greatestDifference}` +
        (test.rates === "decided" ? `, decisions in ${decisionsThatDiffer} rows` : ""),
  );
  print(
    `Inputs: ${scales.map((scale) => `${scale.name} (${"categories" in scale ? "text" : "number"})`).join(", ")}`,
  );
}

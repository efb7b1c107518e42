import { join } from "node:path";
import type { Module } from "../../nn/module.ts";
import { save } from "../../nn/safetensors.ts";
import { sha256 } from "../data/digest.ts";
import type { Encoder } from "../preparation/encoder.ts";
import { printable } from "../printable.ts";
import type { CertificateParts } from "../report/certificate.ts";
import { digestsOf } from "../report/certify.ts";
import { testedReports } from "../report/found_in.ts";
import { readCertificate } from "../report/read_certificate.ts";
import { signatureDifferences } from "../report/differences.ts";
import { bytes, parsedJson, useArithmetic } from "../spec/files.ts";
import { loadedModel, type SavedModel } from "../spec/saved_model.ts";
import { taskOfModel } from "../spec/assemble.ts";
import type { Task } from "../tasks/task.ts";

/** A model that passed its test, with everything that was certified with it. */
export interface Run {
  /** The certificate of the test. */
  certificate: CertificateParts;
  /** The certified model. */
  model: Module;
  /** The encoder that was trained with it. */
  encoder: Encoder;
  /** Its label, classes, groups and columns. */
  saved: SavedModel;
  task: Task;
  /** SHA-256 of what the certificate says of the test; unlike its own, an export does not change it. */
  tested: string;
}

/** The files that a server needs. */
const needed = ["encoder.json", "model.json", "model.safetensors"] as const;

/**
 * Reads what `train --out` wrote.
 * @param publicKey the expected signer's, as for `verify()`
 * @throws {RangeError} if a file is missing, if a file, the model or the signature is not that of the certificate, if the test
 * failed, and for a promise of clusters or for other populations
 */
export async function openRun(folder: string, publicKey?: CryptoKey): Promise<Run> {
  const refused = (why: string, cure = "a server needs a run as it was written, so train again") =>
    new RangeError(printable(`Cannot serve ${folder}: ${why}; ${cure}`));
  const text = (content: Uint8Array) => new TextDecoder().decode(content);
  const { spec: _, ...named } = parsedJson(join(folder, "certificate.json"), text(await bytes(join(folder, "certificate.json"))));
  const certificate = readCertificate(named), { sha256: seal, signature, ...stated } = certificate;
  if (await sha256(JSON.stringify(stated)) !== seal) throw refused("the certificate's SHA-256 is not its own");
  if (signature !== undefined || publicKey !== undefined) {
    const [difference] = await signatureDifferences(seal, signature, publicKey);
    if (difference !== undefined) throw refused(difference);
  }
  if (!stated.found.passed) throw refused("its safety test failed, so that nothing is promised");
  // A cluster counts once, when all of its outcomes are known, and nothing says when that is.
  if (testedReports(stated).some(({ clustered }) => clustered)) {
    throw refused(
      "its promise is of clusters, each of which counts once, and outcomes come row by row, so that nothing says when one is complete",
      "decide in a program by model.decide(), and add whole clusters to a Monitor of @seldonian/kit/monitoring; or train again " +
        "without groupBy, on one row of each cluster",
    );
  }
  const unnamed = needed.find((name) => !Object.hasOwn(stated.files, name));
  if (unnamed !== undefined) throw refused(`the certificate does not name ${unnamed}`);
  const files: Record<string, Uint8Array> = {};
  for (const name of needed) files[name] = await bytes(join(folder, name));
  const digests = await digestsOf(files), changed = needed.find((name) => digests[name] !== stated.files[name]);
  if (changed !== undefined) throw refused(`${changed} is not the file that the certificate names`);
  const json = (name: string) => parsedJson(join(folder, name), text(files[name]));
  const { saved, encoder, model } = loadedModel(json("model.json"), json("encoder.json"), files["model.safetensors"]);
  if (await sha256(save(model)) !== stated.model.sha256) throw refused("the model is not that of the certificate");
  await useArithmetic(stated.made);
  const { exported: _exported, ...test } = stated;
  return { certificate, model, encoder, saved, task: taskOfModel(saved.model), tested: await sha256(JSON.stringify(test)) };
}

import { existsSync } from "node:fs";
import { join } from "node:path";
import { sha256 } from "../data/digest.ts";
import type { CardOptions } from "../export/card.ts";
import { modelCard } from "../export/model_card.ts";
import { printable } from "../printable.ts";
import { replaceFile } from "../records/replace_file.ts";
import { bytes, jsonFile, jsonText } from "./files.ts";
import { specIn } from "./problem_in.ts";
import { cardFiles, openRunFolder, retestFile, runFiles } from "./run_folder.ts";
import type { SavedModel } from "./saved_model.ts";

/**
 * Writes the model card of a run into its folder. Settings of training come from the spec that the certificate names.
 * @param about a file with what only the author can say
 */
export async function cardCommand(
  { folder, about }: { folder: string; about?: string },
  print: (line: string) => void,
): Promise<boolean> {
  const at = (name: string) => join(folder, name), { spec, ...certificate } = await jsonFile(at("certificate.json"));
  const own = about === undefined ? {} : await jsonFile(about) as CardOptions;
  const digests = (certificate.files ?? {}) as Record<string, string>;
  for (const name of runFiles) {
    if (!(name in digests) || await sha256(await bytes(at(name))) === digests[name]) continue;
    throw new RangeError(printable(`Cannot make a model card: ${at(name)} is not the file that the certificate names`));
  }
  const result = "result.json" in digests ? await jsonFile(at("result.json")) : undefined;
  const { spec: _, from: __, ...again } = existsSync(at(retestFile)) ? await jsonFile(at(retestFile)) : {};
  const retest = "format" in again ? again : undefined;
  const known = typeof spec === "string" ? await settingsIn(at(spec), spec) : {};
  // The certificate vouches for what the run says of its model; nothing does for the spec.
  const saved = "model.json" in digests ? describedIn(await jsonFile(at("model.json"))) : {};
  const { json, html } = await modelCard(certificate as never, { result, retest, ...known, ...saved, ...own });
  const run = await openRunFolder(folder), contents = [html, jsonText(json)];
  try {
    for (const [i, name] of cardFiles.entries()) await replaceFile(at(name), contents[i]);
  } finally {
    run.close();
  }
  print(`Written to ${folder}: ${cardFiles.join(", ")}`);
  return true;
}

/** What a run says of its model. */
function describedIn({ model, label }: Partial<SavedModel>): Pick<CardOptions, "classes" | "type"> {
  return { type: model?.kind, classes: typeof label === "object" ? label.classes.map(String) : [] };
}

/** What a spec says of training. No digest stands for the spec, so the card says where it is from. */
async function settingsIn(file: string, name: string): Promise<Pick<CardOptions, "classes" | "settings" | "type">> {
  const spec = await specIn(file);
  const { data: { label }, model, objective, optimizer, safetyFraction, seed, candidates, tune, device } = spec;
  const settings = Object.entries({ model, objective, optimizer, safetyFraction, seed, candidates, tune, device });
  return {
    type: model.kind,
    settings: Object.fromEntries([...settings.filter(([, value]) => value !== undefined), ["read from", name]]),
    ...(typeof label === "object" && { classes: label.classes.map(String) }),
  };
}

import { save } from "../../nn/safetensors.ts";
import type { Module } from "../../nn/module.ts";
import { DataSet, type Source } from "../data/data_set.ts";
import { digestOf, sha256 } from "../data/digest.ts";
import type { Measure } from "../constraints/measure.ts";
import { printable } from "../printable.ts";
import { type SafetyReport, safetyTest } from "../safety_test.ts";
import { shiftText } from "../shift/shift.ts";
import type { CertificateParts, CertifiedData, Files } from "./certificate.ts";
import { digestsOf, plainly } from "./certify.ts";
import { compareParts, comparing, madeElsewhere, signatureDifferences } from "./differences.ts";
import type { Made } from "./made.ts";
import { plannedAgain, unreadable } from "./planned_again.ts";
import { promiseDifferences, type WantedPromise } from "./promise_differences.ts";
import { readCertificate } from "./read_certificate.ts";

/** The result of `verify()`. */
export interface Verification {
  /** Whether everything matches the certificate, its test passed, and it is of the wanted promise, if one is given. */
  valid: boolean;
  /** What does not match; empty if it is valid. */
  differences: string[];
  /** What the test assumes and neither data nor model can show: the word of its author, whom a signature identifies. */
  assumed: string[];
  /** What computed the test; with other arithmetic or another version, last digits may differ. */
  made: Made;
  /** The test as repeated here, for `explain()`; left out if model, data or files differ. */
  report?: SafetyReport;
}

/** The options of `verify()`. */
export interface VerifyOptions {
  /** The safety data of other data sets, by name. */
  others?: Readonly<Record<string, Source>>;
  /** Custom measures in the constraints. */
  measures?: readonly Measure[];
  /** The expected signer's public key. Without it, the key in the signature is used, which does not show whose it is. */
  publicKey?: CryptoKey;
  /**
   * The promise that you want kept, as for `train()`: each of its constraints must have been tested at its delta or less, and
   * other options that are given must be those of the test. A promise without `shift` is one for the population that the data is
   * from. Without it, see the report for what was promised.
   */
  promise?: WantedPromise;
  /** The files that stand beside the certificate, by name, to compare with the digests that it names. */
  files?: Files;
}

/** What `verify()` does with checked options. */
export async function verification(
  certificate: unknown,
  model: Module,
  data: Source,
  { others = {}, measures = [], publicKey, promise, files }: VerifyOptions,
): Promise<Verification> {
  const { sha256: seal, signature, ...stated } = readCertificate(certificate), { made } = stated, differences: string[] = [];
  const compare = comparing(differences);
  compare("the certificate's own SHA-256", await sha256(JSON.stringify(stated)), seal);
  if (signature !== undefined || publicKey !== undefined) {
    differences.push(...await signatureDifferences(seal, signature, publicKey));
  }
  compare("the model's SHA-256", await sha256(save(model)), stated.model.sha256);
  const { exported } = stated, digests = exported ? { ...stated.files, [exported.file]: exported.digest } : stated.files;
  if (files !== undefined) compareParts("the SHA-256 of the file", await digestsOf(files), digests, compare, " ");
  const compareData = async (whose: string, found: Source | undefined, wanted: CertifiedData | undefined) => {
    compare(`the number of rows of ${whose}`, found?.size, wanted?.rows);
    compare(`the SHA-256 of ${whose}`, found && await digestOf(found), wanted?.sha256);
  };
  await compareData("the data", data, stated.data);
  for (const name of new Set([...Object.keys(stated.others), ...Object.keys(others)])) {
    await compareData(`the data "${name}"`, others[name], stated.others[name]);
  }
  const unnamed = [...stated.test.independent, ...stated.test.paired].find((name) => !Object.hasOwn(stated.others, name));
  if (unnamed !== undefined) throw unreadable(`it has no data "${unnamed}"`);
  const assumed = assumptionsOf({ ...stated, files: digests }, data, files !== undefined).map(printable);
  // A test of other data or another model would show nothing.
  if (differences.length > 0) return { valid: false, differences, assumed, made };
  if (exported !== undefined && data instanceof DataSet && madeElsewhere(exported.made).length === 0) {
    const { filesOf } = await import("../export/files_of.ts"), again = filesOf(model, data, stated.test.rates === "decided");
    if (!(await Promise.all(again.map(sha256))).includes(exported.digest)) {
      differences.push(printable(`${exported.file} is not the file that this model makes`));
    }
  }
  const plan = plannedAgain(stated.test, measures);
  if (promise !== undefined) differences.push(...promiseDifferences(plan, stated.test, promise, measures));
  const report = await safetyTest({
    model,
    data,
    others,
    independent: stated.test.independent,
    paired: stated.test.paired,
    plan,
    constraints: [],
  });
  const { passed, constraints } = report, kept = differences.length;
  compare("the key of the order of rows", constraints[0].order, stated.test.order.key);
  compareParts("", plainly({ passed, constraints }), stated.found, compare);
  if (differences.length > kept) differences.splice(kept, 0, ...madeElsewhere(made));
  if (!passed) differences.push("the safety test failed, so that nothing is promised");
  return { valid: differences.length === 0, differences, assumed, made, report };
}

/** The assumptions of a test that cannot be checked. */
function assumptionsOf(
  { files, exported, test: { ranges, independent, paired, constraints, shift } }: Pick<
    CertificateParts,
    "exported" | "files" | "test"
  >,
  data: Source,
  compared: boolean,
): string[] {
  const beside = Object.keys(files).join(", ");
  const declared = Object.entries(ranges).map(([name, [low, high]]) => `the values of ${name} lie in [${low}, ${high}]`);
  const several = constraints.some(({ formulas }) => formulas.some(({ shares }) => shares.length > 1));
  return [
    `the safety data had no part in making the model, and its rows are independent draws of ${
      shift === undefined ? "the world to come" : "each group, as it is in the world to come"
    }`,
    ...(shift === undefined ? [] : [`in the world to come, ${shiftText(shift)}`]),
    ...independent.map((name) => `the rows of "${name}" are independent of the data's`),
    ...paired.map((name) => `the rows of "${name}" belong to the data's one by one`),
    ...data.exclusive.map((columns) => `nobody can be in two of ${columns.join(", ")}`),
    ...declared,
    ...(compared || beside === "" ? [] : [`the files beside it are those that it names: ${beside}`]),
    ...(exported === undefined ? [] : [
      ...(data instanceof DataSet && madeElsewhere(exported.made).length === 0
        ? []
        : [`${exported.file} is made of the model, by version ${exported.made.version}`]),
      exported.greatestDifference === null
        ? `${exported.file} computes what the model does: nobody compared them`
        : `the outputs of ${exported.file} differed from the model's by ${exported.greatestDifference} at most, on ${exported.rows} rows`,
    ]),
    ...(several ? ["which formulas are tested, and how delta is shared, was chosen on candidate data"] : []),
  ];
}

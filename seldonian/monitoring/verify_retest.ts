import { checkArgument, checkOptions, type Known, list, record } from "../../autodiff/options.ts";
import { type Module, requireModel } from "../../nn/module.ts";
import type { Source } from "../data/data_set.ts";
import { counted } from "../counted.ts";
import { digestOf } from "../data/digest.ts";
import { checkSource } from "../data/given_kinds.ts";
import { type CertificateParts, key } from "../report/certificate.ts";
import { plainly } from "../report/certify.ts";
import { compareParts, comparing, madeElsewhere, signatureDifferences } from "../report/differences.ts";
import { promiseDifferences } from "../report/promise_differences.ts";
import type { Verification, VerifyOptions } from "../report/verification.ts";
import { checkWanted } from "../report/verify.ts";
import { afterLook, promisedBy, sampleOf, sequencesOf, shownBy } from "./look.ts";
import { areSame, keysIn, keysText } from "./look_keys.ts";
import { rowsUnknown } from "./retest_report.ts";
import { modelDigest, readRetest, spentBy } from "./retest_certificate.ts";
import type { FormulaState } from "./sequence.ts";

/** The options of {@link verifyRetest}: those of `verify()` that a test in sequence has. */
export type VerifyRetestOptions = Pick<VerifyOptions, "measures" | "promise" | "publicKey">;

const known: Known<VerifyRetestOptions> = { measures: list, promise: record, publicKey: key };

/**
 * Repeats every look of a test in sequence: checks that model and rows are those in the certificate, that no look has rows of an
 * earlier one, that every figure is the same to the last bit, and that it has passed. Formulas and deltas follow from the plan's texts.
 * @param looks the rows of each look, in order
 * @throws {RangeError} unless it is a certificate as it was written
 */
export async function verifyRetest(
  given: unknown,
  model: Module,
  looks: readonly Source[],
  options: VerifyRetestOptions = {},
): Promise<Verification> {
  const { measures = [], promise, publicKey } = checkOptions("verify", options, known),
    differences: string[] = [],
    compare = comparing(differences);
  if (promise !== undefined) checkWanted(promise);
  requireModel("verify", model);
  checkArgument("verify", "the list of looks", looks, list);
  for (const [i, one] of looks.entries()) checkSource(one, `look ${i + 1}`);
  const certificate = await readRetest(given), { plan, before, made } = certificate, promised = promisedBy(plan, measures);
  const { sha256, signature } = certificate;
  if (signature !== undefined || publicKey !== undefined) {
    differences.push(...await signatureDifferences(sha256, signature, publicKey));
  }
  compare("the model's SHA-256", await modelDigest(model), certificate.model.sha256);
  compare("the delta that all tests have spent", spentBy(before, plan), certificate.spent);
  compare("the number of looks", looks.length, certificate.looks.length);
  const earlier = before.flatMap(({ looks }) => looks.map(keysIn));
  const spent = new Set(earlier.flatMap((keys) => [...keys])), digests = new Set<string>();
  for (const { looks } of before) for (const { sha256 } of looks) digests.add(sha256);
  for (const [i, wanted] of certificate.looks.entries()) {
    compare(`the number of rows of look ${i + 1}`, looks[i]?.size, wanted.rows);
    compare(`the SHA-256 of look ${i + 1}`, looks[i] && await digestOf(looks[i]), wanted.sha256);
    const keys = looks[i] && await keysText(looks[i]), rows = keysIn({ keys: keys ?? null });
    compare(`whether the keys of look ${i + 1} are those of its rows`, keys === wanted.keys, true);
    const again = rows.filter((key) => spent.has(key)).length;
    if (digests.has(wanted.sha256) || earlier.some((one) => areSame(one, rows))) {
      differences.push(`look ${i + 1} has exactly the rows of an earlier look or test`);
    } else if (wanted.repeats !== "keep" && again > 0) {
      differences.push(`${counted(again, "row")} of look ${i + 1} equal rows of earlier looks or tests, and count for nothing`);
    }
    for (const key of rows) spent.add(key);
    digests.add(wanted.sha256);
    earlier.push(rows);
    compare(`whether look ${i + 1} has divided strata`, looks[i]?.hasStrata, wanted.stratified);
  }
  const assumed = [
    "no row had a part in making the model, and rows are independent draws of the world to come",
    ...certificate.looks.flatMap(({ repeats }, i) =>
      repeats === "keep" ? [`rows of look ${i + 1} that equal earlier ones are others that look alike`] : []
    ),
    ...(before.some(({ model }) => model === null) ? ["the earlier test was of this model"] : []),
    ...(before.some(rowsUnknown) ? ["no row was in an earlier test whose rows are not known here"] : []),
    "the plan stood before the first look",
    before.length === 0
      ? "the model was not tested before"
      : `tests of the model before were no others than the ${before.length} named`,
  ];
  // A test of other rows or another model would show nothing.
  if (differences.length > 0) return { valid: false, differences, assumed, made };
  let states: FormulaState[][][] = [], rows = 0, found = { passed: false, constraints: [] as unknown[] };
  for (const data of looks) {
    const sample = await sampleOf(model, data, promised), sequences = sequencesOf(promised, sample);
    states = afterLook(sequences, states, sample, plan);
    rows += data.size;
    const constraints = shownBy(promised, sequences, states, rows);
    found = { passed: constraints.every(({ passed }) => passed), constraints };
  }
  compareParts("states", plainly(states), certificate.states, compare);
  compareParts("", plainly(found), certificate.found, compare);
  if (differences.length > 0) differences.unshift(...madeElsewhere(made));
  if (promise !== undefined) {
    // The bound is the sequence's own.
    const { bound: _, ...wanted } = promise, test = { ...plan, bound: "sequence", independent: [], paired: [] };
    differences.push(...promiseDifferences(promised, test as unknown as CertificateParts["test"], wanted, measures));
  }
  if (!found.passed) differences.push("the test in sequence has not passed, so that nothing is promised yet");
  return { valid: differences.length === 0, differences, assumed, made };
}

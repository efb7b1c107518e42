import type { Module } from "../../nn/module.ts";
import type { Measure } from "../constraints/measure.ts";
import type { Promised } from "../constraints/promise.ts";
import type { Source } from "../data/data_set.ts";
import { digestOf } from "../data/digest.ts";
import { plainly } from "../report/certify.ts";
import { afterLook, promisedBy, sampleOf, sequencesOf, shownBy } from "./look.ts";
import { modelDigest, readRetest } from "./retest_certificate.ts";
import type { RetestCertificate } from "./retest_kinds.ts";
import type { FormulaState } from "./sequence.ts";

/** Compares what is found with what is wanted. */
export type Compare = (what: string, found: unknown, wanted: unknown) => void;

/**
 * Repeats every look of a test in sequence. Formulas and deltas follow from the plan's texts.
 * @param looks the rows of each look, in order
 * @param compare receives what was computed here and what the certificate says; `inside` does so for each value inside of two
 * @returns the certificate with its promises, and what rests on somebody's word
 * @throws {RangeError} unless it is a certificate as it was written
 */
export async function verifyRetest(
  given: unknown,
  model: Module,
  looks: readonly Source[],
  { measures, compare, inside, differs }: {
    measures: readonly Measure[];
    compare: Compare;
    inside: (place: string, found: unknown, wanted: unknown) => void;
    differs: () => boolean;
  },
): Promise<{ certificate: RetestCertificate; promised: Promised[]; assumed: string[] }> {
  const certificate = await readRetest(given), { plan, before } = certificate, promised = promisedBy(plan, measures);
  compare("the model's SHA-256", await modelDigest(model), certificate.model.sha256);
  compare("the number of looks", looks.length, certificate.looks.length);
  for (const [i, wanted] of certificate.looks.entries()) {
    compare(`the number of rows of look ${i + 1}`, looks[i]?.size, wanted.rows);
    compare(`the SHA-256 of look ${i + 1}`, looks[i] && await digestOf(looks[i]), wanted.sha256);
    compare(`whether look ${i + 1} has divided strata`, looks[i]?.hasStrata, wanted.stratified);
  }
  const assumed = [
    "no row had a part in making the model, no row is in two looks, and rows are independent draws of the world to come",
    "the plan stood before the first look",
    before.length === 0
      ? "the model was not tested before"
      : `tests of the model before were no others than the ${before.length} named`,
  ];
  // A test of other rows or another model would show nothing.
  if (differs()) return { certificate, promised, assumed };
  let states: FormulaState[][][] = [], rows = 0, found = { passed: false, constraints: [] as unknown[] };
  for (const data of looks) {
    const sample = await sampleOf(model, data, promised), sequences = sequencesOf(promised, sample);
    states = afterLook(sequences, states, sample, plan);
    rows += data.size;
    const constraints = shownBy(promised, sequences, states, rows);
    found = { passed: constraints.every(({ passed }) => passed), constraints };
  }
  inside("states", plainly(states), certificate.states);
  inside("", plainly(found), certificate.found);
  return { certificate, promised, assumed };
}

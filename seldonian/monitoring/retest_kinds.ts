import type { PromiseOptions } from "../problem/stated.ts";
import type { CertifiedData, Signature } from "../report/certificate.ts";
import type { Made } from "../report/made.ts";
import type { FormulaSeen, Guesses } from "./sequence.ts";

/** A test in sequence as it was planned, before any of its rows was seen. */
export interface RetestPlan {
  /** The constraints as texts, each with the delta that all looks spend together. */
  constraints: { text: string; delta: number }[];
  /** Whether outputs are judged, or decisions. */
  rates: "expected" | "decided";
  /** How formulas follow from texts. */
  analysis: "conjunctive" | "interval";
  /** Declared ranges of values, by measure. */
  ranges: Record<string, [number, number]>;
  /** Means of measures on other rows: candidate data, or an earlier test. They make the test faster, and no less valid. */
  guesses: Guesses;
}

/** Rows that were looked at together, as far as they are known. */
export interface SeenRows {
  /** SHA-256 of their shape, names and rows in order. */
  sha256: string;
  /** The keys of the rows, 8 bytes each, in base64, by which equal rows are found again; `null`: not known. */
  keys: string | null;
}

/** A test of the same model that was made before. */
export interface Attempt {
  /** "fixed": one test of rows whose number was fixed; "sequence": one in sequence. */
  kind: "fixed" | "sequence";
  /** The number of its rows, if known. */
  rows: number | null;
  /** Its greatest delta, which it has spent. */
  delta: number;
  /** Whether it passed. */
  passed: boolean;
  /** SHA-256 of its certificate, if it has one. */
  certificate: string | null;
  /** SHA-256 of the model that it tested; `null`: not known, and the caller's word. */
  model: string | null;
  /** Its rows, which are spent; none, if nothing is known of them. */
  looks: SeenRows[];
}

/** A formula that must be at most 0, as the looks show it. */
export interface RetestedFormula extends FormulaSeen {
  /** Its text. */
  text: string;
  /** Its part of delta. */
  delta: number;
}

/** A constraint, as the looks show it. */
export interface RetestedConstraint {
  /** As stated. */
  text: string;
  /** The probability with which a model that breaks it ever passes. */
  delta: number;
  /** Whether it has passed at some look. */
  passed: boolean;
  /** Its formulas. */
  formulas: RetestedFormula[];
}

/** Rows that were looked at together. */
export interface Look extends CertifiedData {
  /** Whether a split divided strata for the rows, so that they are not quite independent. */
  stratified: boolean;
  /** What became of rows that equal a row seen before. */
  repeats: Repeats;
  /** The keys of its rows. */
  keys: string;
}

/**
 * What becomes of rows that equal a row seen before: "refuse" is an error, "drop" leaves them out, and "keep" counts them, as others
 * that look alike.
 */
export type Repeats = "refuse" | "drop" | "keep";

/** A test in sequence as JSON: the plan, what was looked at, and what it has shown. Everything that another look needs. */
export interface RetestCertificate {
  /** The format's version. */
  format: "seldonian retest 1";
  /** What computed the last look. */
  made: Made;
  /** SHA-256 of the model's parameters, as a safetensors file. */
  model: { sha256: string };
  /** The plan. */
  plan: RetestPlan;
  /** SHA-256 of model and plan, which stood before the first look. */
  planned: string;
  /** Earlier tests of the model. */
  before: Attempt[];
  /** The sum of the greatest deltas of those tests and this one, at most 1: that none of them errs is sure with 1 less this. */
  spent: number;
  /** The looks, in order. */
  looks: Look[];
  /** By constraint, way to keep it, and formula: sums over the rows, for the kit. Empty before the first look. */
  states: unknown[][][];
  /** What is shown; NaN and infinities as text. */
  found: { passed: boolean; constraints: unknown };
  /** SHA-256 of all of the above. */
  sha256: string;
  /** The author's signature, if any: see `signRetest()`. */
  signature?: Signature;
}

/** What may be planned of a test in sequence. */
export type PlannedOptions = Pick<PromiseOptions, "constraints" | "measures" | "rates" | "analysis" | "ranges">;

import { checkArgument, checkOptions, type Kind, type Known, needed, record } from "../../autodiff/options.ts";
import { inspect } from "../../autodiff/show.ts";
import { printable } from "../printable.ts";
import type { Problem } from "../problem/problem.ts";
import type { PromiseOptions } from "../problem/stated.ts";
import type { SafetyReport } from "../safety_test.ts";
import { type Shift, shiftText } from "../shift/shift.ts";
import type { Made } from "./made.ts";

/** The inputs and results of a safety test. */
export interface Evidence {
  /** How constraints are bounded. */
  options: PromiseOptions;
  /** The problem on the safety data, with the tested formulas and their deltas. */
  problem: Problem;
  /** Seeds the order of rows. */
  seed: number;
  /** The results. */
  report: Pick<SafetyReport, "passed" | "constraints">;
  /** What computed them. */
  made: Made;
}

/** The files that a certificate names, by name. */
export type Files = Readonly<Record<string, string | Uint8Array>>;

/** A safety test as JSON: everything that another person needs to repeat it from the model's file and the safety data. */
export interface CertificateParts {
  /** The format's version. */
  format: "seldonian certificate 3";
  /** What computed the test. */
  made: Made;
  /** SHA-256 of the model's parameters, as a safetensors file. */
  model: { sha256: string };
  /** SHA-256 of the files beside it, by name. */
  files: Readonly<Record<string, string>>;
  /** SHA-256 of the safety data: its shape, names and rows in order. */
  data: CertifiedData;
  /** The same for other data sets in constraints, by name. */
  others: Readonly<Record<string, CertifiedData>>;
  /** What was tested, and how. */
  test: {
    /** The seed of training, which also draws decisions from probabilities. */
    seed: number;
    /** How the order of rows was drawn; a repeated test computes it again. */
    order: { by: string; key: string };
    analysis: "conjunctive" | "interval";
    rates: "expected" | "decided";
    /** A family of bounds, or "auto"; or one for each of some measures. */
    bound: string | Record<string, string>;
    ranges: Record<string, [number, number]>;
    /** Data sets declared independent of the main one. */
    independent: string[];
    /** Data sets declared to be paired with the main one, row by row. */
    paired: string[];
    /** The populations that the promise is for; left out: the one that the data is from. */
    shift?: Shift;
    constraints: { text: string; delta: number; bound?: string | Record<string, string>; formulas: CertifiedFormula[] }[];
  };
  /** The test's results, as `safetyTest()` reports them; NaN and infinities as text. */
  found: { passed: boolean; constraints: unknown };
  /** The model as another program runs it, if it was exported. */
  exported?: CertifiedExport;
  /** SHA-256 of all of the above. It shows that nothing was changed since, but not who wrote it. */
  sha256: string;
  /** The author's signature, if any. */
  signature?: Signature;
}

/** A signature of the hexadecimal digits of a certificate's `sha256`. */
export interface Signature {
  /** RFC 8032. */
  algorithm: "Ed25519";
  /** The signer's key, 64 hexadecimal digits. */
  publicKey: string;
  /** The signature, 128 hexadecimal digits. */
  value: string;
}

export const key: Kind = {
  type: "object",
  wanted: 'an Ed25519 key, as from crypto.subtle.generateKey("Ed25519", true, ["sign", "verify"])',
  holds: (value) => (value as Partial<CryptoKey> | null)?.algorithm?.name === "Ed25519",
};
const pair: Known<CryptoKeyPair> = { privateKey: needed(key), publicKey: needed(key) };

/** A certificate that can be signed. `verify()` reads its JSON. */
export class Certificate implements CertificateParts {
  readonly format = "seldonian certificate 3";
  readonly made: Made;
  readonly model: CertificateParts["model"];
  readonly files: CertificateParts["files"];
  readonly data: CertifiedData;
  readonly others: Readonly<Record<string, CertifiedData>>;
  readonly test: CertificateParts["test"];
  readonly found: CertificateParts["found"];
  readonly exported?: CertifiedExport;
  readonly sha256: string;
  readonly signature?: Signature;

  /** A certificate from its parts. */
  constructor(parts: CertificateParts) {
    checkArgument("make a certificate", "the parts", parts, record);
    const { made, model, files, data, others, test, found, exported, sha256, signature } = parts;
    this.made = made;
    this.model = model;
    this.files = files;
    this.data = data;
    this.others = others;
    this.test = test;
    this.found = found;
    if (exported !== undefined) this.exported = exported;
    this.sha256 = sha256;
    if (signature !== undefined) this.signature = signature;
  }

  /** What `console.log` shows: what was promised, of which model, on which data. JSON has everything. */
  [inspect](): string {
    const { found: { passed }, test: { constraints, rates, shift }, data: { rows }, model: { sha256 }, made: { version } } = this;
    return [
      `Certificate of a safety test that ${passed ? "passed" : "failed"}${this.signature === undefined ? "" : ", signed"}`,
      ...constraints.map(({ text, delta }) =>
        `  ${printable(text)}, delta ${delta}, of ${rates === "decided" ? "decisions" : "outputs"}`
      ),
      ...(shift === undefined ? [] : [`  for populations where ${printable(shiftText(shift))}`]),
      `  on ${rows} rows, of the model with SHA-256 ${sha256}, by version ${version}`,
    ].join("\n");
  }

  /**
   * The same certificate with a signature: a digest shows that nothing changed, a signature shows who vouches for it.
   * @param keys an Ed25519 key pair from WebCrypto: `await crypto.subtle.generateKey("Ed25519", true, ["sign", "verify"])`
   */
  async sign(keys: CryptoKeyPair): Promise<Certificate> {
    return new Certificate({ ...this, signature: await signatureOf(this.sha256, keys) });
  }
}

/** The signature of a certificate's digest. */
export async function signatureOf(sha256: string, keys: CryptoKeyPair): Promise<Signature> {
  const { privateKey, publicKey } = checkOptions("sign", keys, pair);
  const value = await crypto.subtle.sign("Ed25519", privateKey, new TextEncoder().encode(sha256));
  const raw = await crypto.subtle.exportKey("raw", publicKey);
  return { algorithm: "Ed25519", publicKey: digits(raw), value: digits(value) };
}

/** Bytes as hexadecimal digits. */
function digits(bytes: ArrayBuffer): string {
  return Array.from(new Uint8Array(bytes), (byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** The bytes of hexadecimal digits. */
export function bytesIn(digits: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.from({ length: digits.length / 2 }, (_, i) => Number.parseInt(digits.slice(2 * i, 2 * i + 2), 16));
}

/** The data of a test. */
export interface CertifiedData {
  /** The number of rows. */
  rows: number;
  /** SHA-256 of shape, names and rows. */
  sha256: string;
}

/** A formula that must be at most 0 for its constraint to hold. */
export interface CertifiedFormula {
  /** Its text; the formula must be at most 0. */
  text: string;
  /** The probability that its test may be wrong. */
  delta: number;
  /** Whether to bound it as one statistic, instead of measure by measure. */
  asOne: boolean;
  /** The share of delta for the bounds of each measure. */
  shares: { measure: string; lower?: number; upper?: number }[];
}

/** A file of ONNX, made of the certified model, and how it was compared with the model. */
export interface CertifiedExport {
  /** Its name. */
  file: string;
  /** SHA-256 of the file. */
  digest: string;
  /** What made it. */
  made: Made;
  /** The number of rows on which both were compared; 0: they were not. */
  rows: number;
  /** The greatest difference between numbers of their outputs on these rows; `null` without rows. */
  greatestDifference: number | null;
  /** Rows on which they decide differently: all of them closer than 1e-6 to a threshold. */
  decisionsThatDiffer: number;
}

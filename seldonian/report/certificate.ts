import { arithmeticHere } from "../../autodiff/kernels/in_use.ts";
import { checkArgument, checkOptions, type Kind, type Known, needed, record } from "../../autodiff/options.ts";
import { save } from "../../nn/safetensors.ts";
import type { Module } from "../../nn/module.ts";
import type { Bound } from "../bounds/bound.ts";
import type { Source } from "../data/data_set.ts";
import { digestOf, sha256 } from "../data/digest.ts";
import type { Problem } from "../problem/problem.ts";
import type { PromiseOptions } from "../problem/stated.ts";
import type { SafetyReport } from "../safety_test.ts";
import { nonFiniteAsText } from "../records/log.ts";
import { version } from "../version.ts";
import { plannedAgain } from "./planned_again.ts";

/** The order of rows, as certificates describe it; `data/test_order.ts` computes it. */
export const orderedBy =
  "rows sorted by a hash of each row and of how many equal ones come before it, under a key that is a hash of all rows in the order given";

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

/** What computed a test, as far as last digits depend on it. */
export interface Made {
  /** The kit's version. */
  version: string;
  /** The kernels and the kind of convolutions, such as "SIMD, fast convolutions". */
  arithmetic: string;
}

/** What computes here. */
export function madeHere(): Made {
  return { version, arithmetic: arithmeticHere() };
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
    constraints: { text: string; delta: number; formulas: CertifiedFormula[] }[];
  };
  /** The test's results, as `safetyTest()` reports them; NaN and infinities as text. */
  found: { passed: boolean; constraints: unknown };
  /** SHA-256 of all of the above. It shows that nothing was changed since, but not who wrote it. */
  sha256: string;
  /** The author's signature, if any: Ed25519 (RFC 8032), of the hexadecimal digits of `sha256`. */
  signature?: { algorithm: "Ed25519"; publicKey: string; value: string };
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
  readonly sha256: string;
  readonly signature?: NonNullable<CertificateParts["signature"]>;

  /** A certificate from its parts. */
  constructor(parts: CertificateParts) {
    checkArgument("make a certificate", "the parts", parts, record);
    const { made, model, files, data, others, test, found, sha256, signature } = parts;
    this.made = made;
    this.model = model;
    this.files = files;
    this.data = data;
    this.others = others;
    this.test = test;
    this.found = found;
    this.sha256 = sha256;
    if (signature !== undefined) this.signature = signature;
  }

  /**
   * The same certificate with a signature: a digest shows that nothing changed, a signature shows who vouches for it.
   * @param keys an Ed25519 key pair from WebCrypto: `await crypto.subtle.generateKey("Ed25519", true, ["sign", "verify"])`
   */
  async sign(keys: CryptoKeyPair): Promise<Certificate> {
    const { privateKey, publicKey } = checkOptions("sign", keys, pair);
    const value = await crypto.subtle.sign("Ed25519", privateKey, new TextEncoder().encode(this.sha256));
    const raw = await crypto.subtle.exportKey("raw", publicKey);
    return new Certificate({ ...this, signature: { algorithm: "Ed25519", publicKey: digits(raw), value: digits(value) } });
  }
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

/**
 * The certificate of a safety test.
 * @throws {TypeError} for a custom bound
 * @throws {ConstraintError} for a measure that is not in `measures`
 */
export async function certify(
  model: Module,
  { options, problem, seed, report, made }: Evidence,
  files: Files = {},
): Promise<Certificate> {
  const { analysis = "conjunctive", rates = "expected", bound = "auto", ranges = {}, independent = [], paired = [] } = options;
  const named = namesOf(bound), { main, others } = await problem.sets.mapInTurn(({ data }) => certified(data));
  const stated = {
    format: "seldonian certificate 3" as const,
    made,
    model: { sha256: await sha256(save(model)) },
    files: await digestsOf(files),
    data: main,
    others,
    test: {
      seed,
      order: { by: orderedBy, key: report.constraints[0].order },
      analysis,
      rates,
      bound: named,
      ranges: Object.fromEntries(
        Object.entries(ranges).map(([name, [low, high]]): [string, [number, number]] => [name, [low, high]]),
      ),
      independent: [...independent],
      paired: [...paired],
      constraints: problem.promises.map(({ constraint, delta, ways: [way] }) => ({
        text: `${constraint}`,
        delta,
        formulas: way.map(({ g, delta, asOne, shares }) => ({
          text: `${g}`,
          delta,
          asOne,
          shares: shares.map(({ leaf, lower, upper }) => ({
            measure: `${leaf}`,
            ...(lower !== undefined && { lower }),
            ...(upper !== undefined && { upper }),
          })),
        })),
      })),
    },
  };
  // A constraint built in code may have a measure that no text can name.
  plannedAgain(stated.test, options.measures);
  const { passed, constraints } = report, found = plainly({ passed, constraints }) as CertificateParts["found"];
  return new Certificate({ ...stated, found, sha256: await sha256(JSON.stringify({ ...stated, found })) });
}

/** SHA-256 of files, by name. */
export async function digestsOf(files: Files): Promise<Record<string, string>> {
  const names = Object.keys(files).sort();
  return Object.fromEntries(await Promise.all(names.map(async (name) => [name, await sha256(files[name])] as const)));
}

async function certified(data: Source): Promise<CertifiedData> {
  return { rows: data.size, sha256: await digestOf(data) };
}

/** The names of families of bounds. @throws {TypeError} for a custom one */
function namesOf(bound: NonNullable<PromiseOptions["bound"]>): string | Record<string, string> {
  if (typeof bound === "string") return bound;
  const own = "upper" in bound ? bound : Object.values(bound).find((choice) => typeof choice !== "string");
  if (own === undefined) return { ...bound as Record<string, string> };
  throw new TypeError(`Cannot certify a test by a custom Bound, "${(own as Bound).name}": use a family by its name`);
}

/** The value as JSON represents it. */
export function plainly(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value, nonFiniteAsText));
}

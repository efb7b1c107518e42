import { checkArgument, checkOptions, type Kind, type Known, list, needed, record } from "../../autodiff/options.ts";
import { save } from "../../nn/safetensors.ts";
import { type Module, requireModel } from "../../nn/module.ts";
import * as v from "../../deps.ts";
import type { Bound } from "../bounds/bound.ts";
import { families } from "../bounds/mod.ts";
import type { Promised } from "../constraints/promise.ts";
import type { Source } from "../data/data_set.ts";
import { checkSource } from "../data/given_kinds.ts";
import { digestOf, sha256 } from "../data/digest.ts";
import type { Measure } from "../constraints/measure.ts";
import type { Problem } from "../problem/problem.ts";
import { promises } from "../problem/promises.ts";
import type { PromiseOptions } from "../problem/stated.ts";
import { type SafetyReport, safetyTest } from "../safety_test.ts";
import { nonFiniteAsText } from "../records/log.ts";

/** The order of rows, as certificates describe it; `data/test_order.ts` computes it. */
const orderedBy =
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
}

/** A safety test as JSON: everything that another person needs to repeat it from the model's file and the safety data. */
export interface CertificateParts {
  /** The format's version. */
  format: "seldonian certificate 2";
  /** SHA-256 of the model's safetensors file. */
  model: { sha256: string };
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

const key: Kind = {
  type: "object",
  wanted: 'an Ed25519 key, as from crypto.subtle.generateKey("Ed25519", true, ["sign", "verify"])',
  holds: (value) => (value as Partial<CryptoKey> | null)?.algorithm?.name === "Ed25519",
};
const pair: Known<CryptoKeyPair> = { privateKey: needed(key), publicKey: needed(key) };

/** A certificate that can be signed. `verify()` reads its JSON. */
export class Certificate implements CertificateParts {
  readonly format = "seldonian certificate 2";
  readonly model: CertificateParts["model"];
  readonly data: CertifiedData;
  readonly others: Readonly<Record<string, CertifiedData>>;
  readonly test: CertificateParts["test"];
  readonly found: CertificateParts["found"];
  readonly sha256: string;
  readonly signature?: NonNullable<CertificateParts["signature"]>;

  /** A certificate from its parts. */
  constructor(parts: CertificateParts) {
    checkArgument("make a certificate", "the parts", parts, record);
    const { model, data, others, test, found, sha256, signature } = parts;
    this.model = model;
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

function bytesIn(digits: string): Uint8Array<ArrayBuffer> {
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

/** The result of {@link verify}. */
export interface Verification {
  /** Whether everything matches the certificate. */
  valid: boolean;
  /** What does not match the certificate; empty if it is valid. */
  differences: string[];
  /** What the test assumes and neither data nor model can show: the word of its author, whom a signature identifies. */
  assumed: string[];
}

/**
 * The certificate of a safety test.
 * @throws {TypeError} for a custom bound
 * @throws {ConstraintError} for a measure that is not in `measures`
 */
export async function certify(model: Module, { options, problem, seed, report }: Evidence): Promise<Certificate> {
  const { analysis = "conjunctive", rates = "expected", bound = "auto", ranges = {}, independent = [], paired = [] } = options;
  const named = namesOf(bound), { main, others } = await problem.sets.mapInTurn(({ data }) => certified(data));
  const stated = {
    format: "seldonian certificate 2" as const,
    model: { sha256: await sha256(save(model)) },
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

async function certified(data: Source): Promise<CertifiedData> {
  return { rows: data.size, sha256: await digestOf(data) };
}

/**
 * Repeats the safety test of a certificate: checks that model and data are those in the certificate, and that every figure is the
 * same to the last bit. With another version of the kit, figures may differ in their last digits.
 * @param model with the parameters of the model's file, as loaded by `nn.load(model, bytes)`
 * @param data the safety data
 * @param options `others`: the safety data of other data sets in constraints, by name; `measures`: custom measures in the
 * constraints, which JSON cannot contain
 * @throws {RangeError} unless it is a certificate
 */
export async function verify(
  certificate: unknown,
  model: Module,
  data: Source,
  options: VerifyOptions = {},
): Promise<Verification> {
  const { others = {}, measures, publicKey } = checkOptions("verify", options, verifying);
  requireModel("verify", model);
  checkSource(data);
  for (const [name, other] of Object.entries(others)) checkSource(other, name);
  const { sha256: seal, signature, ...stated } = read(certificate), differences: string[] = [];
  const compare = (what: string, found: unknown, wanted: unknown) => {
    if (found !== wanted) differences.push(`${what} is ${found}, and the certificate says ${wanted}`);
  };
  compare("the certificate's own SHA-256", await sha256(JSON.stringify(stated)), seal);
  if (signature !== undefined || publicKey !== undefined) {
    differences.push(...await signatureDifferences(seal, signature, publicKey));
  }
  compare("the model's SHA-256", await sha256(save(model)), stated.model.sha256);
  const compareData = async (whose: string, found: Source | undefined, wanted: CertifiedData | undefined) => {
    compare(`the number of rows of ${whose}`, found?.size, wanted?.rows);
    compare(`the SHA-256 of ${whose}`, found && await digestOf(found), wanted?.sha256);
  };
  await compareData("the data", data, stated.data);
  for (const name of new Set([...Object.keys(stated.others), ...Object.keys(others)])) {
    await compareData(`the data "${name}"`, others[name], stated.others[name]);
  }
  const assumed = assumptionsOf(stated.test, data);
  // A test of other data or another model would show nothing.
  if (differences.length > 0) return { valid: false, differences, assumed };
  const { passed, constraints } = await safetyTest({
    model,
    data,
    others,
    independent: stated.test.independent,
    paired: stated.test.paired,
    plan: plannedAgain(stated.test, measures),
    constraints: [],
  });
  compare("the key of the order of rows", constraints[0].order, stated.test.order.key);
  collect("", plainly({ passed, constraints }), stated.found, compare);
  return { valid: differences.length === 0, differences, assumed };
}

/** The assumptions of a test that cannot be checked. */
function assumptionsOf({ ranges, independent, paired, constraints }: CertificateParts["test"], { exclusive }: Source): string[] {
  const declared = Object.entries(ranges).map(([name, [low, high]]) => `the values of ${name} lie in [${low}, ${high}]`);
  const several = constraints.some(({ formulas }) => formulas.some(({ shares }) => shares.length > 1));
  return [
    "the safety data had no part in making the model, and its rows are independent draws of the world to come",
    ...independent.map((name) => `the rows of "${name}" are independent of the data's`),
    ...paired.map((name) => `the rows of "${name}" belong to the data's one by one`),
    ...exclusive.map((columns) => `nobody can be in two of ${columns.join(", ")}`),
    ...declared,
    ...(several ? ["which formulas are tested, and how delta is shared, was chosen on candidate data"] : []),
  ];
}

/** The faults of a signature. */
async function signatureDifferences(
  seal: string,
  signature: CertificateParts["signature"],
  publicKey: CryptoKey | undefined,
): Promise<string[]> {
  if (signature === undefined) return ["the certificate is not signed, and a public key is given to check its signature with"];
  const raw = bytesIn(signature.publicKey),
    key = publicKey ?? await crypto.subtle.importKey("raw", raw, "Ed25519", true, ["verify"]);
  const signed = await crypto.subtle.verify("Ed25519", key, bytesIn(signature.value), new TextEncoder().encode(seal));
  return signed
    ? []
    : [`the signature is not one of ${publicKey === undefined ? "the key that the certificate names" : "this key"}`];
}

/** The options of {@link verify}. */
export interface VerifyOptions {
  /** The safety data of other data sets, by name. */
  others?: Readonly<Record<string, Source>>;
  /** Custom measures in the constraints. */
  measures?: readonly Measure[];
  /** The expected signer's public key. Without it, the key in the signature is used, which does not show whose it is. */
  publicKey?: CryptoKey;
}

const verifying: Known<VerifyOptions> = { others: record, measures: list, publicKey: key };

/** @throws {RangeError} unless it is a certificate, with the place */
function read(given: unknown): CertificateParts {
  const hash = v.pipe(v.string(), v.regex(/^[0-9a-f]{64}$/, "wanted 64 hexadecimal digits"));
  const data = v.strictObject({ rows: v.number(), sha256: hash });
  const share = v.strictObject({ measure: v.string(), lower: v.optional(v.number()), upper: v.optional(v.number()) });
  const formula = v.strictObject({ text: v.string(), delta: v.number(), asOne: v.boolean(), shares: v.array(share) });
  const { success, output, issues } = v.safeParse(
    v.strictObject({
      format: v.literal("seldonian certificate 2"),
      model: v.strictObject({ sha256: hash }),
      data,
      others: v.record(v.string(), data),
      test: v.strictObject({
        seed: v.number(),
        order: v.strictObject({ by: v.literal(orderedBy), key: v.string() }),
        analysis: v.picklist(["conjunctive", "interval"]),
        rates: v.picklist(["expected", "decided"]),
        bound: v.union([v.string(), v.record(v.string(), v.string())]),
        ranges: v.record(v.string(), v.tuple([v.number(), v.number()])),
        independent: v.array(v.string()),
        paired: v.array(v.string()),
        constraints: v.array(v.strictObject({ text: v.string(), delta: v.number(), formulas: v.array(formula) })),
      }),
      found: v.strictObject({ passed: v.boolean(), constraints: v.unknown() }),
      sha256: hash,
      signature: v.optional(v.strictObject({
        algorithm: v.literal("Ed25519"),
        publicKey: v.pipe(v.string(), v.regex(/^[0-9a-f]{64}$/, "wanted 64 hexadecimal digits")),
        value: v.pipe(v.string(), v.regex(/^[0-9a-f]{128}$/, "wanted 128 hexadecimal digits")),
      })),
    }),
    given instanceof Certificate ? { ...given } : given,
  );
  if (success) return output;
  const [{ path, message }] = issues;
  throw new RangeError(`Cannot read the certificate: ${path?.map(({ key }) => key).join(".") ?? "it"}: ${message}`);
}

/** The names of families of bounds. @throws {TypeError} for a custom one */
function namesOf(bound: NonNullable<PromiseOptions["bound"]>): string | Record<string, string> {
  if (typeof bound === "string") return bound;
  const own = "upper" in bound ? bound : Object.values(bound).find((choice) => typeof choice !== "string");
  if (own === undefined) return { ...bound as Record<string, string> };
  throw new TypeError(`Cannot certify a test by a custom Bound, "${(own as Bound).name}": use a family by its name`);
}

/**
 * The plan of a test, from its texts. The certificate only supplies what candidate data decides: the way of a disjunction,
 * whether a form is one statistic, and the shares of delta, which must be positive and may not sum to more than it.
 */
function plannedAgain(
  { constraints, analysis, rates, bound, ranges }: CertificateParts["test"],
  measures: readonly Measure[] = [],
): Promised[] {
  const unknown = Object.values(typeof bound === "string" ? { bound } : bound).find((family) =>
    family !== "auto" && !families.some(({ name }) => name === family)
  );
  if (unknown !== undefined) throw new RangeError(`Cannot read the certificate: there is no family of bounds "${unknown}"`);
  const options = {
    constraints: constraints.map(({ text, delta }) => ({ text, delta })),
    analysis,
    rates,
    bound: bound as PromiseOptions["bound"],
    ranges,
    measures,
  };
  return promises({ ...options, shares: "equal" }).map((promised, i) => {
    const { formulas, text } = constraints[i];
    const way = promised.ways.find((way) =>
      way.length === formulas.length && way.every(({ g }, j) => `${g}` === formulas[j].text)
    );
    if (way === undefined) {
      throw new RangeError(`Cannot read the certificate: "${text}" is not tested by its formulas in the certificate`);
    }
    const shared = way.map((conjunct, j) => {
      const { delta, asOne, shares } = formulas[j],
        spent = shares.reduce((sum, { lower = 0, upper = 0 }) => sum + lower + upper, 0);
      // Shares are rounded; the possible excess is far below any delta that matters.
      const most = constraints[i].delta * (1 + 1e-9), parts = shares.flatMap(({ lower, upper }) => [lower, upper]);
      if (!(delta > 0 && delta <= most && spent <= delta * (1 + 1e-9) && parts.every((part) => part === undefined || part > 0))) {
        throw new RangeError(
          `Cannot read the certificate: "${formulas[j].text}" spends ${Math.max(delta, spent)}, and its constraint has delta ${
            constraints[i].delta
          }`,
        );
      }
      if (asOne && !conjunct.asOne) {
        throw new RangeError(`Cannot read the certificate: "${formulas[j].text}" cannot be bounded as one statistic`);
      }
      const found = conjunct.shares.map(({ leaf }) => ({ leaf, share: shares.find(({ measure }) => measure === `${leaf}`) }));
      if (found.length !== shares.length || found.some(({ share }) => share === undefined)) {
        throw new RangeError(`Cannot read the certificate: "${formulas[j].text}" has other measures than the certificate`);
      }
      // A missing bound would be the end of the range.
      const sided = conjunct.shares.every(({ lower, upper }, k) =>
        (lower === undefined) === (found[k].share!.lower === undefined) &&
        (upper === undefined) === (found[k].share!.upper === undefined)
      );
      if (!sided) {
        throw new RangeError(`Cannot read the certificate: "${formulas[j].text}" has bounds on the wrong sides`);
      }
      return {
        ...conjunct,
        delta,
        asOne,
        shares: found.map(({ leaf, share }) => ({ leaf, lower: share!.lower, upper: share!.upper })),
      };
    });
    return { ...promised, ways: [shared] };
  });
}

/** The value as JSON represents it. */
function plainly(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value, nonFiniteAsText));
}

/** Compares numbers and texts at every place. */
function collect(
  place: string,
  found: unknown,
  wanted: unknown,
  compare: (what: string, found: unknown, wanted: unknown) => void,
): void {
  if (typeof found !== "object" || found === null || typeof wanted !== "object" || wanted === null) {
    compare(place, found, wanted);
    return;
  }
  const [a, b] = [found, wanted] as Record<string, unknown>[];
  for (const key of new Set([...Object.keys(a), ...Object.keys(b)])) {
    collect(place === "" ? key : `${place}.${key}`, a[key], b[key], compare);
  }
}

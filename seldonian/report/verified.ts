import { arithmeticHere } from "../../autodiff/kernels/in_use.ts";
import { save } from "../../nn/safetensors.ts";
import type { Module } from "../../nn/module.ts";
import * as v from "../../deps.ts";
import type { Expression } from "../constraints/expression.ts";
import type { Promised } from "../constraints/promise.ts";
import { DataSet, type Source } from "../data/data_set.ts";
import { digestOf, sha256 } from "../data/digest.ts";
import type { Measure } from "../constraints/measure.ts";
import { statedConstraint } from "../problem/promises.ts";
import type { PromiseOptions } from "../problem/stated.ts";
import { printable } from "../printable.ts";
import { type SafetyReport, safetyTest } from "../safety_test.ts";
import { isProportion, type Shift, shiftText } from "../shift/shift.ts";
import { version } from "../version.ts";
import { bytesIn, Certificate, type CertificateParts, type CertifiedData, type Files, type Signature } from "./certificate.ts";
import { digestsOf, orderedBy, plainly } from "./certify.ts";
import type { Made } from "./made.ts";
import { plannedAgain, unreadable } from "./planned_again.ts";

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

/** What a promise says, without what candidate data decides. */
export type WantedPromise = Pick<
  PromiseOptions,
  "constraints" | "rates" | "bound" | "analysis" | "ranges" | "independent" | "paired" | "shift"
>;

/** What `verify()` does with checked options. */
export async function repeated(
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
  if (files !== undefined) collect("the SHA-256 of the file", await digestsOf(files), digests, compare, " ");
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
  collect("", plainly({ passed, constraints }), stated.found, compare);
  if (differences.length > kept) differences.splice(kept, 0, ...madeElsewhere(made));
  if (!passed) differences.push("the safety test failed, so that nothing is promised");
  return { valid: differences.length === 0, differences, assumed, made, report };
}

/** Adds what differs to a list. */
export function comparing(differences: string[]): (what: string, found: unknown, wanted: unknown) => void {
  return (what, found, wanted) => {
    if (found !== wanted) differences.push(printable(`${what} is ${found}, and the certificate says ${wanted}`));
  };
}

/** Why last digits may differ. */
export function madeElsewhere(made: Made): string[] {
  const own = { version, arithmetic: arithmeticHere() };
  if (made.version === own.version && made.arithmetic === own.arithmetic) return [];
  return [
    printable(
      `figures may differ in their last digits: this is version ${own.version} with ${own.arithmetic}, and the certificate was ` +
        `made by version ${made.version} with ${made.arithmetic}; call useRelaxedSimd() and useConvolutions() as its author did`,
    ),
  ];
}

/** A formula as a text that does not depend on how its numbers are spelled. */
function formulaOf(x: Expression): string {
  if (x.kind === "leaf") return JSON.stringify(`${x}`);
  return x.kind === "constant" ? `${x.value}` : `${x.operator}(${x.operands.map(formulaOf)})`;
}

/** How a test differs from a wanted promise. */
export function promiseDifferences(
  plan: readonly Promised[],
  test: CertificateParts["test"],
  { constraints, ...wanted }: WantedPromise,
  measures: readonly Measure[],
): string[] {
  const differences: string[] = [];
  for (const one of constraints) {
    const text = statedConstraint(one, measures), formula = formulaOf(text.g);
    const tested = plan.flatMap(({ constraint: { g }, delta }, i) =>
      formulaOf(g) === formula ? { delta, bound: test.constraints[i].bound ?? test.bound } : []
    );
    const deltas = tested.map(({ delta }) => delta), asked = one.bound ?? wanted.bound;
    if (tested.some(({ delta, bound }) => delta <= one.delta && (asked === undefined || sameJson(bound, asked)))) continue;
    const found = tested.find(({ delta }) => delta <= one.delta)?.bound;
    if (found !== undefined) {
      differences.push(`bound: the test of ${text} has ${JSON.stringify(found)}, and ${JSON.stringify(asked)} is wanted`);
      continue;
    }
    differences.push(
      deltas.length > 0
        ? `${text} was tested with delta ${Math.min(...deltas)}, and ${one.delta} is wanted`
        : `${text} was not tested; the certificate is of ${plan.map(({ constraint }) => constraint).join(", ")}`,
    );
  }
  for (const name of ["rates", "analysis", "ranges", "independent", "paired"] as const) {
    if (wanted[name] === undefined || sameJson(test[name], wanted[name])) continue;
    differences.push(`${name}: the test has ${JSON.stringify(test[name])}, and ${JSON.stringify(wanted[name])} is wanted`);
  }
  if (!sameJson(sorted(test.shift), sorted(wanted.shift))) {
    const named = (shift?: Shift) =>
      shift === undefined ? "the population that the data is from" : `populations where ${shiftText(shift)}`;
    differences.push(`shift: the test is for ${named(test.shift)}, and wanted: ${named(wanted.shift)}`);
  }
  return differences.map(printable);
}

/** The groups of a shift in one order. */
function sorted(shift: Shift = {}): unknown[] {
  return Object.entries(shift).map(([name, parts]) => [name, isProportion(parts) ? parts : Object.entries(parts).sort()]).sort();
}

function sameJson(a: unknown, b: unknown): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
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

/** The faults of a signature. */
export async function signatureDifferences(
  seal: string,
  signature: Signature | undefined,
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

/** What a signature in a certificate is, if there is one. */
export function signatureSchema() {
  return v.optional(v.strictObject({
    algorithm: v.literal("Ed25519"),
    publicKey: v.pipe(v.string(), v.regex(/^[0-9a-f]{64}$/, "wanted 64 hexadecimal digits")),
    value: v.pipe(v.string(), v.regex(/^[0-9a-f]{128}$/, "wanted 128 hexadecimal digits")),
  }));
}

/** @throws {RangeError} unless it is a certificate, with the place */
export function readCertificate(given: unknown): CertificateParts {
  if ((given as { format?: unknown } | null)?.format === "seldonian retest 1") {
    throw unreadable("it is of a test in sequence; verify it by verifyRetest() of @seldonian/kit/monitoring");
  }
  const hash = v.pipe(v.string(), v.regex(/^[0-9a-f]{64}$/, "wanted 64 hexadecimal digits"));
  const data = v.strictObject({ rows: v.number(), sha256: hash });
  const part = v.union([v.number(), v.tuple([v.number(), v.number()])]);
  const shift = v.record(v.string(), v.union([part, v.record(v.string(), part)]));
  const share = v.strictObject({ measure: v.string(), lower: v.optional(v.number()), upper: v.optional(v.number()) });
  const formula = v.strictObject({ text: v.string(), delta: v.number(), asOne: v.boolean(), shares: v.array(share) });
  const { success, output, issues } = v.safeParse(
    v.strictObject({
      format: v.literal("seldonian certificate 3"),
      made: v.strictObject({ version: v.string(), arithmetic: v.string() }),
      model: v.strictObject({ sha256: hash }),
      files: v.record(v.string(), hash),
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
        shift: v.optional(shift),
        constraints: v.array(v.strictObject({
          text: v.string(),
          delta: v.number(),
          bound: v.optional(v.union([v.string(), v.record(v.string(), v.string())])),
          formulas: v.array(formula),
        })),
      }),
      found: v.strictObject({ passed: v.boolean(), constraints: v.unknown() }),
      exported: v.optional(v.strictObject({
        file: v.string(),
        digest: hash,
        made: v.strictObject({ version: v.string(), arithmetic: v.string() }),
        rows: v.number(),
        greatestDifference: v.nullable(v.number()),
        decisionsThatDiffer: v.number(),
      })),
      sha256: hash,
      signature: signatureSchema(),
    }),
    given instanceof Certificate ? { ...given } : given,
  );
  if (success) return output;
  const [{ path, message }] = issues;
  throw unreadable(`${path?.map(({ key }) => key).join(".") ?? "it"}: ${message}`);
}

/** Compares numbers and texts at every place. */
export function collect(
  place: string,
  found: unknown,
  wanted: unknown,
  compare: (what: string, found: unknown, wanted: unknown) => void,
  between = ".",
): void {
  if (typeof found !== "object" || found === null || typeof wanted !== "object" || wanted === null) {
    compare(place, found, wanted);
    return;
  }
  const [a, b] = [found, wanted] as Record<string, unknown>[];
  for (const key of new Set([...Object.keys(a), ...Object.keys(b)])) {
    collect(place === "" ? key : `${place}${between}${key}`, a[key], b[key], compare);
  }
}

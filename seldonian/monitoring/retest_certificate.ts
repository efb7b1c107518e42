import { save } from "../../nn/safetensors.ts";
import type { Module } from "../../nn/module.ts";
import * as v from "../../deps.ts";
import { sha256 } from "../data/digest.ts";
import { signatureOf } from "../report/certificate.ts";
import { plainly } from "../report/certify.ts";
import { madeHere } from "../report/made.ts";
import { unreadable } from "../report/planned_again.ts";
import { signatureSchema } from "../report/read_certificate.ts";
import type { Attempt, Look, RetestCertificate, RetestedConstraint, RetestPlan } from "./retest_kinds.ts";

/** The digest of a model's file. */
export async function modelDigest(model: Module): Promise<string> {
  return await sha256(save(model));
}

/** The digest of a plan for a model. */
async function planDigest(model: string, plan: RetestPlan): Promise<string> {
  return await sha256(JSON.stringify({ model, plan }));
}

/** A certificate with its digests. */
export async function sealed(
  { model, plan, before, looks, states }: Pick<RetestCertificate, "model" | "plan" | "before" | "looks"> & {
    states: unknown[][][];
  },
  constraints: readonly RetestedConstraint[],
): Promise<RetestCertificate> {
  const found = { passed: constraints.length > 0 && constraints.every(({ passed }) => passed), constraints };
  const stated = plainly({
    format: "seldonian retest 1",
    made: madeHere(),
    model,
    plan,
    planned: await planDigest(model.sha256, plan),
    before,
    spent: spentBy(before, plan),
    looks,
    states,
    found,
  }) as Omit<RetestCertificate, "sha256">;
  return { ...stated, sha256: await sha256(JSON.stringify(stated)) };
}

/** What all tests of a model have spent together. */
export function spentBy(before: readonly Attempt[], { constraints }: RetestPlan): number {
  return Math.min(1, before.reduce((sum, { delta }) => sum + delta, Math.max(...constraints.map(({ delta }) => delta))));
}

/** Whether it claims to be the certificate of a test in sequence. */
export function isRetest(of: unknown): of is RetestCertificate {
  return (of as { format?: unknown } | null)?.format === "seldonian retest 1";
}

const hash = v.pipe(v.string(), v.regex(/^[0-9a-f]{64}$/, "wanted 64 hexadecimal digits"));
const keys = v.pipe(
  v.string(),
  v.check((text) => text.length % 4 === 0 && /^[A-Za-z0-9+/]*={0,2}$/.test(text), "wanted the keys of rows in base64"),
);
const count = v.pipe(v.number(), v.integer(), v.minValue(0));
const probability = v.pipe(v.number(), v.gtValue(0), v.ltValue(1));
const numbers = v.array(v.number()), sums = v.array(v.tuple([v.number(), v.number(), v.number()]));
const course = v.strictObject({
  steps: v.number(),
  tops: v.number(),
  bottoms: v.number(),
  squares: v.tuple([v.number(), v.number(), v.number()]),
});
const state = v.variant("kind", [
  v.strictObject({
    kind: v.literal("together"),
    evidence: v.strictObject({ held: numbers, guessed: sums, seen: sums }),
    reached: v.boolean(),
  }),
  v.strictObject({
    kind: v.literal("apart"),
    leaves: v.array(v.strictObject({ course, lower: v.number(), upper: v.number() })),
    reached: v.boolean(),
  }),
]);
const attempt: v.GenericSchema<Attempt> = v.strictObject({
  kind: v.picklist(["fixed", "sequence"]),
  rows: v.nullable(count),
  delta: probability,
  passed: v.boolean(),
  certificate: v.nullable(hash),
  model: v.nullable(hash),
  looks: v.array(v.strictObject({ sha256: hash, keys: v.nullable(keys) })),
});
const look: v.GenericSchema<Look> = v.strictObject({
  rows: count,
  sha256: hash,
  stratified: v.boolean(),
  repeats: v.picklist(["refuse", "drop", "keep"]),
  keys,
});
const certificate = v.strictObject({
  format: v.literal("seldonian retest 1"),
  made: v.strictObject({ version: v.string(), arithmetic: v.string() }),
  model: v.strictObject({ sha256: hash }),
  plan: v.strictObject({
    constraints: v.array(v.strictObject({ text: v.string(), delta: v.number() })),
    rates: v.picklist(["expected", "decided"]),
    analysis: v.picklist(["conjunctive", "interval"]),
    ranges: v.record(v.string(), v.tuple([v.number(), v.number()])),
    guesses: v.record(v.string(), v.tuple([count, v.number()])),
  }),
  planned: hash,
  before: v.array(attempt),
  spent: v.number(),
  looks: v.array(look),
  states: v.array(v.array(v.array(state))),
  found: v.strictObject({ passed: v.boolean(), constraints: v.unknown() }),
  sha256: hash,
  signature: signatureSchema(),
});

/** @throws {RangeError} unless it is the certificate of a test in sequence as it was written, with the place */
export async function readRetest(given: unknown): Promise<RetestCertificate> {
  const { success, issues } = v.safeParse(certificate, given);
  if (!success) throw unreadable(`${issues[0].path?.map(({ key }) => key).join(".") ?? "it"}: ${issues[0].message}`);
  // As it was written: the digest depends on the order of fields.
  const { sha256: seal, signature, ...stated } = plainly(given) as RetestCertificate, { model, plan, planned } = stated;
  if (await sha256(JSON.stringify(stated)) !== seal) throw unreadable("it was changed: its SHA-256 is another one");
  if (await planDigest(model.sha256, plan) !== planned) {
    throw unreadable("its plan was changed: the plan's SHA-256 is another one");
  }
  return { ...stated, sha256: seal, ...(signature && { signature }) };
}

/**
 * The same certificate of a test in sequence, or of a plan, with a signature: a digest shows that nothing changed, a signature shows
 * who vouches for it. `verifyRetest()` checks it. The certificate of a further look is another one, without a signature.
 * @param keys an Ed25519 key pair from WebCrypto: `await crypto.subtle.generateKey("Ed25519", true, ["sign", "verify"])`
 * @throws {RangeError} unless it is a certificate as it was written
 */
export async function signRetest(given: RetestCertificate, keys: CryptoKeyPair): Promise<RetestCertificate> {
  const certificate = await readRetest(given);
  return { ...certificate, signature: await signatureOf(certificate.sha256, keys) };
}

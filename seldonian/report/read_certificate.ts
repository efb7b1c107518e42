import * as v from "../../deps.ts";
import { Certificate, type CertificateParts } from "./certificate.ts";
import { orderedBy } from "./certify.ts";
import { unreadable } from "./planned_again.ts";

/**
 * The parts of a certificate.
 * @throws {RangeError} unless it is one, with the place
 */
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

/** What a signature in a certificate is, if there is one. */
export function signatureSchema() {
  return v.optional(v.strictObject({
    algorithm: v.literal("Ed25519"),
    publicKey: v.pipe(v.string(), v.regex(/^[0-9a-f]{64}$/, "wanted 64 hexadecimal digits")),
    value: v.pipe(v.string(), v.regex(/^[0-9a-f]{128}$/, "wanted 128 hexadecimal digits")),
  }));
}

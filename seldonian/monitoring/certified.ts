import type { Kind } from "../../autodiff/options.ts";
import type { CertificateParts } from "../report/certificate.ts";
import { testedReports } from "../report/found_in.ts";

/** A certificate, or promises. */
export const promisedKind: Kind = {
  type: "object",
  wanted: 'a certificate, or a list of promises, such as ["FPR <= 0.1"]',
  holds: (value) => Array.isArray(value) || Array.isArray((value as CertificateParts | null)?.test?.constraints),
};

/**
 * What a certificate says was tested, and whether on clusters.
 * @throws {RangeError} for a promise that is not the tested one
 */
export function certifiedIn(certificate: CertificateParts): CertificateParts["test"] & { clusters: boolean } {
  return { ...certificate.test, clusters: testedReports(certificate).some(({ clustered }) => clustered) };
}

import type { Kind } from "../../autodiff/options.ts";
import { shown } from "../../autodiff/options.ts";
import type { CertificateParts } from "../report/certificate.ts";
import { testedReports } from "../report/found_in.ts";

/** A certificate, or promises. */
export const promisedKind: Kind = {
  type: "object",
  wanted: 'a certificate, or a list of promises, such as ["FPR <= 0.1"]',
  holds: (value) => Array.isArray(value) || Array.isArray((value as CertificateParts | null)?.test?.constraints),
};

/**
 * What a certificate says was tested.
 * @throws {RangeError} for a promise that is not the tested one, and for one about clusters
 */
export function certifiedIn(certificate: CertificateParts): CertificateParts["test"] {
  const clustered = testedReports(certificate).find(({ clustered }) => clustered);
  if (clustered === undefined) return certificate.test;
  throw new RangeError(
    `Cannot watch this certificate: ${
      shown(clustered.text)
    } was tested for clusters, each of the same weight, and a monitor counts ` +
      `each outcome alike; name the promise for outcomes, as in [${shown(clustered.text)}]`,
  );
}

import { isRecord, type Kind, shown } from "../../autodiff/options.ts";
import type { CertificateParts } from "../report/certificate.ts";
import { testedReports } from "../report/found_in.ts";
import { statedShift } from "../shift/groups.ts";
import { shiftText } from "../shift/shift.ts";
import type { MonitorOptions } from "./monitor_kinds.ts";

/** A certificate, or promises. */
export const promisedKind: Kind = {
  type: "object",
  wanted: 'a certificate, or a list of promises, such as ["FPR <= 0.1"]',
  holds: (value) => Array.isArray(value) || isCertificate(value),
};

/** Whether a value has a certificate's promises and what was found of them, which is read later. */
function isCertificate(value: unknown): boolean {
  const { test, found } = Object(value) as Partial<CertificateParts>;
  return Array.isArray(test?.constraints) && isRecord(found);
}

/** What a promise says beside its text. */
type Stated = Required<Pick<MonitorOptions, "rates" | "ranges" | "clusters">> & Pick<MonitorOptions, "shift">;

/**
 * What a certificate says was promised. Ranges that it does not have may be added.
 * @param given options, which may say the same
 * @throws {RangeError} for a report that is not of the tested promise, for a test that failed, and for options that say otherwise
 */
export function certifiedIn(
  certificate: CertificateParts,
  given: Partial<Stated>,
): Stated & Pick<CertificateParts["test"], "constraints"> {
  const { test: { rates, ranges = {}, shift, constraints }, found } = certificate;
  const clusters = testedReports(certificate).some(({ clustered }) => clustered);
  const refused = (why: string, cure: string) =>
    new RangeError(`Cannot watch a certificate ${why}; ${cure}, or watch promises of your own: its test.constraints`);
  if (!found.passed) throw refused("whose test failed, so that nothing is promised", "train or test again");
  const agree = (name: string, own: string, other: string) => {
    if (own !== other) throw refused(`with ${name} ${other}: it says ${own}`, `leave out ${name}`);
  };
  if (given.rates !== undefined) agree("rates", shown(rates), shown(given.rates));
  if (given.clusters !== undefined) agree("clusters", `${clusters}`, `${given.clusters}`);
  if (given.shift !== undefined) {
    statedShift(given.shift);
    agree("shift", shift === undefined ? "nothing of other populations" : shiftText(shift), shiftText(given.shift));
  }
  for (const [name, range] of Object.entries(given.ranges ?? {})) {
    if (Object.hasOwn(ranges, name)) agree(`ranges.${name}`, rangeText(ranges[name]), rangeText(range));
  }
  return { constraints, rates, clusters, ranges: { ...ranges, ...given.ranges }, ...(shift && { shift }) };
}

function rangeText(range: unknown): string {
  return Array.isArray(range) ? `[${range.join(", ")}]` : shown(range);
}

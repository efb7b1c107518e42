import * as v from "../../deps.ts";
import { isShown } from "../constraints/promise.ts";
import { sha256 } from "../data/digest.ts";
import type { CertificateParts } from "./certificate.ts";
import { readCertificate } from "./read_certificate.ts";
import { printable } from "../printable.ts";
import type { ConstraintReport } from "../safety_test.ts";
import { unreadable } from "./planned_again.ts";
import type { Note } from "../data/description.ts";
import type { Uses } from "../records/ledger.ts";
import { shiftText } from "../shift/shift.ts";

/** A number as JSON has it: those that are not finite as text. */
const number = v.union([v.number(), v.pipe(v.picklist(["NaN", "Infinity", "-Infinity"]), v.transform(Number))]);
const share = v.nullable(v.number()), guarantee = v.picklist(["finite-sample", "approximate"]);
const text = v.string(), how = { bound: text, assumes: text, guarantee };
const rows = v.object({
  rows: v.number(),
  of: v.number(),
  unknown: v.number(),
  values: v.array(v.tuple([text, v.number()])),
});

const reports = v.array(v.object({
  text,
  delta: v.number(),
  passed: v.boolean(),
  verdict: v.picklist(["kept", "violated", "not shown", "not judged"]),
  value: number,
  upper: number,
  guarantee,
  clustered: v.boolean(),
  stratified: v.boolean(),
  conjuncts: v.array(v.object({
    text,
    value: number,
    upper: number,
    statistic: v.optional(v.object({ text, n: v.number(), delta: v.number(), ...how })),
  })),
  leaves: v.array(v.object({
    name: text,
    n: v.pipe(v.number(), v.integer(), v.minValue(0)),
    mean: number,
    range: v.tuple([number, number]),
    lower: number,
    upper: number,
    deltaLower: share,
    deltaUpper: share,
    ...how,
  })),
  outside: v.array(rows),
  populations: v.optional(text),
}));

const kind = v.picklist(["parts", "mended", "missing", "note", "warning", "problem"]);
const objective = v.nullable(v.number());
const outcome = v.object({
  constraints: v.unknown(),
  objective: v.object({ candidate: objective, safety: objective }),
  log: v.array(v.unknown()),
  uses: v.optional(
    v.object({ rows: v.number(), tests: v.number(), tested: v.number(), trained: v.number(), spent: v.number() }),
  ),
  description: v.optional(v.object({
    columns: v.array(v.object({ name: text, role: v.optional(text), missing: v.number() })),
    notes: v.array(v.object({ kind, text, column: v.optional(text) })),
  })),
});

/**
 * A certificate as it was written.
 * @throws {RangeError} for anything else, with the place
 */
export async function sealedCertificate(given: unknown): Promise<CertificateParts> {
  const certificate = readCertificate(given), { sha256: seal, signature: _, ...stated } = certificate;
  if (await sha256(JSON.stringify(stated)) === seal) return certificate;
  throw unreadable("it was changed: its SHA-256 is another one");
}

/** A report as a certificate has it: perhaps of other populations than the data's. */
export type FoundReport = ConstraintReport & { populations?: string };

/**
 * The reports of constraints in a certificate, whose digest says nothing of what they are.
 * @throws {RangeError} with the place
 */
function reportsIn(found: unknown): FoundReport[] {
  const { success, output, issues } = v.safeParse(reports, found);
  if (success) return output as unknown as FoundReport[];
  throw unreadable(`found.constraints${placeOf(issues[0])}: ${issues[0].message}`);
}

/**
 * The reports of a certificate, which must be of the promises that it says were tested. Whoever edits it can seal it again.
 * @throws {RangeError} with the place
 */
export function testedReports(
  { test: { constraints, shift }, found }: Pick<CertificateParts, "test" | "found">,
): FoundReport[] {
  const reports = reportsIn(found.constraints), where = "found.constraints", of = shift && shiftText(shift);
  if (reports.length !== constraints.length) {
    throw unreadable(`${where}: there are ${reports.length} reports, and test.constraints has ${constraints.length}`);
  }
  reports.forEach(({ text, delta, passed, verdict, value, upper, populations }, i) => {
    const stated = constraints[i];
    if (text !== stated.text || delta !== stated.delta) {
      throw unreadable(
        `${where}.${i}: it is of ${text} with delta ${delta}, and test.constraints of ${stated.text} with delta ${stated.delta}`,
      );
    }
    if (populations !== of) throw unreadable(`${where}.${i}.populations: it is ${populations}, and test.shift says ${of}`);
    if (passed !== isShown(value, upper) || passed !== (verdict === "kept")) {
      throw unreadable(
        `${where}.${i}.passed: it is ${passed}, of the verdict "${verdict}", the value ${value} and the upper bound ${upper}`,
      );
    }
  });
  if (found.passed !== reports.every(({ passed }) => passed)) {
    throw unreadable(`found.passed: it is ${found.passed}, and its constraints say otherwise`);
  }
  return reports;
}

/** What a card reads of a result. */
export interface FoundOutcome {
  objective: { candidate: number | null; safety: number | null };
  log: readonly unknown[];
  uses?: Pick<Uses, "rows" | "tests" | "tested" | "trained" | "spent">;
  description?: { columns: readonly { name: string; role?: string; missing: number }[]; notes: readonly Note[] };
}

/**
 * A result, or its JSON.
 * @param found the constraints in its certificate
 * @throws {RangeError} with the place, or if it is of another test
 */
export function outcomeIn(result: unknown, found: unknown): FoundOutcome {
  const { success, output, issues } = v.safeParse(outcome, JSON.parse(JSON.stringify(result)));
  if (!success) throw new RangeError(printable(`Cannot read the result: ${placeOf(issues[0]).slice(1)}: ${issues[0].message}`));
  if (JSON.stringify(output.constraints) !== JSON.stringify(found)) {
    throw new RangeError("Cannot make a model card of a result and the certificate of another test: its constraints differ");
  }
  return output;
}

function placeOf({ path }: { path?: readonly { key: unknown }[] }): string {
  return (path ?? []).map(({ key }) => `.${key}`).join("");
}

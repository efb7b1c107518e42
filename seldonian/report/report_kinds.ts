import { checkArgument, type Kind } from "../../autodiff/options.ts";
import type { ConstraintReport } from "../safety_test.ts";

const reports: Kind = {
  type: "object",
  wanted: "the constraints of a result or of a report, as result.constraints",
  holds: (value) => Array.isArray(value) && value.every((one: Partial<ConstraintReport> | null) => Array.isArray(one?.leaves)),
};

/** @throws {TypeError} unless a safety test returned them */
export function checkReports(action: string, constraints: unknown): void {
  checkArgument(action, "the list of constraints", constraints, reports);
}

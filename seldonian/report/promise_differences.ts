import type { Expression } from "../constraints/expression.ts";
import type { Measure } from "../constraints/measure.ts";
import type { Promised } from "../constraints/promise.ts";
import { printable } from "../printable.ts";
import { statedConstraint } from "../problem/promises.ts";
import type { PromiseOptions } from "../problem/stated.ts";
import { isProportion, type Shift, shiftText } from "../shift/shift.ts";
import type { CertificateParts } from "./certificate.ts";

/** What a promise says, without what candidate data decides. */
export type WantedPromise = Pick<
  PromiseOptions,
  "constraints" | "rates" | "bound" | "analysis" | "ranges" | "independent" | "paired" | "shift"
>;

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

/** A formula as a text that does not depend on how its numbers are spelled. */
function formulaOf(x: Expression): string {
  if (x.kind === "leaf") return JSON.stringify(`${x}`);
  return x.kind === "constant" ? `${x.value}` : `${x.operator}(${x.operands.map(formulaOf)})`;
}

/** The groups of a shift in one order. */
function sorted(shift: Shift = {}): unknown[] {
  return Object.entries(shift).map(([name, parts]) => [name, isProportion(parts) ? parts : Object.entries(parts).sort()]).sort();
}

function sameJson(a: unknown, b: unknown): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}

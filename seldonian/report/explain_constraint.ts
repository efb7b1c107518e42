import { checkArgument, checkOptions, text as textKind } from "../../autodiff/options.ts";
import { constraint } from "../language/parse.ts";
import { promiseOptions } from "../problem/promise_kinds.ts";
import { promises } from "../problem/promises.ts";
import type { PromiseOptions } from "../problem/stated.ts";
import { shiftText } from "../shift/shift.ts";
import { short } from "./verdict.ts";

/**
 * Explains a constraint in words: the formulas that must hold, how each is bounded, and each bound's share of delta where
 * measures are bounded separately.
 * @param options the populations that it is promised for, as in training
 */
export function explainConstraint(text: string, delta: number, options: Pick<PromiseOptions, "shift"> = {}): string {
  checkArgument("explain a constraint", "the text", text, textKind);
  const { shift } = checkOptions("explain a constraint", options, { shift: promiseOptions.shift });
  const where = shift === undefined ? "where" : `if, in every population where ${shiftText(shift)},`;
  const stated = constraint(text), [{ ways }] = promises({ constraints: [{ text: stated, delta }] });
  const lines = [`${stated}`, `  is kept ${where} g = ${stated.g} is at most 0; the test errs with probability at most ${delta}`];
  if (shift !== undefined) lines.push("  means are of rows weighted by their group's part, each bounded where it is worst");
  ways.forEach((way, i) => {
    if (ways.length > 1) lines.push(`  way ${i + 1} of ${ways.length}; candidate data chooses one:`);
    for (const { g, asOne, shares } of way) {
      lines.push(
        `    ${g} <= 0${
          asOne
            ? `, as one statistic with delta ${delta} if its groups exclude each other, or are two; otherwise separately:`
            : ""
        }`,
      );
      for (const { leaf, lower, upper } of shares) {
        const sides = [
          ...(lower === undefined ? [] : [`from below with delta ${short(lower)}`]),
          ...(upper === undefined ? [] : [`from above with delta ${short(upper)}`]),
        ];
        lines.push(`      ${leaf}: bounded ${sides.join(" and ")}`);
      }
    }
  });
  return lines.join("\n");
}

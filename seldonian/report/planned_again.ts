import type { Measure } from "../constraints/measure.ts";
import type { Promised } from "../constraints/promise.ts";
import { families } from "../bounds/mod.ts";
import { promises } from "../problem/promises.ts";
import type { PromiseOptions } from "../problem/stated.ts";
import { printable } from "../printable.ts";
import type { CertificateParts } from "./certificate.ts";

/**
 * The plan of a test, from its texts. The certificate only supplies what candidate data decides: the way of a disjunction,
 * whether a form is one statistic, and the shares of delta, which must be positive and may not sum to more than it.
 */
export function plannedAgain(
  { constraints, analysis, rates, bound, ranges, shift }: CertificateParts["test"],
  measures: readonly Measure[] = [],
): Promised[] {
  const named = [bound, ...constraints.map(({ bound = "auto" }) => bound)];
  const unknown = named.flatMap((one) => typeof one === "string" ? one : Object.values(one)).find((family) =>
    family !== "auto" && !families.some(({ name }) => name === family)
  );
  if (unknown !== undefined) throw unreadable(`there is no family of bounds "${unknown}"`);
  const options = {
    constraints: constraints.map(({ text, delta, bound }) => ({ text, delta, bound: bound as PromiseOptions["bound"] })),
    analysis,
    rates,
    bound: bound as PromiseOptions["bound"],
    ranges,
    shift,
    measures,
  };
  return promises({ ...options, shares: "equal" }).map((promised, i) => {
    const { formulas, text } = constraints[i];
    const way = promised.ways.find((way) =>
      way.length === formulas.length && way.every(({ g }, j) => `${g}` === formulas[j].text)
    );
    if (way === undefined) {
      throw unreadable(`"${text}" is not tested by its formulas in the certificate`);
    }
    const shared = way.map((conjunct, j) => {
      const { delta, asOne, shares } = formulas[j],
        spent = shares.reduce((sum, { lower = 0, upper = 0 }) => sum + lower + upper, 0);
      const parts = shares.flatMap(({ lower, upper }) => [lower, upper]);
      // Shares are rounded; the possible excess is far below any delta that matters.
      const fits = spent <= conjunct.delta * (1 + 1e-9) && parts.every((part) => part === undefined || part > 0);
      if (delta !== conjunct.delta || !fits) {
        throw unreadable(
          `"${formulas[j].text}" spends ${Math.max(delta, spent)}, and its constraint has delta ${constraints[i].delta}`,
        );
      }
      if (asOne && !conjunct.asOne) {
        throw unreadable(`"${formulas[j].text}" cannot be bounded as one statistic`);
      }
      const found = conjunct.shares.map(({ leaf }) => ({ leaf, share: shares.find(({ measure }) => measure === `${leaf}`) }));
      if (found.length !== shares.length || found.some(({ share }) => share === undefined)) {
        throw unreadable(`"${formulas[j].text}" has other measures than the certificate`);
      }
      // A missing bound would be the end of the range.
      const sided = conjunct.shares.every(({ lower, upper }, k) =>
        (lower === undefined) === (found[k].share!.lower === undefined) &&
        (upper === undefined) === (found[k].share!.upper === undefined)
      );
      if (!sided) {
        throw unreadable(`"${formulas[j].text}" has bounds on the wrong sides`);
      }
      return {
        ...conjunct,
        asOne,
        shares: found.map(({ leaf, share }) => ({ leaf, lower: share!.lower, upper: share!.upper })),
      };
    });
    return { ...promised, ways: [shared] };
  });
}

/** The error for what is no certificate. */
export function unreadable(why: string): RangeError {
  return new RangeError(printable(`Cannot read the certificate: ${why}`));
}

import type { Promised } from "../constraints/promise.ts";
import { type Capital, newCapital, reweighted } from "./e_process.ts";
import type { Kept } from "./monitor_kinds.ts";
import { needsLabelOf } from "./outcomes.ts";

/**
 * What a monitor of format 2 kept, brought under today's weights of bets with the evidence that it had. It summed over measures with
 * labels and without, whose orders of events differ, so that the sum was no evidence: for a promise that has both, and for bets on
 * promises of both kinds, it begins anew.
 */
export function ofOlder(kept: Kept, promised: readonly Promised[]): Kept {
  const kinds = promised.map(({ constraint: { leaves } }) => new Set(leaves.map(needsLabelOf)));
  const bring = (state: unknown) =>
    JSON.parse(JSON.stringify(state), (_, value) => Array.isArray(value?.held) ? reweighted(value as Capital) : value);
  return {
    ...structuredClone(kept),
    states: kept.states.map((ways, i) => kinds[i].size > 1 ? [] : bring(ways)),
    pool: new Set(kinds.flatMap((own) => [...own])).size > 1 ? newCapital() : reweighted(kept.pool),
  };
}

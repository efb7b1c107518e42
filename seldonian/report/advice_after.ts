import { type Advice, adviceOn } from "./advice.ts";
import { failureOf, type Run } from "./failure.ts";

/** What is worth trying after a run without a solution. Pages load this when a run has failed. */
export async function adviceAfter(run: Run): Promise<Advice[]> {
  return adviceOn(await failureOf(run));
}

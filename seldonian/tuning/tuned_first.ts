import { checkOptions } from "../../autodiff/options.ts";
import type { Split } from "../data/split.ts";
import { unitCount } from "../data/units.ts";
import { candidateDataOf } from "../given_data.ts";
import type { SelectionOptions } from "../selection_options.ts";
import { Sets } from "../sets.ts";
import { type SearchOptions, searchOptions, type Trial } from "./search.ts";
import { checkSpace, partsOf } from "./search_space.ts";
import { modelFor } from "./trial.ts";
import { tune } from "./tuning.ts";

/** The options of a training, apart from its data; a penalty is passed on. */
type Given = Omit<SelectionOptions, "data" | "safetyRows" | "others" | "penalty">;

/** What a search has chosen for a training. */
interface Tuned<G> {
  /** The options with the best settings. */
  tuned: G;
  /** The chosen fraction of the rows for the test. */
  safetyFraction: number | undefined;
  /** All trials, the best first. */
  trials: Trial[];
}

/** Divides all data at a fraction. */
type Parting = (safetyFraction: number | undefined) => Sets<Split>;

/**
 * The search before a training, within its candidate data.
 * @throws {TypeError} for an invalid search option, with the nearest name
 */
export function tuningBy(search: SearchOptions) {
  checkOptions("search", search, searchOptions, "tune");
  checkSpace(search.space, search.modelOf !== undefined, "tune.space");
  return async <G extends Given>(
    given: G,
    parts: Parting,
    safetyFraction: number | undefined,
  ): Promise<Tuned<G>> => {
    const trials = await trialsBy(search, given, parts, safetyFraction);
    const { ofModel, others: { safetyFraction: chosen = safetyFraction, shares = given.shares, ...optimizer } } = partsOf(
      trials[0]?.settings ?? {},
    );
    const model = modelFor(ofModel, { ...search, model: given.model });
    const tuned = { ...given, model, shares, optimizer: { ...given.optimizer, ...optimizer } };
    return { tuned, safetyFraction: chosen as number | undefined, trials };
  };
}

/** Trials on rows that are candidate data at every safety fraction under consideration. */
async function trialsBy(
  search: SearchOptions,
  given: Given,
  parts: Parting,
  safetyFraction: number | undefined,
): Promise<Trial[]> {
  const fractions = search.space.safetyFraction;
  const most = fractions === undefined ? safetyFraction : "to" in fractions ? fractions.to : Math.max(...fractions.map(Number));
  const { main, others } = await parts(most).mapInTurn(async (part) => ({
    ...await candidateDataOf(part),
    totalRows: await unitCount(part.candidate) + await unitCount(part.safety),
  }));
  // Steps of trials are not training steps.
  const { onStep: _, onProgress, ...trained } = given;
  return await tune({
    ...trained,
    onProgress,
    ...search,
    ...main,
    others: new Sets(main, others).map(({ data, safetyRows }) => ({ data, safetyRows })).others,
  });
}

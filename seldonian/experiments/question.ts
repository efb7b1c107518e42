import { checkOptions, type Kind, type Known, needed, positive, record, whole } from "../../autodiff/options.ts";
import { DataSet } from "../data/data_set.ts";
import { objectiveKind, type ObjectiveName, promiseOptions } from "../problem/promise_kinds.ts";
import { problemOf } from "../problem/problem.ts";
import type { Objective, PromiseOptions } from "../problem/stated.ts";
import { nameOfSet, Sets } from "../sets.ts";
import type { Contender } from "./contender.ts";
import { version } from "../version.ts";
import { settingsDigest } from "./settings.ts";
import type { Drawn, OtherPopulation, Population, TrialSetting } from "./trial.ts";

/** What is compared, on what. */
export interface Question extends Pick<PromiseOptions, "constraints" | "measures" | "rates" | "paired" | "shift"> {
  /** The rows from which every trial draws its own, with replacement, or a function that makes them from a size and a seed. */
  population: Population;
  /** The rows that judge every model; default: the population. */
  truth?: DataSet;
  /** Other data sets that constraints name, as in `(ACC | name)`. Each draws rows of its own; `paired` ones draw the same rows. */
  others?: Readonly<Record<string, DataSet | OtherPopulation>>;
  /** What a model is worth, less is better: a loss or a measure. */
  performance: Objective | ObjectiveName;
  /** The contenders by name. */
  contenders: Readonly<Record<string, Contender>>;
  /** Default 0. */
  seed?: number;
}

const populationKind: Kind = {
  wanted: "a DataSet, or a function that makes one from a size and a seed",
  holds: (value) => value instanceof DataSet || typeof value === "function",
};
const dataKind: Kind = { type: "object", wanted: "a DataSet", holds: (value) => value instanceof DataSet };
const otherOptions: Known<OtherPopulation> = { population: needed(populationKind), truth: dataKind, share: positive };
const contendersKind: Kind = {
  type: "object",
  wanted: "contenders by name, such as { kit: seldonian({ … }) }",
  holds: (value) =>
    typeof value === "object" && value !== null && Object.keys(value).length > 0 &&
    Object.values(value).every((one) => typeof one?.outputs === "function"),
};

/** How a question is given. */
export const questionOptions: Known<Question> = {
  constraints: promiseOptions.constraints,
  measures: promiseOptions.measures,
  rates: promiseOptions.rates,
  population: needed(populationKind),
  truth: dataKind,
  others: record,
  paired: promiseOptions.paired,
  shift: promiseOptions.shift,
  performance: needed(objectiveKind),
  contenders: needed(contendersKind),
  seed: whole(0),
};

/** The question in the options of an experiment. */
export function questionIn(asked: Question): Question {
  return Object.fromEntries(
    Object.entries(asked).filter(([name]) => Object.hasOwn(questionOptions, name)),
  ) as unknown as Question;
}

/**
 * What the trials of a question share.
 * @throws {TypeError} without a truth
 * @throws {RangeError} for a measure that cannot judge a contender
 */
export async function settingOf(
  { population, truth, others = {}, paired = [], constraints, measures, rates, shift, performance, contenders, seed = 0 }:
    Question,
): Promise<TrialSetting> {
  const given = new Sets<DataSet | OtherPopulation>({ population, truth, share: 1 }, others);
  const sets = given.map((one, name): Drawn => {
    const own = one instanceof DataSet ? { population: one } : checkOptions(`draw from ${nameOfSet(name)}`, one, otherOptions);
    const judge = own.truth ?? own.population;
    if (!(judge instanceof DataSet)) {
      throw new TypeError(
        `Cannot judge models without a truth: a function makes the population${name === undefined ? "" : ` "${name}"`}, ` +
          "so give `truth`, rows that no trial draws",
      );
    }
    const share = typeof population === "function" || typeof own.population === "function"
      ? 1
      : own.population.size / population.size;
    return { share, ...own, truth: judge, paired: name === undefined || paired.includes(name) };
  });
  const problem = await problemOf(
    { constraints, measures, rates, paired, shift, objective: performance },
    sets.map(({ truth }) => ({ data: truth })),
  );
  for (const [name, { unjudged }] of Object.entries(contenders)) {
    for (const { measure } of problem.promises.flatMap(({ constraint }) => constraint.leaves)) {
      const why = unjudged?.(measure.name);
      if (why !== undefined) throw new RangeError(`Cannot judge "${name}" by ${measure.name}: ${why}`);
    }
  }
  return { sets, problem, contenders, seed };
}

/** The key of each contender's results: a digest of everything but sizes and trials. Another version of the kit gives others. */
export async function keysOf({ contenders, ...shared }: Question): Promise<Record<string, string>> {
  const common = await settingsDigest({
    version,
    ...shared,
    constraints: shared.constraints.map((one) => ({ ...one, text: `${one.text}` })),
  });
  const keys = Object.entries(contenders).map(async ([name, { settings }]) =>
    [name, await settingsDigest([common, name, settings])] as const
  );
  return Object.fromEntries(await Promise.all(keys));
}

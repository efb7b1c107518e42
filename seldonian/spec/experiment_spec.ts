import * as v from "../../deps.ts";
import { fitted, type Question, seldonian } from "../experiments/mod.ts";
import { constant, penalized, program, reductions, thresholds } from "../experiments/mod.ts";
import type { Contender } from "../experiments/mod.ts";
import { optimizerSchema } from "../options.ts";
import { modelOf, optionsOf, populationOf } from "./assemble.ts";
import { readJson } from "./read_json.ts";
import { count, name, probability, said, seed, specSchema } from "./schema.ts";

const optimizer = said(v.optional(optimizerSchema), "Settings of training, which add to the problem's");
const groups = said(v.pipe(v.array(name), v.minLength(1)), "Columns of 0 and 1, of which each row has one 1");
const { safetyFraction, candidates, bound, analysis, shares } = specSchema.entries;

const contender = v.variant("kind", [
  said(
    v.strictObject({ kind: v.literal("seldonian"), optimizer, safetyFraction, candidates, bound, analysis, shares }),
    "The kit: trained and tested as the problem says, except for what is given here",
  ),
  said(
    v.strictObject({ kind: v.picklist(["fitted", "penalized"]), optimizer }),
    "The problem's model on all rows: without constraints, or with constraints on estimates, without bounds and test",
  ),
  said(
    v.strictObject({
      kind: v.literal("reductions"),
      groups,
      parity: v.optional(v.picklist(["demographic", "odds"])),
      difference: v.optional(probability),
      rounds: v.optional(count),
    }),
    "A mixture of linear classifiers whose groups have about equal rates (A. Agarwal and others, 2018)",
  ),
  said(
    v.strictObject({ kind: v.literal("thresholds"), groups }),
    "A linear classifier with a threshold for each group (M. Hardt and others, 2016)",
  ),
  said(
    v.strictObject({ kind: v.literal("constant"), value: v.optional(v.number()) }),
    "The same output for every row; default: the mean label",
  ),
  said(
    v.strictObject({
      kind: v.literal("program"),
      command: said(
        v.pipe(v.array(v.string()), v.minLength(1)),
        "A program and its arguments, with {train}, {test} and {predictions} for the names of files, and {seed}",
      ),
      seconds: said(v.optional(v.pipe(v.number(), v.gtValue(0))), "After so many seconds it is killed; default 600"),
    }),
    "Any program that reads a trial's rows and writes predictions",
  ),
]);

/** An experiment as a JSON file. */
export const experimentSchema = v.strictObject({
  $schema: v.optional(v.string()),
  problem: said(name, "The spec of the problem, in this file's folder: data, model, promise and settings"),
  contenders: said(v.record(name, contender), "What is compared, by name"),
  sizes: said(v.pipe(v.array(count), v.minLength(1)), "Numbers of rows"),
  trials: said(v.optional(count), "Trials of each contender at each size; default 50"),
  performance: said(
    v.optional(name),
    'What a model is worth, less is better: a loss or a measure, such as "ER"; default: the objective',
  ),
  seed: said(v.optional(seed), "The seed of all random numbers; default 0"),
});

/** A parsed experiment. */
export type ExperimentSpec = v.InferOutput<typeof experimentSchema>;

/** Reads a file, as bytes. */
type Read = (file: string) => Promise<Uint8Array>;

/**
 * Reads an experiment and its problem.
 * @param file its name, for messages
 * @param read returns the bytes of a file in its folder
 */
export async function experimentIn(
  file: string,
  text: string,
  read: Read,
): Promise<{ spec: ExperimentSpec; question: Question }> {
  const spec = await readJson(text, experimentSchema, file), { problem, contenders, performance, seed } = spec;
  const stated = await readJson(new TextDecoder().decode(await read(problem)), specSchema, problem);
  const folder = problem.slice(0, problem.lastIndexOf("/") + 1);
  const population = await populationOf(stated, (name) => read(folder + name));
  const model = modelOf(stated, { candidate: population, safety: population }),
    { seed: _, tune: __, ...options } = optionsOf(stated);
  const given = { ...options, model, safetyFraction: stated.safetyFraction };
  const made = Object.entries(contenders).map(([name, one]) => [name, contenderOf(one, given)] as const);
  return {
    spec,
    question: {
      population,
      constraints: stated.constraints,
      rates: stated.rates,
      ...(stated.shift && { shift: stated.shift }),
      performance: (performance ?? options.objective) as Question["performance"],
      contenders: Object.fromEntries(made),
      seed,
    },
  };
}

type Given = Parameters<typeof seldonian>[0];

/** A contender; its optimizer's settings add to the problem's. */
function contenderOf(stated: v.InferOutput<typeof contender>, { model, objective, ...given }: Given): Contender {
  const common = { model, objective: objective! };
  const merged = (own: object | undefined) => ({ ...given.optimizer, ...own });
  switch (stated.kind) {
    case "seldonian": {
      const { kind: _, optimizer, ...own } = stated;
      return seldonian({ ...given, ...common, ...own, optimizer: merged(optimizer) });
    }
    case "fitted":
      return fitted({ ...common, optimizer: merged(stated.optimizer) });
    case "penalized": {
      const { safetyFraction: _, candidates: __, bound: ___, shift: ____, ...rest } = given;
      return penalized({ ...rest, ...common, optimizer: merged(stated.optimizer) });
    }
    case "reductions": {
      const { kind: _, ...own } = stated;
      return reductions(own);
    }
    case "thresholds":
      return thresholds({ groups: stated.groups });
    case "constant":
      return constant(stated.value);
    case "program":
      return program(stated.command, { seconds: stated.seconds });
  }
}

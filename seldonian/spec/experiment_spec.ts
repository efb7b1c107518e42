import * as v from "../../deps.ts";
import { fitted, type Question, seldonian } from "../experiments/mod.ts";
import { constant, penalized, program, reductions, thresholds } from "../experiments/mod.ts";
import type { Contender } from "../experiments/mod.ts";
import { optimizerSchema } from "../options.ts";
import { modelOf, optionsOf, populationOf } from "./assemble.ts";
import { readJson } from "./read_json.ts";
import { specSchema } from "./schema.ts";

const name = v.pipe(v.string(), v.nonEmpty());
const count = v.pipe(v.number(), v.integer(), v.minValue(1));
const probability = v.pipe(v.number(), v.gtValue(0), v.ltValue(1));
const optimizer = v.optional(optimizerSchema);
const groups = v.pipe(v.array(name), v.minLength(1));

const contender = v.variant("kind", [
  v.strictObject({
    kind: v.literal("seldonian"),
    optimizer,
    safetyFraction: v.optional(probability),
    candidates: v.optional(count),
  }),
  v.strictObject({ kind: v.picklist(["fitted", "penalized"]), optimizer }),
  v.strictObject({
    kind: v.literal("reductions"),
    groups,
    parity: v.optional(v.picklist(["demographic", "odds"])),
    difference: v.optional(probability),
    rounds: v.optional(count),
  }),
  v.strictObject({ kind: v.literal("thresholds"), groups }),
  v.strictObject({ kind: v.literal("constant"), value: v.optional(v.number()) }),
  v.strictObject({
    kind: v.literal("program"),
    command: v.pipe(v.array(v.string()), v.minLength(1)),
    seconds: v.optional(v.pipe(v.number(), v.gtValue(0))),
  }),
]);

/** An experiment as a JSON file. */
export const experimentSchema = v.strictObject({
  problem: v.pipe(name, v.description("The spec of the problem, in this file's folder: data, model, promise and settings")),
  contenders: v.record(name, contender),
  sizes: v.pipe(v.array(count), v.minLength(1)),
  trials: v.optional(count),
  performance: v.optional(name),
  seed: v.optional(v.pipe(v.number(), v.integer(), v.minValue(0))),
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
      const { safetyFraction: _, candidates: __, bound: ___, ...rest } = given;
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

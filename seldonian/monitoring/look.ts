import type { Module } from "../../nn/module.ts";
import { assess } from "../assess.ts";
import type { Sample, Units } from "../constraints/sample.ts";
import type { Leaf } from "../constraints/expression.ts";
import { rangeOf } from "../constraints/judgement.ts";
import { leafError } from "../constraints/leaf_error.ts";
import type { Known } from "../constraints/membership.ts";
import type { Measure } from "../constraints/measure.ts";
import { forTest, type Promised } from "../constraints/promise.ts";
import type { Source } from "../data/data_set.ts";
import { problemOf } from "../problem/problem.ts";
import { promises } from "../problem/promises.ts";
import { checkRowFunction } from "../row_function.ts";
import { Sets } from "../sets.ts";
import type { RetestedConstraint, RetestPlan } from "./retest_kinds.ts";
import { type FormulaState, Sequence } from "./sequence.ts";

/**
 * The promises of a plan: formulas and deltas follow from its texts.
 * @throws {ConstraintError} for a measure that cannot be tested in sequence
 */
export function promisedBy({ constraints, ...options }: RetestPlan, measures: readonly Measure[] = []): Promised[] {
  const { rates, analysis, ranges } = options, stated = constraints.map(({ text, delta }) => ({ text, delta }));
  const promised = promises({ constraints: stated, rates, analysis, ranges, measures, shares: "equal" }).map(forTest);
  for (const { constraint, judgement } of promised) {
    for (const leaf of constraint.leaves) checkSequential(leaf, rangeOf(leaf, judgement));
  }
  return promised;
}

/** @throws {ConstraintError} unless each row has a value in a known range */
function checkSequential({ ...leaf }: Leaf, [low, high]: readonly [number, number]): void {
  const { measure: { name, perRow, sided, functional }, data } = leaf, at = leaf as Leaf;
  if (data !== undefined) throw leafError(at, `it is on the data "${data}", and a test in sequence has one data set`, data);
  if (perRow === false) {
    throw leafError(at, `${name} is of several rows together, and a test in sequence needs a value for each row`);
  }
  if (sided !== undefined) throw leafError(at, `${name} needs a policy's episodes, which a test in sequence does not take`);
  if (functional !== undefined) throw leafError(at, `${name} is no mean, and a test in sequence is one of means`);
  if (high - low < Infinity) return;
  throw leafError(
    at,
    `its values lie in [${low}, ${high}]; declare a range to test it in sequence, as in ranges: { ${name}: [0, 25] }`,
  );
}

/** The rows of a look, as constraints see them. */
export async function sampleOf(model: Module, data: Source, plan: readonly Promised[]): Promise<Sample> {
  const problem = await problemOf({ constraints: [], plan }, new Sets({ data }));
  await checkRowFunction(model, problem);
  return (await assess(model, problem, "test")).sample;
}

/** The tests of the formulas of every constraint, by its ways; what is known of groups is the data's word. */
export function sequencesOf(promised: readonly Promised[], sample: Sample): Sequence[][][] {
  return promised.map(({ constraint, ways, judgement }) => {
    const known: Known = sample.source(constraint.leaves[0]) as Units;
    return ways.map((way) => way.map((conjunct) => new Sequence(conjunct, judgement, known)));
  });
}

/**
 * The states after a look at a sample; earlier ones stay as they are.
 * @throws {RangeError} if the data says more, or less, of its groups than earlier data
 */
export function afterLook(
  sequences: readonly Sequence[][][],
  states: readonly unknown[][][],
  sample: Sample,
  { guesses }: RetestPlan,
): FormulaState[][][] {
  return sequences.map((ways, i) =>
    ways.map((way, j) =>
      way.map((sequence, k) => {
        const state = states.length === 0 ? sequence.initial(guesses) : structuredClone(states[i]?.[j]?.[k]) as FormulaState;
        if (!sequence.fits(state)) {
          throw new RangeError(
            `Cannot go on with these rows: they say something else than earlier ones of which groups exclude each other, in ${sequence.conjunct.g}`,
          );
        }
        sequence.look(state, sample);
        return state;
      })
    )
  );
}

/** What the states show. */
export function shownBy(
  promised: readonly Promised[],
  sequences: readonly Sequence[][][],
  states: readonly FormulaState[][][],
  rows: number,
): RetestedConstraint[] {
  return promised.map(({ constraint, delta }, i) => {
    const ways = sequences[i].map((way, j) =>
      way.map((sequence, k) => {
        const { g, delta } = sequence.conjunct;
        return { text: `${g}`, delta, ...sequence.seen(states[i][j][k], rows) };
      })
    );
    const way = ways.find((way) => way.every(({ reached }) => reached)), formulas = way ?? ways.flat();
    return { text: `${constraint}`, delta, passed: way !== undefined, formulas };
  });
}

import { concatenate, inStep, noGrad, type Tensor } from "../autodiff/mod.ts";
import { checkArgument, checkOptions, type Kind, type Known, perRow, whole } from "../autodiff/options.ts";
import { type Module, tensorsOf } from "../nn/module.ts";
import { chunkSize, DataSet } from "./data/data_set.ts";
import { featureKeys, rowKeysOf } from "./data/row_keys.ts";
import { uniformOf } from "./data/uniform_of.ts";
import { checkFinite } from "./outputs.ts";
import type { Problem } from "./problem/problem.ts";
import type { Decision } from "./tasks/task.ts";

/** The function from outputs to decisions; `undefined` if outputs are judged themselves. */
export function deciderFor({ task, rates }: Pick<Problem, "task" | "rates">): ((outputs: Tensor) => Tensor) | undefined {
  return rates === "decided" ? task.decision!.decisions : undefined;
}

/**
 * The decisions, with the slope of the softened outputs (Y. Bengio et al., "Estimating or propagating gradients through
 * stochastic neurons", 2013).
 */
export function straightThrough({ softened, decisions }: Decision, outputs: Tensor, temperature: number): Tensor {
  const soft = softened(outputs, temperature);
  return soft.add(decisions(outputs).sub(soft.detach()));
}

/** A model with decisions. */
export interface Deciding {
  /**
   * The class of every row of `x`, a tensor or nested arrays [rows, …], several by name or a list of items, [rows] int32: the
   * decision that the safety test certified. For rates "decided" it is the most probable class, or class 1 at a probability of
   * 0.5 or more. For "expected" it is drawn from the probabilities by a hash of the row's features under `seed`, by default the
   * training's. It depends only on the row, the model and the seed, so rows are decided alike one by one, in any order or in any
   * batch. So are equal rows: if features have few distinct values, give `ids`, a number or a text for each row, such as the
   * applicant's; otherwise one draw decides all equal rows.
   * @throws {OutputError} for an output that is not a probability, with its row
   */
  decide(
    x: Tensor | Readonly<Record<string, Tensor>> | readonly unknown[],
    options?: { seed?: number; ids?: ArrayLike<number | string> },
  ): Tensor;
}

const known: Known<NonNullable<Parameters<Deciding["decide"]>[1]>> = { seed: whole(), ids: perRow };
const rowsKind: Kind = {
  type: "object",
  wanted: "a tensor [rows, …], or rows like those of the data",
  holds: (value) => value !== null,
};

/**
 * Gives a model its `decide`, as a property that is not enumerable.
 * @param rowShape of the tested data; `null`: items, so lists are lists of items, not nested arrays
 */
export function deciding<M extends Module>(
  model: M,
  { task, rates }: Pick<Problem, "task" | "rates">,
  recordedSeed: number,
  rowShape: unknown,
): M & Deciding {
  const decide: Deciding["decide"] = (x, options = {}) => {
    const { seed = recordedSeed, ids } = checkOptions("decide", options, known);
    checkArgument("decide", "the rows", x, rowsKind);
    const { decision } = task;
    if (decision === null) {
      throw new TypeError(`Cannot decide by a model whose task is ${task.name}: its output is the answer, model.forward(x)`);
    }
    const data = new DataSet(rowShape === null && Array.isArray(x) ? { items: x } : { features: x as Tensor }),
      parts: Tensor[] = [];
    if (ids !== undefined && ids.length !== data.size) {
      throw new RangeError(`Cannot decide ${data.size} rows with ${ids.length} ids: wanted one for each row`);
    }
    let before = 0;
    for (const { features, labels: { size } } of data.chunks(chunkSize)) {
      const start = before, own = ids && Array.from({ length: size }, (_, i) => ids[start + i]);
      parts.push(judged(model, { task, rates }, seed, features, size, (row) => `row ${start + row}`, own).decisions!);
      before += size;
    }
    return concatenate(parts);
  };
  return Object.defineProperty(model, "decide", { value: decide, enumerable: false, configurable: true }) as M & Deciding;
}

/**
 * The outputs for some rows, float64, and their decisions, [rows] int32; `null` if an output is the answer.
 * @throws {OutputError} for an output that is not one of the task, with its place
 */
export function judged(
  model: Module,
  { task, rates }: Pick<Problem, "task" | "rates">,
  seed: number,
  features: unknown,
  size: number,
  placeOf: (row: number) => string,
  ids?: readonly (number | string | undefined)[],
): { outputs: Tensor; decisions: Tensor | null } {
  const outputs = inStep(() => noGrad(() => model.forward(features).cast("float64")), () => tensorsOf(model));
  checkFinite(outputs, placeOf);
  task.check({ predictions: outputs, labels: [], placeOf, otherwise: "" });
  const { decision } = task, keys = () => keysOf(features, size, ids);
  const decisions = decision === null
    ? null
    : noGrad(() => rates === "decided" ? decision.decided(outputs) : drawnBy(seed, decision, outputs, keys()));
  return { outputs, decisions };
}

/** The keys of rows, two words each: their features, and ids where given. */
function keysOf(features: unknown, rows: number, ids: readonly (number | string | undefined)[] | undefined): Uint32Array {
  const keys = featureKeys(features, rows);
  if (ids === undefined) return keys;
  const own = rowKeysOf({ columns: new Map([["id", ids.map(String)]]) }, rows);
  return keys.map((word, i) => ids[i >> 1] === undefined ? word : (word ^ own[i]) >>> 0);
}

function drawnBy(seed: number, { drawn }: Decision, outputs: Tensor, keys: Uint32Array): Tensor {
  return drawn(outputs, (row) => uniformOf(seed, keys[2 * row], keys[2 * row + 1]));
}

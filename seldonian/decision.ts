import { concatenate, inStep, noGrad, oneHot, Tensor } from "../autodiff/mod.ts";
import { checkArgument, checkOptions, type Kind, type Known, perRow, whole } from "../autodiff/options.ts";
import { logProbabilities, sigmoidLogits } from "../nn/log_probability.ts";
import { type Module, tensorsOf } from "../nn/module.ts";
import { chunkSize, DataSet } from "./data/data_set.ts";
import { featureKeys, rowKeysOf, uniformOf } from "./data/row_keys.ts";
import { checkFinite, checkProbabilities } from "./outputs.ts";

/** How a classifier's probabilities become decisions, for what judges them; `undefined` where they are judged themselves. */
export function deciderFor(rates: "expected" | "decided"): ((predictions: Tensor) => Tensor) | undefined {
  return rates === "decided" ? decisions : undefined;
}

/** 1 for the decided class and 0 for others, in the shape of the probabilities: the most probable, or class 1 from 0.5 on. */
export function decisions(p: Tensor): Tensor {
  const outputs = p.cast("float64").detach();
  if (outputs.rank < 2 || outputs.shape[1] === 1) return outputs.greaterEqual(0.5);
  return oneHot(Tensor.from(mostProbable(outputs)), outputs.shape[1]).cast("float64");
}

/**
 * A smooth stand-in for {@link decisions}: probabilities whose log-odds are divided by `temperature`, which end in the decision as
 * it falls to 0.
 */
export function softened(p: Tensor, temperature: number): Tensor {
  if (p.rank === 2 && p.shape[1] > 1) return logProbabilities(p).div(temperature).softmax();
  const odds = sigmoidLogits(p)?.cast("float64") ?? logit(p.cast("float64"));
  return odds.div(temperature).sigmoid();
}

/** The decisions, with the slope of the {@link softened} probabilities (Y. Bengio et al., "Estimating or propagating gradients through stochastic neurons", 2013). */
export function straightThrough(p: Tensor, temperature: number): Tensor {
  const soft = softened(p, temperature);
  return soft.add(decisions(p).sub(soft.detach()));
}

/** A model that can say what it decides. */
export interface Deciding {
  /**
   * The class of every row of `x`, a tensor or nested arrays [rows, …], several by name or a list of items, [rows] int32: the decision
   * that the safety test certified. For rates "decided" it is the most probable class, or class 1 from a probability of 0.5 on. For
   * "expected" it is drawn from the probabilities by a hash of the row's features under `seed`, by default the one of the training: it
   * depends on the row, the model and the seed alone, so that rows one by one, in any order or in any batch are decided alike. Equal rows
   * are, too: where features are of few kinds, give `ids`, a number or a text for each row, such as that of the applicant, or a whole
   * kind is decided by one draw.
   * @throws {OutputError} for an output that is no probability, with its row
   */
  decide(
    x: Tensor | Readonly<Record<string, Tensor>> | readonly unknown[],
    options?: { seed?: number; ids?: ArrayLike<number | string> },
  ): Tensor;
}

const known: Known<NonNullable<Parameters<Deciding["decide"]>[1]>> = { seed: whole(), ids: perRow };
const rowsKind: Kind = {
  type: "object",
  wanted: "a tensor [rows, …], or rows as the data has them",
  holds: (value) => value !== null,
};

/**
 * Gives a model its decision, as a property that no walk over its fields sees.
 * @param rowShape of the data that it was tested on; `null`: items, so that lists are lists of them and no nested arrays
 */
export function deciding<M extends Module>(
  model: M,
  rates: "expected" | "decided",
  recordedSeed: number,
  rowShape: unknown,
): M & Deciding {
  const decide: Deciding["decide"] = (x, options = {}) => {
    const { seed = recordedSeed, ids } = checkOptions("decide", options, known);
    checkArgument("decide", "the rows", x, rowsKind);
    const data = new DataSet(rowShape === null && Array.isArray(x) ? { items: x } : { features: x as Tensor }),
      parts: Tensor[] = [];
    if (ids !== undefined && ids.length !== data.size) {
      throw new RangeError(`Cannot decide ${data.size} rows with ${ids.length} ids: wanted one for each row`);
    }
    let before = 0;
    for (const { features, labels: { size } } of data.chunks(chunkSize)) {
      const p = inStep(() => noGrad(() => model.forward(features).cast("float64")), () => tensorsOf(model));
      const placeOf = (row: number) => `row ${start + row}`, start = before;
      checkFinite(p, placeOf);
      checkProbabilities(p, placeOf);
      parts.push(
        noGrad(() =>
          rates === "decided"
            ? classesOf(p)
            : drawn(p, keysOf(features, size, ids && Array.from({ length: size }, (_, i) => ids[before + i])), seed)
        ),
      );
      before += size;
    }
    return concatenate(parts);
  };
  return Object.defineProperty(model, "decide", { value: decide, enumerable: false, configurable: true }) as M & Deciding;
}

/** What tells rows apart: their features, and ids if there are some. */
function keysOf(features: unknown, rows: number, ids: (number | string)[] | undefined): Uint32Array {
  const keys = featureKeys(features, rows);
  if (ids === undefined) return keys;
  const own = rowKeysOf({ columns: new Map([["id", ids.map(String)]]) }, rows);
  return keys.map((word, i) => (word ^ own[i]) >>> 0);
}

function classesOf(p: Tensor): Tensor {
  return p.rank < 2 || p.shape[1] === 1
    ? Tensor.from(Int32Array.from(p.data, (probability) => probability >= 0.5 ? 1 : 0))
    : Tensor.from(mostProbable(p));
}

function drawn(p: Tensor, keys: Uint32Array, seed: number): Tensor {
  const [rows, classes = 1] = p.shape, { data } = p;
  return Tensor.from(Int32Array.from({ length: rows }, (_, row) => {
    let left = uniformOf(seed, keys[2 * row], keys[2 * row + 1]);
    if (classes === 1) return left < data[row] ? 1 : 0;
    let k = 0;
    while (k < classes - 1 && (left -= data[row * classes + k]) >= 0) k++;
    return k;
  }));
}

/** The first of the most probable classes, row by row. */
function mostProbable(p: Tensor): Int32Array {
  const [rows, classes] = p.shape, { data } = p;
  return Int32Array.from({ length: rows }, (_, row) => {
    let best = 0;
    for (let k = 1; k < classes; k++) if (data[row * classes + k] > data[row * classes + best]) best = k;
    return best;
  });
}

/** Of probabilities whose argument is not known: away from 0 and 1, where it and its slope are infinite. */
function logit(p: Tensor): Tensor {
  const inside = p.clip(1e-7, 1 - 1e-7);
  return inside.log().sub(inside.neg().add(1).log());
}

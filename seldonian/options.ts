import { nearestTo } from "../autodiff/nearest.ts";
import { checkNames, oneOf } from "../autodiff/options.ts";
import * as v from "../deps.ts";

/** How candidate selection trains. */
export interface OptimizerOptions {
  /**
   * Gradient descent: "adam" or "sgd". On all candidate data at once: "bfgs", by gradients if the model has them; or without
   * gradients "cma-es", "nelder-mead" or "powell", for models that are not a differentiable graph.
   *
   * Default: "bfgs" for small and smooth problems on the CPU, which are one linear layer with a smooth output and at most 1,000
   * parameters, and an objective and measures of the kit's, without absolute values, CVaR, penalty or streams; and only if no
   * option is given that "bfgs" does not know, such as `thetaRate` or `batchSize`. Otherwise "adam".
   */
  name?: "adam" | "sgd" | "bfgs" | "cma-es" | "nelder-mead" | "powell";
  /** The number of starts, the first from the model's parameters, the others from new initial ones; default 1. */
  starts?: number;
  /** The initial search distance of "cma-es", "nelder-mead" and "powell", default 0.5. */
  spread?: number;
  /**
   * Learning rate of the parameters, default 0.005. For "sgd" without momentum on all candidate data, the default rate follows
   * the curvature.
   */
  thetaRate?: number;
  /** Learning rate of the multipliers, default 0.005. */
  lambdaRate?: number;
  /** Adam's decay of the running mean of gradients, default 0.9. */
  beta1?: number;
  /** Adam's decay of the running mean of squared gradients, default 0.95. */
  beta2?: number;
  /** Momentum of sgd, default 0. */
  momentum?: number;
  /** Initial value of the multipliers, default 0.5. */
  lambda?: number;
  /**
   * How to find multipliers: by steps that do not depend on the unit of g ("scaled", default), by plain ascent as in the Python
   * toolkit, by the augmented Lagrangian, or by a PI controller; `training/multipliers.ts` has the formulas.
   */
  dual?: "scaled" | "ascent" | "augmented" | "pi";
  /** The gain of "augmented" and "pi", default 1. */
  lambdaGain?: number;
  /** The decay of the running mean for "pi", default 0.9. */
  lambdaDecay?: number;
  /** How both learning rates fall during training, default "constant". */
  schedule?: "constant" | "linear" | "cosine" | "step" | "warm-up";
  /** The greatest norm of the Lagrangian's gradient; longer gradients are scaled down to it. Default: any. */
  gradientClip?: number;
  /** Ends training, or the part of it for one of several candidates, after this many epochs without a better step; default: never. */
  patience?: number;
  /**
   * Coefficient of theta · theta, over all trained parameters, biases too. In training it is added to the objective: steps descend
   * on the sum, and are compared by it. The reported objective does not include it. Default 0; 1 / (2 rows) where "bfgs" is chosen
   * by default, because it reaches the optimum, which may be infinitely far away.
   */
  regularization?: number;
  /** Rows a step; default: all candidate data. */
  batchSize?: number;
  /** Rows a step of other data sets, by name; default: `batchSize`, or all if there are fewer. Paired ones have as many as the data. */
  batchSizes?: Readonly<Record<string, number>>;
  /**
   * The most passes over the candidate data; default 1 with batches, 1,000 without. Searches use a pass for each trial, and end
   * earlier if nothing is left to gain: default 10,000 if you name one.
   */
  epochs?: number;
  /** Whether to draw batches in random order, default true. */
  shuffle?: boolean;
  /**
   * Factor on the half-widths of the predicted bounds of the safety test: parameters are chosen on the rows that predict, and the
   * test has others. Default: 4 for "adam" and "sgd" without batches, and for "bfgs"; otherwise 2.
   */
  inflation?: number;
  /** The number of steps to compare at the end with the last one, on up to 10,000 rows of candidate data; default 3. */
  finalists?: number;
  /**
   * The training stand-in for decisions, where rates are "decided": probabilities whose log-odds are divided by a falling
   * temperature ("annealed", default), or decisions with the slope of such probabilities ("straight-through").
   */
  surrogate?: "annealed" | "straight-through";
  /** How to compute convolutions in gradient steps, see `autodiff.useConvolutions`; default: as everywhere. */
  convolutions?: "fast" | "exact";
  /**
   * Whether gradient steps are recorded, and then replayed on rows of the same layout, or on a card on batches of one size: the same
   * bits in less time. Default: if model, objective, measures and bounds are the kit's; on a card, if the model is. True promises that your functions depend on their inputs and parameters alone.
   */
  replay?: boolean;
  /** The final temperature, default 0.1; "straight-through" uses it throughout. */
  temperature?: number;
}

/** The options with all defaults filled in. */
export interface OptimizerSettings extends Required<Omit<OptimizerOptions, "batchSizes" | "convolutions" | "replay">> {
  /** As in the options. */
  batchSizes?: Readonly<Record<string, number>>;
  /** As in the options. */
  convolutions?: "fast" | "exact";
  /** As in the options. */
  replay?: boolean;
  /** Whether the rate follows the curvature, starting at `thetaRate`. */
  adaptive: boolean;
}

const positive = v.pipe(v.number(), v.finite("a finite number above 0"), v.gtValue(0));
const notNegative = v.pipe(v.number(), v.finite("a finite number from 0"), v.minValue(0));
const decay = v.pipe(v.number(), v.minValue(0), v.ltValue(1));
const count = v.pipe(v.number(), v.integer(), v.minValue(1));

/** The schema of the options, for `train()` and for specs. */
export const optimizerSchema = v.strictObject({
  name: v.optional(v.picklist(["adam", "sgd", "bfgs", "cma-es", "nelder-mead", "powell"])),
  starts: v.optional(count, 1),
  spread: v.optional(positive, 0.5),
  thetaRate: v.optional(positive),
  lambdaRate: v.optional(notNegative, 0.005),
  beta1: v.optional(decay, 0.9),
  beta2: v.optional(decay, 0.95),
  momentum: v.optional(decay, 0),
  lambda: v.optional(notNegative, 0.5),
  dual: v.optional(v.picklist(["scaled", "ascent", "augmented", "pi"]), "scaled"),
  lambdaGain: v.optional(notNegative, 1),
  lambdaDecay: v.optional(decay, 0.9),
  schedule: v.optional(v.picklist(["constant", "linear", "cosine", "step", "warm-up"]), "constant"),
  gradientClip: v.optional(v.pipe(v.number(), v.gtValue(0)), Infinity),
  patience: v.optional(v.pipe(v.number(), v.gtValue(0)), Infinity),
  regularization: v.optional(notNegative),
  batchSize: v.optional(count),
  batchSizes: v.optional(v.record(v.string(), count)),
  epochs: v.optional(count),
  shuffle: v.optional(v.boolean(), true),
  inflation: v.optional(notNegative),
  finalists: v.optional(v.pipe(v.number(), v.integer(), v.minValue(0)), 3),
  surrogate: v.optional(v.picklist(["annealed", "straight-through"]), "annealed"),
  convolutions: v.optional(v.picklist(["fast", "exact"])),
  replay: v.optional(v.boolean()),
  temperature: v.optional(positive, 0.1),
});

/** `true` for two equal types; no value for others. */
type Same<A, B> = [A] extends [B] ? [B] extends [A] ? true : never : never;

/** Does not compile if the interface and the schema differ. */
const _agree: Same<OptimizerOptions, v.InferInput<typeof optimizerSchema>> = true;

/** Options that searches know as well as gradient descent. */
export const commonOptions: readonly (keyof OptimizerOptions)[] = [
  ...["starts", "epochs", "regularization", "inflation", "finalists", "surrogate", "temperature", "convolutions"] as const,
];

/**
 * The options with defaults.
 * @param rows of the candidate data
 * @param smooth whether the problem is small and smooth
 * @throws {TypeError} for an unknown option
 * @throws {RangeError} for an invalid value; the message names both
 */
export function settingsOf(options: OptimizerOptions, rows: number, smooth: boolean): OptimizerSettings {
  checkNames("train", options, Object.keys(optimizerSchema.entries), "optimizer");
  const { success, output, issues } = v.safeParse(optimizerSchema, options);
  if (!success) {
    const [{ path, expected, received, kind, input, type, message: told }] = issues,
      name = path?.map(({ key }) => key).join(".") ?? "";
    const names = Array.from(expected?.matchAll(/"([^"]*)"/g) ?? [], ([, choice]) => choice);
    const near = typeof input === "string" ? nearestTo(input, names) : undefined;
    const wanted = names.length > 0
      ? oneOf(...names).wanted
      : type === "finite"
      ? told
      : kind === "validation" && expected === null
      ? "a whole number"
      : expected;
    const message = `Cannot train: optimizer.${name} is ${received}; ${near ?? `wanted ${wanted}`}`;
    throw ["number", "string"].includes(typeof input) ? new RangeError(message) : new TypeError(message);
  }
  const given = Object.entries(options).flatMap(([option, value]) =>
    value === undefined ? [] : [option as keyof OptimizerOptions]
  );
  const newton = smooth && given.every((option) => commonOptions.includes(option));
  const { name = newton ? "bfgs" : "adam", regularization = newton ? 0.5 / rows : 0, batchSize = rows, thetaRate = 0.005 } =
    output;
  const { inflation = usualCaution(name, batchSize === rows).inflation } = output, gradual = name === "adam" || name === "sgd";
  const { epochs = !gradual && !newton ? 10000 : options.batchSize === undefined ? 1000 : 1 } = output;
  if (batchSize > rows) {
    throw new RangeError(
      `Cannot train: optimizer.batchSize is ${batchSize}, and the candidate data has ${rows} rows; wanted at most that`,
    );
  }
  if ((batchSize < rows || output.batchSizes !== undefined) && !gradual) {
    throw new RangeError(
      `Cannot train by ${name} in batches: it compares values on all candidate data; leave ${
        batchSize < rows ? "batchSize" : "batchSizes"
      } out`,
    );
  }
  const adaptive = name === "sgd" && output.thetaRate === undefined && output.momentum === 0 && batchSize === rows;
  return { ...output, name, inflation, regularization, batchSize, epochs, thetaRate, adaptive };
}

/**
 * The inflation and the number of candidates where none are given. Gradients on all rows find a safe and an accurate model in
 * about the time of one, so the first can afford to be safe.
 */
export function usualCaution(name: OptimizerSettings["name"], isWhole: boolean): { inflation: number; candidates: number } {
  return isWhole && ["adam", "sgd", "bfgs"].includes(name) ? { inflation: 4, candidates: 4 } : { inflation: 2, candidates: 1 };
}

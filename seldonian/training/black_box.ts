import { withConvolutions } from "../../autodiff/kernels/in_use.ts";
import { inStep, noGrad, type Tensor, weightedSum } from "../../autodiff/mod.ts";
import type { RandomGenerator } from "../../deps.ts";
import { type Module, tensorsOf } from "../../nn/module.ts";
import { bfgs, cmaEs, type Found, type Minimizer, nelderMead, powell } from "../../nn/optim/mod.ts";
import { assess } from "../assess.ts";
import { evaluatePromise, type PromiseEvaluation } from "../constraints/promise.ts";
import { boundsOf, type Course } from "./course.ts";
import type { Trained } from "./trained.ts";
import type { Rows } from "../data/data_set.ts";
import { breathe } from "../event_loop.ts";
import { randomStream } from "../random.ts";
import { steepAtFirst } from "./slopes.ts";
import type { JudgedData } from "../problem/problem.ts";
import type { Sets } from "../sets.ts";
import type { TechniqueStart } from "./technique.ts";
import { keptOf, regularizerOf } from "./weights.ts";

/** After this many rounds, the search stops even if multipliers still change. */
const mostRounds = 30;

/**
 * Limits of the last rounds: the greatest remaining slope, and the greatest relative distance of parameters. Values cannot
 * resolve more than the root of their precision, which is that of the model's float32 outputs.
 */
const finest = { slope: 1e-7, distance: 1e-5 };

/**
 * Searches theta by the values of f and g on all candidate data, for models whose outputs have no gradient. One of the searches
 * of `optim` minimises the augmented Lagrangian f + Σ (max(0, λ + μ g)² - λ²) / 2μ, over all formulas of the constraints, round
 * by round. After each round, λ ← max(0, λ + μ g), and μ grows if the violation has not halved. Once the multipliers rest, the
 * minimum is the constrained optimum; a barrier, as in the Python toolkit, would stop a search at the first edge.
 * Sources: M. J. D. Powell (1969); E. G. Birgin and J. M. Martínez, "Improving ultimate feasibility of an augmented Lagrangian
 * algorithm" (2008), for the rule for μ.
 */
export async function blackBox<M extends Module>(
  course: Course,
  trained: Trained<M>,
  { seed }: TechniqueStart,
): Promise<string | null> {
  return await new Search(course, trained, randomStream(seed, "search")).run();
}

/** A value of the augmented Lagrangian, and the formulas to descend on: those found, except for decisions. */
interface Tried extends Found {
  formulas: Formula[];
}

/** A search from one start. */
class Search<M extends Module> {
  /** λ of each formula, by its key. */
  readonly #lambda = new Map<string, number>();
  #mu = 10;
  /** Multipliers come to rest with bounds a little above the target, so the target is a little below 0. */
  #margins: number[];
  /** Steps of earlier starts. */
  readonly #first: number;
  /** All rows in one graph, for slopes; `null` for searches without. */
  #whole: Sets<Rows> | null = null;
  /** Why the slopes at the start are of no use. */
  #steep: string | null = null;

  constructor(readonly course: Course, readonly trained: Trained<M>, readonly random: RandomGenerator) {
    this.#margins = course.options.problem.promises.map(() => 0);
    this.#first = course.log.length;
  }

  /** Searches until the multipliers rest or the steps are used up; or why it stopped before. */
  async run(): Promise<string | null> {
    const { course, random, trained: { theta } } = this, { settings, problem: { sets } } = course.options;
    course.sharpen(1);
    if (settings.name === "bfgs") this.#whole = await wholeRows(sets, random);
    const last = settings.name === "bfgs" ? finest.slope : finest.distance;
    let x: Float64Array = Float64Array.from(theta), before = Infinity, { spread } = settings, tolerance = 1e-3;
    for (let round = 0; round < mostRounds; round++) {
      const found = await this.#round(searchOf(settings.name, x, { spread, tolerance }, random), x);
      if (typeof found === "string") return found;
      if (this.#usedUp) {
        theta.set(found);
        return null;
      }
      x = found;
      const { formulas } = await this.#at(x), violation = this.#violation(formulas), atRest = this.#moved(formulas, violation);
      if (atRest && tolerance === last) break;
      // While multipliers still change, an exact search is wasted.
      tolerance = atRest ? last : Math.max(last, tolerance / 8);
      if (round === 0) this.#margins = course.nearly.map((nearly) => 10 * nearly);
      if (violation > before / 2) this.#mu *= 10;
      before = violation;
      spread = Math.max(1e-3, spread / 4);
    }
    return null;
  }

  /** The minimum that a search finds, or its best place when the steps are used up; or why to stop. */
  async #round(search: Minimizer, start: Float64Array): Promise<Float64Array | string> {
    let asked = search.next(), least = { x: start, value: Infinity };
    while (!asked.done) {
      if (this.course.interrupted !== null) return this.course.interrupted;
      if (this.#usedUp) return least.x;
      const found = await this.#at(asked.value);
      if (this.#steep !== null) return this.#steep;
      if (found.value < least.value) least = { x: Float64Array.from(asked.value), value: found.value };
      asked = search.next(found);
      await breathe();
    }
    if (Number.isFinite(asked.value.value)) return Float64Array.from(asked.value.x);
    return "no parameters that were tried have a finite objective and finite bounds; give more candidate data, or another start";
  }

  get #usedUp(): boolean {
    return this.course.log.length - this.#first >= this.course.options.settings.epochs;
  }

  /** √Σ max(0, g)² over the formulas, g above the target. */
  #violation(formulas: readonly Formula[]): number {
    return Math.sqrt(formulas.reduce((sum, formula) => sum + Math.max(0, this.#above(formula)) ** 2, 0));
  }

  /** λ ← max(0, λ + μ g); whether the multipliers were at rest, and nothing violated. */
  #moved(formulas: readonly Formula[], violation: number): boolean {
    const next = formulas.map((formula) => this.#next(formula)), most = Math.max(1, ...next);
    const atRest = violation <= 1e-7 + Math.max(...this.#margins) / 4 &&
      next.every((to, i) => Math.abs(to - this.#multiplier(formulas[i])) <= 1e-7 * most);
    formulas.forEach(({ key }, i) => this.#lambda.set(key, next[i]));
    return atRest;
  }

  #multiplier({ key }: Formula): number {
    return this.#lambda.get(key) ?? 0;
  }

  #above({ g, constraint }: Formula): number {
    return g + this.#margins[constraint];
  }

  #next(formula: Formula): number {
    return Math.max(0, this.#multiplier(formula) + this.#mu * this.#above(formula));
  }

  /** The augmented Lagrangian at these parameters, and its slopes if the model has some. */
  async #at(x: Float64Array): Promise<Tried> {
    const { course, trained, trained: { model, theta } } = this, { settings, problem } = course.options, whole = this.#whole;
    theta.set(x);
    if (whole !== null) {
      return withConvolutions(settings.convolutions, () => inStep(() => this.#withSlopes(whole), () => tensorsOf(model)));
    }
    const { objective: f, sample } = await assess(model, problem, "training");
    const forecast = { inflation: settings.inflation };
    const found = noGrad(() => problem.promises.map((promised) => evaluatePromise(promised, sample, forecast)));
    return this.#noted(f!, course.added(trained), formulasOf(found), found);
  }

  #withSlopes(rows: Sets<Rows>): Tried {
    const { course, trained, trained: { model, theta, gradient } } = this, { settings } = course.options;
    const outputs = rows.map((rows) => ({ rows, predictions: model.forward(rows.features) as Tensor }));
    const { f, evaluations, found } = course.judge(outputs);
    const formulas = formulasOf(evaluations), heard = formulas.filter(({ g }) => g !== Infinity);
    const added = course.penaltyOf(model).map((term) => term.cast("float64")), plain = [f, ...added];
    const weights = [...plain.map(() => 1), ...heard.map((formula) => this.#next(formula))];
    const total = weightedSum([...plain, ...heard.map(({ upper }) => upper)], weights);
    const sum = added.reduce((sum, { value }) => sum + value, regularizerOf(theta, settings));
    const tried = this.#noted(f.value, sum, formulas, found);
    if (!total.requiresGrad) return tried;
    gradient.fill(0);
    total.backward();
    if (course.log.length === this.#first + 1) {
      const { promises } = course.options.problem;
      const named = heard.map(({ constraint, upper }) => [promises[constraint].constraint, upper] as const);
      this.#steep = steepAtFirst(course, trained, f, added, named);
    }
    return { ...tried, gradient: Float64Array.from(gradient, (slope, i) => slope + 2 * settings.regularization * theta[i]) };
  }

  /** The value of the augmented Lagrangian, which is logged as a step. */
  #noted(f: number, added: number, formulas: Formula[], found: PromiseEvaluation[]): Tried {
    const { course, trained } = this, { promises } = course.options.problem;
    // Where a bound is infinite, no value can be compared with another.
    const value = formulas.some(({ g }) => g === Infinity) ? Infinity : formulas.reduce(
      (sum, formula) => sum + (this.#next(formula) ** 2 - this.#multiplier(formula) ** 2) / (2 * this.#mu),
      f + added,
    );
    const lambda = promises.map((_, i) =>
      formulas.reduce((sum, formula) => formula.constraint === i ? sum + this.#multiplier(formula) : sum, 0)
    );
    const epoch = course.log.length - this.#first + 1;
    course.note({ epoch, f, g: boundsOf(found), lambda, lagrangian: value }, found, keptOf(trained), { minimized: f + added });
    return { value, formulas };
  }
}

/** A formula of a constraint, with its own multiplier: the greatest of several formulas has an edge where they are equal. */
interface Formula {
  key: string;
  /** The constraint's number. */
  constraint: number;
  /** The formula's upper bound. */
  upper: Tensor;
  g: number;
}

function formulasOf(evaluations: readonly PromiseEvaluation[]): Formula[] {
  return evaluations.flatMap(({ conjuncts }, constraint) =>
    conjuncts.map(({ text, interval: { upper } }) => ({ key: `${constraint} ${text}`, constraint, upper, g: upper.value }))
  );
}

/** All rows of each data set, in one batch. */
function wholeRows(sets: Sets<JudgedData>, random: RandomGenerator): Promise<Sets<Rows>> {
  return sets.mapInTurn(async ({ data }) => (await data.sample(data.size, random)).whole());
}

function searchOf(
  name: string,
  start: Float64Array,
  options: { spread: number; tolerance: number },
  random: RandomGenerator,
): Minimizer {
  switch (name) {
    case "cma-es":
      return cmaEs(start, { ...options, random });
    case "nelder-mead":
      return nelderMead(start, options);
    case "powell":
      return powell(start, options);
    default:
      // The values come from float32 parameters.
      return bfgs(start, { tolerance: options.tolerance, noise: 1e-9 });
  }
}

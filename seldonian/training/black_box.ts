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
import { nothingFinite, type TechniqueStart } from "./technique.ts";
import { keptOf, regularizerOf } from "./weights.ts";

/** After this many rounds, the search stops even if multipliers still change. */
const mostRounds = 30;

/** The coldest stand-in for decisions comes after this many rounds. */
const warmRounds = 3;

/** The greatest remaining slope, or relative distance of parameters, of the first round, and of the last ones. */
const coarsest = 1e-3, finest = 1e-6;

/** The same for candidates after the safest, which start close to their end. */
const fine = 1e-4;

/** What multipliers can still change of the value counts as nothing, beside 1 + the value. */
const leastCost = 1e-5;

/** The greatest multiplier of a search with gradients, in units of the first objective and bounds. */
const mostUrgent = 10;

/** Rounds with hardly less violation, while μ grows, until the promise counts as one that no parameters keep. */
const mostStuck = 3;

/**
 * Searches theta by the values of f and g on all candidate data, for models whose outputs have no gradient. One of the searches
 * of `optim` minimises the augmented Lagrangian f + Σ λ' g - (λ' - λ)² / 2μ, λ' = max(0, λ + μ g), over all formulas of the constraints, round by
 * round. After each round, λ ← max(0, λ + μ g), and μ grows if the violation has not halved; where g falls by a constant factor,
 * λ goes at once to where it leads (Aitken's extrapolation). Once λ g is small beside f, the minimum is the constrained optimum; a
 * barrier, as in the Python toolkit, would stop a search at the first edge. Decisions have smooth stand-ins for searches with
 * gradients, sharper from round to round.
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

/** The best place of a round. */
interface Place extends Tried {
  x: Float64Array;
}

/** A search from one start. */
class Search<M extends Module> {
  /** λ of each formula, by its key. */
  readonly #lambda = new Map<string, number>();
  /** How far each formula was above the target after the last round with this μ. */
  readonly #before = new Map<string, number>();
  /** Chosen with the first value. */
  #mu = 0;
  /** The greatest λ. */
  #most = Infinity;
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

  /** Searches until nothing is left to gain, violations fall no more or the steps are used up; or why it stopped before. */
  async run(): Promise<string | null> {
    const { course, random, trained: { theta } } = this, { settings, problem: { sets, rates } } = course.options;
    const warm = settings.name === "bfgs" && rates === "decided" ? warmRounds : 0;
    if (settings.name === "bfgs") this.#whole = await wholeRows(sets, random);
    let { spread } = settings,
      x: Float64Array = Float64Array.from(theta),
      before = Infinity,
      stuck = 0,
      tolerance = coarsest,
      candidate = 0;
    course.aim(candidate);
    for (let round = 0; round < mostRounds && !this.#usedUp; round++) {
      course.sharpen(warm === 0 ? 1 : Math.min(1, round / warm));
      const found = await this.#round(searchOf(settings.name, x, { spread, tolerance }, random), x);
      if (typeof found === "string") {
        theta.set(x);
        return found;
      }
      const { formulas, value } = found;
      x = found.x;
      if (round === 0) this.#margins = course.nearly.map((nearly) => 10 * nearly);
      const violation = this.#violation(formulas), kept = this.#kept(formulas);
      const isExact = tolerance === finest || candidate > 0;
      stuck = !kept && violation > 0.9 * before ? stuck + 1 : 0;
      if (stuck === mostStuck || (isExact && round >= warm && this.#atRest(formulas, value))) {
        // From safe to accurate: the safest is the one that would be alone.
        if (++candidate === course.levels.length) break;
        course.aim(candidate);
        this.#before.clear();
        stuck = 0;
        before = Infinity;
        tolerance = fine;
        continue;
      }
      this.#moveMultipliers(formulas);
      // While multipliers still change, an exact search is wasted.
      tolerance = candidate > 0 ? fine : Math.max(finest, tolerance / 8);
      if (!kept && violation > before / 2) {
        this.#mu *= 10;
        this.#before.clear();
      }
      before = violation;
      spread = Math.max(1e-3, spread / 4);
    }
    theta.set(x);
    return null;
  }

  /** The minimum that a search finds, or its best place when the steps are used up; or why to stop. */
  async #round(search: Minimizer, start: Float64Array): Promise<Place | string> {
    let asked = search.next(), least: Place = { x: start, value: Infinity, formulas: [] };
    while (!asked.done) {
      if (this.course.interrupted !== null) return this.course.interrupted;
      if (this.#usedUp) return least;
      const found = await this.#at(asked.value);
      if (this.#steep !== null) return this.#steep;
      if (found.value < least.value) least = { ...found, x: Float64Array.from(asked.value) };
      asked = search.next(found);
      await breathe();
    }
    return Number.isFinite(least.value) ? least : nothingFinite;
  }

  get #usedUp(): boolean {
    return this.course.log.length - this.#first >= this.course.options.settings.epochs;
  }

  /** Whether all bounds are 0 or less, as far as parameters can tell. */
  #kept(formulas: readonly Formula[]): boolean {
    return formulas.every(({ g, constraint }) => g <= this.course.nearly[constraint]);
  }

  /**
   * Whether each bound is kept, or has the greatest multiplier; and those that count are as close to the target as 0 is, or what
   * they cost is nothing beside the value.
   */
  #atRest(formulas: readonly Formula[], value: number): boolean {
    const open = formulas.filter((formula) => this.#multiplier(formula) < this.#most || this.#above(formula) < 0);
    const cost = open.reduce((sum, formula) => sum + this.#next(formula) * Math.abs(this.#above(formula)), 0);
    return this.#kept(open) && (cost <= leastCost * (1 + Math.abs(value)) ||
      open.every((formula) => this.#next(formula) === 0 || this.#above(formula) >= -this.#margins[formula.constraint]));
  }

  /** √Σ max(0, g)² over the formulas, g above the target. */
  #violation(formulas: readonly Formula[]): number {
    return Math.sqrt(formulas.reduce((sum, formula) => sum + Math.max(0, this.#above(formula)) ** 2, 0));
  }

  /** λ ← max(0, λ + μ g / (1 - r)), where g has fallen by the factor r since the last round; r = 0 in doubt, or if μ has grown. */
  #moveMultipliers(formulas: readonly Formula[]): void {
    for (const formula of formulas) {
      const { key } = formula, above = this.#above(formula), r = above / (this.#before.get(key) ?? Infinity);
      this.#lambda.set(key, this.#next(formula, Math.abs(r) < 0.8 ? 1 / (1 - r) : 1));
      this.#before.set(key, above);
    }
  }

  #multiplier({ key }: Formula): number {
    return this.#lambda.get(key) ?? 0;
  }

  #above({ g, constraint }: Formula): number {
    return g + this.#margins[constraint];
  }

  /** The multiplier that g calls for; where g falls by the factor r a round, it is `ahead` = 1 / (1 - r) times as far. */
  #next(formula: Formula, ahead: number = 1): number {
    return Math.max(0, Math.min(this.#most, this.#multiplier(formula) + this.#mu * this.#above(formula) * ahead));
  }

  /** The augmented Lagrangian at these parameters, and its slopes if the model has some. */
  async #at(x: Float64Array): Promise<Tried> {
    const { course, trained, trained: { model, theta } } = this, { settings, problem } = course.options, whole = this.#whole;
    theta.set(x);
    if (whole !== null) {
      return withConvolutions(settings.convolutions, () => inStep(() => this.#withSlopes(whole), () => tensorsOf(model)));
    }
    const { objective: f, sample } = await assess(model, problem, "training");
    const found = noGrad(() =>
      problem.promises.map((promised) => evaluatePromise(promised, sample, course.forecastOf(promised)))
    );
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

  /**
   * μ from the first f and g: about where the penalty on g outweighs f, in the units of both. Slopes would lead far away where
   * only extreme parameters keep a promise, or none, so that λ has a limit there.
   */
  #scale(f: number, formulas: readonly Formula[]): void {
    const g = Math.max(1, ...formulas.map(({ g }) => Number.isFinite(g) ? Math.abs(g) : 1));
    this.#mu = Math.max(this.#whole === null ? 10 : 100, 10 * Math.abs(f)) / g ** 2;
    if (this.#whole !== null) this.#most = mostUrgent * Math.max(1, Math.abs(f)) / g;
  }

  /** The value of the augmented Lagrangian, which is logged as a step. */
  #noted(f: number, added: number, formulas: Formula[], found: PromiseEvaluation[]): Tried {
    const { course, trained } = this, { promises } = course.options.problem;
    if (this.#mu === 0) this.#scale(f, formulas);
    // Where a bound is infinite, no value can be compared with another.
    const value = formulas.some(({ g }) => g === Infinity) ? Infinity : formulas.reduce((sum, formula) => {
      const next = this.#next(formula);
      return sum + next * this.#above(formula) - (next - this.#multiplier(formula)) ** 2 / (2 * this.#mu);
    }, f + added);
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

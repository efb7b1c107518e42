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
  const { settings, problem } = course.options, { promises, sets } = problem, { model, theta, gradient } = trained;
  const random = randomStream(seed, "search"), lambda = new Map<string, number>(), first = course.log.length;
  // Slopes need all rows in one graph.
  const whole = settings.name === "bfgs" ? await wholeRows(sets, random) : null;
  let mu = 10, spread = settings.spread;
  // Multipliers come to rest with bounds a little above the target, so the target is a little below 0.
  let margins = promises.map(() => 0);
  let steep: string | null = null;
  const multiplierOf = ({ key }: Formula) => lambda.get(key) ?? 0;
  const aboveOf = ({ g, constraint }: Formula) => g + margins[constraint];
  const movedBy = (formula: Formula) => Math.max(0, multiplierOf(formula) + mu * aboveOf(formula));

  /** The augmented Lagrangian at these parameters, and its slopes if the model has some. */
  const at = async (x: Float64Array): Promise<Found & { formulas: Formula[] }> => {
    theta.set(x);
    if (whole !== null) {
      return withConvolutions(settings.convolutions, () => inStep(() => withSlopes(whole), () => tensorsOf(model)));
    }
    const { objective: f, sample } = await assess(model, problem, "training");
    const forecast = { inflation: settings.inflation };
    const found = noGrad(() => promises.map((promised) => evaluatePromise(promised, sample, forecast)));
    return noted(f!, course.added(trained), formulasOf(found), found);
  };
  const withSlopes = (rows: Sets<Rows>): Found & { formulas: Formula[] } => {
    const { f, evaluations, found } = course.judge(
      rows.map((rows) => ({ rows, predictions: model.forward(rows.features) as Tensor })),
      1,
    );
    const formulas = formulasOf(evaluations), heard = formulas.filter(({ g }) => g !== Infinity);
    const added = course.penaltyOf(model).map((term) => term.cast("float64")), plain = [f, ...added];
    const terms = [...plain, ...heard.map(({ upper }) => upper)], weights = [...plain.map(() => 1), ...heard.map(movedBy)];
    const total = weightedSum(terms, weights), regularizer = regularizerOf(theta, settings);
    const value = noted(f.value, added.reduce((sum, { value }) => sum + value, regularizer), formulas, found);
    if (!total.requiresGrad) return value;
    gradient.fill(0);
    total.backward();
    if (course.log.length === first + 1) {
      steep = steepAtFirst(
        course,
        trained,
        f,
        added,
        heard.map(({ constraint, upper }) => [promises[constraint].constraint, upper]),
      );
    }
    return { ...value, gradient: Float64Array.from(gradient, (slope, i) => slope + 2 * settings.regularization * theta[i]) };
  };
  /**
   * @param formulas the formulas to descend on: those found, except for decisions
   */
  const noted = (f: number, added: number, formulas: Formula[], found: PromiseEvaluation[]) => {
    // Where a bound is infinite, no value can be compared with another.
    const value = formulas.some(({ g }) => g === Infinity) ? Infinity : formulas.reduce(
      (sum, formula) => sum + (movedBy(formula) ** 2 - multiplierOf(formula) ** 2) / (2 * mu),
      f + added,
    );
    const multipliers = promises.map((_, i) =>
      formulas.reduce((sum, formula) => formula.constraint === i ? sum + multiplierOf(formula) : sum, 0)
    );
    const epoch = course.log.length - first + 1, step = { epoch, f, g: boundsOf(found), lambda: multipliers, lagrangian: value };
    course.note(step, found, keptOf(trained), { minimized: f + added });
    return { value, formulas };
  };

  let x: Float64Array = Float64Array.from(theta), before = Infinity, tolerance = 1e-3;
  const last = settings.name === "bfgs" ? finest.slope : finest.distance;
  for (let round = 0; round < mostRounds; round++) {
    const search = searchOf(settings.name, x, { spread, tolerance }, random);
    let asked = search.next(), least = { x, value: Infinity };
    while (!asked.done) {
      if (course.interrupted !== null) return course.interrupted;
      if (course.log.length - first >= settings.epochs) {
        theta.set(least.x);
        return null;
      }
      const found = await at(asked.value);
      if (steep !== null) return steep;
      if (found.value < least.value) least = { x: Float64Array.from(asked.value), value: found.value };
      asked = search.next(found);
      await breathe();
    }
    x = Float64Array.from(asked.value.x);
    if (!Number.isFinite(asked.value.value)) {
      return "no parameters that were tried have a finite objective and finite bounds; give more candidate data, or another start";
    }
    if (course.log.length - first >= settings.epochs) {
      theta.set(x);
      return null;
    }
    const { formulas } = await at(x),
      violation = Math.sqrt(formulas.reduce((sum, formula) => sum + Math.max(0, aboveOf(formula)) ** 2, 0));
    const next = formulas.map(movedBy), most = Math.max(1, ...next);
    const atRest = violation <= 1e-7 + Math.max(...margins) / 4 &&
      next.every((to, i) => Math.abs(to - multiplierOf(formulas[i])) <= 1e-7 * most);
    formulas.forEach(({ key }, i) => lambda.set(key, next[i]));
    if (atRest && tolerance === last) break;
    // While multipliers still change, an exact search is wasted.
    tolerance = atRest ? last : Math.max(last, tolerance / 8);
    if (round === 0) margins = course.nearly.map((nearly) => 10 * nearly);
    if (violation > before / 2) mu *= 10;
    before = violation;
    spread = Math.max(1e-3, spread / 4);
  }
  return null;
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

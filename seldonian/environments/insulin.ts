import { exp, log } from "../../autodiff/mathematics/elementary.ts";
import { uniformOf } from "../data/uniform_of.ts";
import type { Environment, Outcome } from "./environment.ts";

/** Minutes of a day, and between two of its measurements. */
const day = 1440, between = 5;
/** Rates of glucose leaving by itself, of insulin's effect fading, and of insulin acting; and of insulin leaving the blood. */
const p1 = 0.01, p2 = 0.025, p3 = 1.3e-5, n = 5 / 54;
/** Glucose without meals (mmol/l), and the volumes of insulin and of glucose (l). */
const basalGlucose = 6, insulinVolume = 12, glucoseVolume = 12;
/** Glucose of a gram of carbohydrate that is absorbed (mmol), and minutes to the peak of its absorption. */
const absorbed = 0.8 * 5.551, peak = 40;

/**
 * A day of a person with diabetes on a pump, as Bergman's minimal model of glucose: dG/dt = -(p1 + X) G + p1 Gb + meals,
 * dX/dt = -p2 X + p3 (I - Ib), dI/dt = -n (I - Ib) + doses. An episode is one action, which sets how doses are made from that day's
 * three meals: carbohydrate (g) / action 0 + (G - 6 mmol/l) / action 1, if G is above 6. Meals are drawn.
 *
 * The reward is minus a tenth of the day's mean risk of glucose, 10 (1.509 (ln(mg/dl)^1.084 - 5.381))^2, at least -1. The alternate
 * reward is -1 for a day with more than 4 % of its time below 3.9 mmol/l, else 0. For trying policies, not for treating people.
 * Source: R. N. Bergman et al., "Quantitative estimation of insulin sensitivity", American Journal of Physiology 236 (1979); M. E.
 * Fisher, "A semiclosed-loop algorithm for the control of blood glucose levels in diabetics", IEEE TBME 38 (1991), for a person
 * without insulin of their own; B. Kovatchev et al., Diabetes Care 20 (1997), for the risk; T. Battelino et al., Diabetes Care 42 (2019), for the 4 %.
 */
export class Insulin implements Environment {
  #seed = 0;

  /** Begins a day. There is nothing to see. */
  reset({ seed }: { seed: number }): { observation: number } {
    this.#seed = seed;
    return { observation: 0 };
  }

  /**
   * Lives the day.
   * @throws {RangeError} unless the action is two numbers above 0
   */
  step(action: number | readonly number[]): Outcome {
    const [carbohydrate, correction] = typeof action === "number" ? [action] : action;
    if (!(carbohydrate > 0 && correction > 0)) {
      throw new RangeError(`Cannot dose by ${action}: wanted grams and mmol/l for one unit of insulin, both above 0`);
    }
    const drawn = (meal: number, of: number) => uniformOf(this.#seed, meal, of);
    const meals = [7, 12, 18].map((hour, i) => ({ at: Math.round(60 * (hour + 2 * drawn(i, 0))), grams: 30 + 50 * drawn(i, 1) }));
    let glucose = basalGlucose + 3 * drawn(3, 0), effect = 0, insulin = 0, risk = 0, low = 0;
    for (let minute = 0; minute < day; minute++) {
      let meal = 0;
      for (const { at, grams } of meals) {
        const since = minute - at;
        if (since === 0) {
          const units = grams / carbohydrate + Math.max(0, glucose - 6) / correction;
          insulin += 1000 * units / insulinVolume;
        }
        if (since > 0) meal += absorbed * grams * since * exp(-since / peak) / (peak * peak) / glucoseVolume;
      }
      glucose += -(p1 + effect) * glucose + p1 * basalGlucose + meal;
      effect += -p2 * effect + p3 * insulin;
      insulin -= n * insulin;
      if (minute % between > 0) continue;
      risk += riskOf(glucose) * between / day;
      low += glucose < 3.9 ? between / day : 0;
    }
    return { observation: 0, reward: -Math.min(1, risk / 10), alternates: [low > 0.04 ? -1 : 0], terminated: true };
  }
}

/** The risk of a glucose in mmol/l, from 0 to 100. */
function riskOf(glucose: number): number {
  const scaled = 1.509 * (exp(1.084 * log(log(Math.max(20, Math.min(600, 18.02 * glucose))))) - 5.381);
  return Math.min(100, 10 * scaled * scaled);
}

import { randomStream } from "../random.ts";
import { uniformInt } from "../../deps.ts";
import type { Bound } from "./bound.ts";
import { student } from "./student.ts";

/** The number of bootstrap samples. */
const samples = 2000;

/**
 * Percentile bootstrap: the quantile at 1 - delta of the means of 2,000 samples drawn with replacement from the values, from a
 * fixed seed. Approximate: right for many values, too narrow for few or skewed ones, and never beyond the greatest value in the
 * data.
 * Source: B. Efron, "Bootstrap methods: another look at the jackknife", Annals of Statistics 7 (1979).
 */
export const bootstrap: Bound = {
  name: "bootstrap",
  assumes: "that the sample looks like the law it was drawn from",
  guarantee: "approximate",
  values: "any",
  fewest: 2,
  upper(values, { delta }) {
    const n = values.length, random = randomStream(0, "bootstrap"), means = new Float64Array(samples);
    for (let i = 0; i < samples; i++) {
      let sum = 0;
      for (let j = 0; j < n; j++) sum += values[uniformInt(random, 0, n - 1)];
      means[i] = sum / n;
    }
    return means.sort()[Math.min(samples - 1, Math.ceil((1 - delta) * samples))];
  },
  forecast: student.forecast,
};

import { rejects, throws } from "node:assert/strict";
import { test } from "node:test";
import { type Measure, nn, type Tensor } from "../../../mod.ts";
import { Monitor, planRetest } from "../../../seldonian/monitoring/mod.ts";

/** A measure that is no mean, whose range is another one than that of its values. */
const spread: Measure = {
  ...{ name: "Spread", task: "regression", indices: 0, range: [0, 1] },
  values: ({ labels }) => labels,
  functional: {
    ...{ name: "spread", assumes: "nothing", levels: 0 },
    range: ([low, high]) => [0, (high - low) ** 2 / 4],
    value: (values: Tensor) => values.sub(values.mean()).square().mean(),
    upper: () => 0.25,
    lower: () => 0,
    forecast: (_side, values) => values.mean(),
  },
};

test("what is no mean has ranges of its own, and is refused before outcomes or rows come", async () => {
  const options = { measures: [spread] }, model = new nn.LogisticRegression(1);
  for (const text of ["Spread <= 0.1", "Spread - Mean_Error <= 0.1", "Spread * Spread <= 0.1"]) {
    const ranges: Record<string, [number, number]> = text.includes("Mean_Error") ? { Mean_Error: [-1, 1] } : {};
    throws(
      () => new Monitor([text], { ...options, ranges }),
      /a monitor watches a limit on CVaR, and no other formula with Spread/,
    );
    await rejects(
      planRetest({ ...options, ranges, model, constraints: [{ text, delta: 0.05 }] }),
      /Spread is no mean, and a test in sequence is one of means/,
    );
  }
  throws(() =>
    new Monitor(["CVaR_[0.9] * 2 + Mean_Squared_Error <= 1"], { ranges: { CVaR: [0, 4], Mean_Squared_Error: [0, 4] } })
  );
});

test("what is no mean needs both ends of its range", () => {
  throws(() => new Monitor(["CVaR_[0.9] <= 4"]), /its values lie in \[0, Infinity\]; declare a range to watch it/);
  throws(
    () => new Monitor(["CVaR_[0.9] <= 4"], { ranges: { CVaR: [-Infinity, 4] } }),
    /lie in \[-Infinity, 4\]; declare a range/,
  );
  new Monitor(["CVaR_[0.9] <= 4"], { ranges: { CVaR: [0, 9] } });
});

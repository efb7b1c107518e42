/**
 * False alarms at the very edge of the promise, looked at after every outcome, for every kind of measure and formula. `PROOFS=full`
 * takes 2,000 streams of 10,000 outcomes of each, and prints a table.
 */
import { equal, ok } from "node:assert/strict";
import { test } from "node:test";
import { Monitor, type Outcome } from "../../../seldonian/monitoring/mod.ts";
import { full } from "../../helpers/runs.ts";
import { streamsOf } from "./streams.ts";
import { classes, drawn, numbers, optionsFor, people, uniforms, valueIn } from "../../helpers/worlds.ts";

const [streams, length] = full ? [2000, 10_000] : [4, 300], alpha = 0.05;
/** Exceeded with a probability of about 1e-6 if alarms have probability alpha. */
const most = alpha * streams + 5 * Math.sqrt(alpha * streams) + 2;

const kinds: [string, readonly Outcome[], string[]][] = [
  ["classification", people, ["PR", "NR", "FPR", "TNR", "TPR", "FNR", "TP", "FP", "TN", "FN", "ACC", "ER", "CM_[0, 1]"]],
  ["ratios", people, ["Precision", "NPV", "FDR", "F1", "(PR | [M]) / (PR | [F])"]],
  ["groups", people, [
    "(FPR | [M]) - (FPR | [F])",
    "abs((TPR | [M]) - (TPR | [F]))",
    "(PR | [O]) - PR",
    "(FPR | [O]) - (FNR | [M])",
    "(ACC | [age < 20]) + (ACC | [20 <= age && age < 40]) - 2 * (ACC | [age >= 40])",
    "max((PR | [M]), (PR | [F]))",
    "min((PR | [M]), (PR | [F]))",
  ]],
  ["not linear", people, ["PR * TPR", "exp(FPR) - TPR ** 2"]],
  ["several classes", classes, ["PR_[2]", "FPR_[0]", "TPR_[1]", "ACC", "CM_[1, 2]", "(TPR_[1] | [M]) - (TPR_[1] | [F])"]],
  ["regression", numbers, ["Mean_Squared_Error", "Mean_Error", "(Mean_Error | [M]) - (Mean_Error | [F])"]],
];

/** A limit on CVaR at its edge: the mean of the worst tenth. */
const errors = numbers.map(({ output, label }) => ((output as number) - (label as number)) ** 2).sort((a, b) => b - a);
const worst = errors.slice(0, 100).reduce((sum, one) => sum + one, 0) / 100;

const promises: [population: readonly Outcome[], promised: string[]][] = [
  ...kinds.flatMap(([, population, formulas]) =>
    formulas.flatMap((formula) =>
      ["<=", ">="].map((relation): [readonly Outcome[], string[]] => [
        population,
        [`${formula} ${relation} ${valueIn(population, formula)}`],
      ])
    )
  ),
  ...["<=", ">="].map((relation): [readonly Outcome[], string[]] => [numbers, [`CVaR_[0.1] ${relation} ${worst}`]]),
  [
    people,
    ["FPR", "(PR | [O])", "(TPR | [M]) - (TPR | [F])", "ACC", "PR"].map((formula) => `${formula} <= ${valueIn(people, formula)}`),
  ],
];

for (const [population, promised] of promises) {
  test(`at the edge of ${promised.join(" and ")}, alarms ring in at most alpha of the streams`, () => {
    const some = streamsOf(promised, population, alpha);
    let rung = 0;
    for (let seed = 0; seed < streams; seed++) if (some.alarm(1e6 + seed, length) !== undefined) rung++;
    if (full) console.log(`| ${promised.join(", ")} | ${rung} |`);
    ok(rung <= most, `${rung} of ${streams} streams`);
    // A monitor rings at the same outcomes, also where alarms are frequent.
    const often = streamsOf(promised, population, 0.7);
    equal(some.alarmOfMonitor(1e6, 300), some.alarm(1e6, 300));
    for (const seed of [1, 2]) equal(often.alarmOfMonitor(seed, 300), often.alarm(seed, 300));
  });
}

test("a test for a fixed number of outcomes, repeated at every look, rings far more often on the same streams", () => {
  const formulas: [readonly Outcome[], string][] = [
    [people, "PR"],
    [people, "TPR"],
    [people, "(FPR | [M]) - (FPR | [F])"],
    [classes, "FPR_[0]"],
    [numbers, "Mean_Squared_Error"],
  ];
  const some = full ? streams : 60;
  for (const [population, formula] of formulas) {
    const { rejected } = streamsOf([`${formula} <= ${valueIn(population, formula)}`], population, alpha);
    let rung = 0;
    // The one-sided test at level 0.05.
    for (let seed = 0; seed < some; seed++) if (rejected(1e6 + seed, full ? length : 2000, 1.6449)) rung++;
    if (full) console.log(`| a repeated z-test of ${formula} | ${rung} |`);
    ok(rung > 0.2 * some, `${formula}: ${rung} of ${some}`);
  }
});

test("a promise that no longer holds does ring, for every kind of measure", () => {
  for (const [, population, formulas] of kinds) {
    for (const formula of formulas.filter((text) => !/^(exp|abs)/.test(text))) {
      const value = valueIn(population, formula), limit = value - Math.max(0.06, 0.4 * Math.abs(value));
      const monitor = new Monitor([`${formula} <= ${limit}`], optionsFor(formula));
      for (let left = 20_000; left > 0 && monitor.report().alarm === null; left -= 1000) {
        monitor.add(drawn(population, 1000, uniforms(left)));
      }
      equal(monitor.report().alarm === null, false, `${formula} <= ${limit}`);
    }
  }
});

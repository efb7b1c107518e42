/**
 * False alarms at the very edge of the promise, looked at after every outcome, for every kind of measure and formula. `PROOFS=full`
 * takes 2,000 streams of 10,000 outcomes of each, and prints a table.
 */
import { equal, ok } from "node:assert/strict";
import { test } from "node:test";
import { Monitor, type Outcome } from "../../../seldonian/monitoring/mod.ts";
import { full } from "../../helpers/runs.ts";
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

/** The number of streams with an alarm. */
function alarms(promised: string[], population: readonly Outcome[], some = streams, long = length): number {
  let rung = 0;
  for (let stream = 0; stream < some; stream++) {
    const monitor = new Monitor(promised, { ...optionsFor(`${promised}`), alpha }), uniform = uniforms(1e6 + stream);
    for (let left = long; left > 0; left -= 500) monitor.add(drawn(population, Math.min(left, 500), uniform));
    if (monitor.report().alarm !== null) rung++;
  }
  return rung;
}

for (const [name, population, formulas] of kinds) {
  test(`at the edge of a promise about ${name} alarms ring in at most alpha of the streams`, () => {
    for (const formula of formulas) {
      for (const relation of ["<=", ">="]) {
        const promised = `${formula} ${relation} ${valueIn(population, formula)}`, rung = alarms([promised], population);
        if (full) console.log(`| ${promised} | ${(100 * rung / streams).toFixed(2)} % |`);
        ok(rung <= most, `${promised}: ${rung} of ${streams} streams`);
      }
    }
  });
}

test("a limit on CVaR, at its edge from both sides", () => {
  const errors = numbers.map(({ output, label }) => ((output as number) - (label as number)) ** 2).sort((a, b) => b - a);
  const worst = errors.slice(0, 100).reduce((sum, one) => sum + one, 0) / 100;
  for (const relation of ["<=", ">="]) {
    const rung = alarms([`CVaR_[0.1] ${relation} ${worst}`], numbers);
    if (full) console.log(`| CVaR_[0.1] ${relation} ${worst} | ${(100 * rung / streams).toFixed(2)} % |`);
    ok(rung <= most, `${rung} of ${streams} streams`);
  }
});

test("several promises together keep alpha, where the groups of some depend on the values of others", () => {
  const formulas = ["FPR", "(PR | [O])", "(TPR | [M]) - (TPR | [F])", "ACC", "PR"], several = full ? streams : 12;
  const promised = formulas.map((formula) => `${formula} <= ${valueIn(people, formula)}`);
  const rung = alarms(promised, people, several, full ? length : 2000);
  if (full) console.log(`| ${formulas.length} promises | ${(100 * rung / several).toFixed(2)} % |`);
  ok(rung <= alpha * several + 5 * Math.sqrt(alpha * several), `${rung} of ${several} streams`);
});

test("a test for a fixed number of outcomes, repeated at every look, rings far more often on the same streams", () => {
  const limit = valueIn(people, "PR"), some = full ? streams : 100;
  let rung = 0;
  for (let stream = 0; stream < some; stream++) {
    const uniform = uniforms(1e6 + stream);
    let sum = 0, alarm = false;
    drawn(people, full ? length : 2000, uniform).forEach(({ output }, i) => {
      sum += output as number;
      const n = i + 1;
      // The one-sided test of a rate at level 0.05, from the 30th outcome.
      if (n >= 30 && sum - n * limit > 1.6449 * Math.sqrt(n * limit * (1 - limit))) alarm = true;
    });
    rung += Number(alarm);
  }
  if (full) console.log(`| a repeated z-test of PR | ${(100 * rung / some).toFixed(1)} % |`);
  ok(rung > 0.25 * some, `${rung} of ${some}`);
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

/** The short form of the adversary; `run.ts` is the long one. */
import { ok } from "node:assert/strict";
import { test } from "node:test";
import { full } from "../helpers/runs.ts";
import * as kit from "../../mod.ts";
import { questionsOf, reproducer, tried } from "./adversary.ts";
import { leavesIn, textOf } from "./formula.ts";
import { shareOf } from "./oracle.ts";
import type { Question } from "./question.ts";
import { trial } from "./trial.ts";

const seed = 19, count = full ? 64 : 24, questions = questionsOf(count, seed);

test("safetyTest(), split() and train() pass a model that breaks its promise by a hair with probability at most delta", async () => {
  const alarms: string[] = [];
  let refused = 0;
  for (const question of questions) {
    const found = await tried(kit, question, seed, { among: count, stages: 3, most: 1000 });
    if (found.alarm || found.crash !== null) alarms.push(`${reproducer(found, seed)}\n${found.crash ?? ""}`);
    if (found.refused === found.trials) refused++;
  }
  ok(alarms.length === 0, alarms.join("\n\n"));
  ok(refused <= 0.25 * count, `${refused} of ${count} questions are refused: the generator makes what the kit does not take`);
});

test("this adversary can fail: it finds a kit that spends eight times its delta", async () => {
  const spender: typeof kit = {
    ...kit,
    safetyTest: (options) =>
      kit.safetyTest({
        ...options,
        constraints: options.constraints.map((one) => ({ ...one, delta: Math.min(0.6, 8 * one.delta) })),
      }),
  };
  let alarms = 0;
  for (const question of questionsOf(2000, seed).filter(isSimple).slice(0, 16)) {
    if ((await tried(spender, question, seed, { among: count, stages: 2 })).alarm) alarms++;
  }
  ok(alarms >= 2, `${alarms} alarms`);
});

/** Whether a question is one rate of independent rows, whose bound is nearly exact. */
function isSimple({ theme, formula, bound, rates, route, delta }: Question): boolean {
  return theme === "plain" && leavesIn(formula).length === 1 && bound === "auto" && rates === "decided" &&
    route.kind === "test" && delta < 0.2;
}

test("the oracle agrees with the kit on a large sample: promises are broken by a hair, and by no more", async () => {
  let compared = 0;
  for (const question of questionsOf(400, seed).filter(isOfRates)) {
    const large: Question = {
      ...question,
      n: 3000,
      bound: "hoeffding",
      route: { kind: "test", sorted: false, pieces: 0, seeds: 1 },
    };
    let g = NaN;
    const listener: typeof kit = {
      ...kit,
      safetyTest: async (options) => {
        const report = await kit.safetyTest(options);
        g = report.constraints[0].value;
        return report;
      },
    };
    const { refused } = await trial(listener, large, seed, 0);
    if (refused !== null) continue;
    compared++;
    ok(Math.abs(g) < 0.12, `g of ${question.text} is ${g} on 3,000 rows, and 0.000001 in truth`);
  }
  ok(compared >= 20, `${compared} questions`);
});

/**
 * Whether a formula has one or two rates without quotients, each on a large part of independent rows, so 3,000 rows determine its
 * value.
 */
function isOfRates({ theme, task, formula, law, rates, custom }: Question): boolean {
  const truth = { laws: { "": law }, rates, custom, estimand: "rows" } as const, leaves = leavesIn(formula);
  return (theme === "plain" || theme === "almost apart") && task !== "regression" && custom.length === 0 && leaves.length <= 2 &&
    !textOf(formula).includes("/") && !textOf(formula).includes("log") && !leaves.some(({ measure }) => measure.length > 3) &&
    leaves.every((leaf) => shareOf(leaf, truth) > 0.15);
}

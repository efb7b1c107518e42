import { ok } from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { test } from "node:test";
import { Encoder, type Encoding, nn, split, type Table, toolkitTable, train } from "../../mod.ts";
import { germanCredit, loanEncoding } from "../../examples/datasets/german_credit.ts";
import { referenceDir } from "../helpers/reference.ts";
import { full } from "../helpers/runs.ts";

/** `deno task proofs:full` runs all of them. */
const seeds = full ? 20 : 10;

/**
 * The Python toolkit's tutorial on fair loans tests a logistic regression for disparate impact on 600 of 1,000 applicants. Its
 * published log loss is 0.5818, and 0.80 of its trials find a solution.
 */
async function losses({ table, encoding }: { table: Table; encoding: Encoding }): Promise<number[]> {
  const found: number[] = [];
  for (let seed = 0; seed < seeds; seed++) {
    const { candidate, safety } = split(table, { safetyFraction: 0.6, seed }), encoder = new Encoder(candidate, encoding);
    const result = await train({
      data: { candidate: encoder.encode(candidate), safety: encoder.encode(safety) },
      model: new nn.LogisticRegression(encoder.featureNames.length),
      objective: nn.logLoss,
      constraints: [{ text: "min((PR | [M]) / (PR | [F]), (PR | [F]) / (PR | [M])) >= 0.9", delta: 0.05 }],
      candidates: 5,
      optimizer: { thetaRate: 0.005, lambdaRate: 0.02, regularization: 0.03, inflation: 3, epochs: 1500 },
      seed,
    });
    ok(result.passed, `seed ${seed}: ${result}`);
    found.push(result.objective.safety!);
  }
  return found.sort((a, b) => a - b);
}

const folder = `${referenceDir}/../data/toolkit`;
const data: Record<string, () => { table: Table; encoding: Encoding }> = {
  "the applicants of the repository": () => {
    const table = germanCredit();
    return { table, encoding: loanEncoding(table) };
  },
  "the toolkit's file": () => {
    const [csv, metadata] = ["german_loan_numeric_forseldonian.csv", "metadata_german_loan.json"];
    return toolkitTable(readFileSync(`${folder}/${csv}`, "utf8"), readFileSync(`${folder}/${metadata}`, "utf8"));
  },
};

for (const [name, read] of Object.entries(data)) {
  const skip = name === "the toolkit's file" && !existsSync(folder) && `there is no ${folder}`;
  test(
    `fair loans, ${name}: all ${seeds} seeds find a solution, with a median loss no higher than the toolkit's`,
    { skip },
    async () => {
      const found = await losses(read()), median = (found[seeds / 2 - 1] + found[seeds / 2]) / 2;
      ok(median <= 0.5818, `the median loss is ${median}`);
    },
  );
}

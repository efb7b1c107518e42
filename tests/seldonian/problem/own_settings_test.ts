/** Settings that are those of one constraint, or of one bound, and not of all. */
import { deepEqual, equal, match, ok, rejects } from "node:assert/strict";
import { test } from "node:test";
import {
  measures,
  nn,
  type Passed,
  safetyTest,
  split,
  type StatedConstraint,
  train,
  type TrainOptions,
  verify,
} from "../../../mod.ts";
import { data, question } from "../../helpers/small_question.ts";

const adam = { name: "adam", epochs: 40, thetaRate: 0.1 } as const, delta = 0.05;

function trained(constraints: StatedConstraint[], more: Partial<TrainOptions<nn.LogisticRegression>> = {}) {
  return train({ data, model: new nn.LogisticRegression(2), objective: nn.logLoss, constraints, optimizer: adam, ...more });
}

test("a constraint may have a family of bounds of its own, which its certificate names", async () => {
  const constraints = [{ text: "ACC >= 0.01", delta, bound: "student" as const }, { text: "PR >= 0.01", delta }];
  const result = await trained(constraints, { bound: "hoeffding" }) as Passed<nn.LogisticRegression>;
  deepEqual(result.constraints.map(({ leaves: [{ bound }] }) => bound), ["student", "hoeffding"]);
  const certificate = JSON.parse(JSON.stringify(await result.certificate()));
  deepEqual(certificate.test.constraints.map(({ bound }: { bound?: string }) => bound), ["student", undefined]);
  const { safety } = split(data),
    repeated = (promise?: Parameters<typeof verify>[3]) => verify(certificate, result.model, safety, promise);
  deepEqual((await repeated()).differences, []);
  equal((await repeated({ promise: { constraints, bound: "hoeffding" } })).valid, true);
  // Who wants a proven bound for all is not content with one for some.
  const { valid, differences } = await repeated({
    promise: { constraints: constraints.map(({ text, delta }) => ({ text, delta })), bound: "hoeffding" },
  });
  equal(valid, false);
  deepEqual(differences, ['bound: the test of ACC >= 0.01 has "student", and "hoeffding" is wanted']);
  const report = await safetyTest({ ...question, constraints: [{ text: "ACC >= 0.01", delta, bound: { ACC: "student" } }] });
  equal(report.constraints[0].leaves[0].bound, "student");
  await rejects(
    trained([{ text: "ACC >= 0.5", delta, bound: { PR: "student" } }, { text: "PR >= 0.01", delta }]),
    /Cannot use a bound for "PR": its constraint has ACC/,
  );
});

test("a constraint's inflation is the optimizer's, for that constraint", async () => {
  const text = "ACC >= 0.7",
    of = async (one: Partial<StatedConstraint>, optimizer: object) => {
      const { log, best } = await trained([{ text, delta, ...one }, { text: "PR >= 0.1", delta }], {
        optimizer: { ...adam, ...optimizer },
      });
      return { g: log.map(({ g }) => g), best };
    };
  deepEqual(await of({ inflation: 4 }, {}), await of({}, {}));
  const [own, all] = [await of({ inflation: 5 }, {}), await of({}, { inflation: 5 })];
  equal(own.g[0][0], all.g[0][0]);
  ok(own.g[0][1] < all.g[0][1]);
});

test("a constraint's multiplier starts where it says", async () => {
  const { log: [{ lambda }] } = await trained([{ text: "ACC >= 0.7", delta, lambda: 3 }, { text: "PR >= 0.1", delta }]);
  deepEqual(lambda, [3, 0.5]);
  // Searches have no such start, so the default is gradient descent.
  const { log } = await trained([{ text: "ACC >= 0.7", delta, lambda: 3 }], { optimizer: { epochs: 5 } });
  deepEqual([log.length, log[0].lambda], [5, [3]]);
});

test("another data set may have a batch size of its own", async () => {
  const seen = new Set<number>();
  const counted = {
    ...measures.ACC.measure,
    name: "Counted",
    values: ({ predictions, labels }: measures.Outcomes) => (seen.add(labels.size), predictions.reshape(labels.size)),
  };
  const constraints = [{ text: "(Counted | there) >= -1", delta }], others = { there: data };
  const of = (optimizer: object, more: object = {}) =>
    trained(constraints, {
      others,
      measures: [counted],
      optimizer: { ...adam, epochs: 2, batchSize: 10, ...optimizer },
      ...more,
    });
  await of({ finalists: 0 });
  ok(seen.has(10) && !seen.has(4));
  await of({ batchSizes: { there: 4 } });
  ok(seen.has(4));
  const refused = async (batchSizes: Record<string, number>, why: RegExp, more?: object) =>
    await rejects(of({ batchSizes }, more), (error: Error) => (match(error.message, why), true));
  await refused(
    { their: 4 },
    /^Cannot train: optimizer\.batchSizes\.their is 4, and there is no other data set of that name; there are there$/,
  );
  await refused({ there: 50 }, /^Cannot train: optimizer\.batchSizes\.there is 50, and it has 20 rows; wanted at most that$/);
  await refused({ there: 5 }, /^Cannot train: optimizer\.batchSizes\.there is 5, and its rows come with those of the data, /, {
    paired: ["there"],
  });
  await rejects(of({ name: "bfgs", batchSize: undefined, batchSizes: { there: 4 } }), /leave batchSizes out$/);
});

test("each bound of a measure may have a weight of its own", async () => {
  const constraints = [{ text: "abs(PR | [M]) <= 1", delta: 0.08 }],
    all = { ...question, constraints, analysis: "interval" as const };
  const deltas = async (shares: NonNullable<Parameters<typeof safetyTest>[0]["shares"]>) => {
    const { constraints: [{ leaves: [{ deltaLower, deltaUpper }] }] } = await safetyTest({ ...all, shares });
    return [deltaLower, deltaUpper];
  };
  const text = "(PR | [M]) - (PR | [!M]) + (PR | [M]) * (PR | [!M]) <= 2";
  const { constraints: [{ leaves }] } = await safetyTest({
    ...question,
    analysis: "interval",
    constraints: [{ text, delta: 0.08 }],
    shares: { "PR | [M]": 4, "PR | [!M]": { lower: 1, upper: 3 } },
  });
  deepEqual(leaves.map(({ deltaLower, deltaUpper }) => [deltaLower, deltaUpper]), [[0.02, 0.02], [0.01, 0.03]]);
  deepEqual(await deltas({ "PR | [M]": { lower: 1, upper: 3 } }), [0.02, 0.06]);
  deepEqual(await deltas({ "PR | [M]": 7 }), await deltas("equal"));
  await rejects(
    safetyTest({
      ...question,
      analysis: "interval",
      constraints: [{ text, delta }],
      shares: { "PR | [M]": 1, "PR | [!M]": { lower: 1 } },
    }),
    /Cannot share delta out: "PR \| \[!M\]" has no weight for its upper bound, which the formula needs/,
  );
  for (const weight of [{}, { lower: 0 }, { lower: 1, upper: -1 }, NaN]) {
    await rejects(safetyTest({ ...all, shares: { "PR | [M]": weight } }), (error: Error) => {
      match(
        error.message,
        /^Cannot share delta out: the weight of "PR \| \[M\]" is .*; wanted a number above 0( for one of its bounds, or for both)?$/,
      );
      return true;
    });
  }
});

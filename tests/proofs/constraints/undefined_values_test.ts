import { deepEqual, equal, match, ok } from "node:assert/strict";
import { test } from "node:test";
import { abs, type Analysis, DataSet, exp, log, max, measures, min, nn, safetyTest, train } from "../../../mod.ts";
import { Constant, Constraint, type Expression } from "../../../seldonian/constraints/expression.ts";
import { fc } from "../../deps.ts";
import { echo } from "../../helpers/models.ts";
import { rows } from "../../helpers/promises.ts";

const { ACC, PR } = measures;
const features = rows(200, (i) => [i % 10 === 0 ? 0.4 : 0.9]), labels = rows(200, (i) => i % 12 === 0 ? 0 : 1);
const data = new DataSet({ features, labels, columns: { A: rows(200, (i) => i % 2), nobody: rows(200, () => 0) } });
const judged = async (text: string | Constraint, analysis: Analysis) =>
  (await safetyTest({ model: echo, data, analysis, constraints: [{ text, delta: 0.05 }] })).constraints[0];

test("a constraint with a part that is not a number is not judged, whatever its bounds say", async () => {
  const texts = [
    ...["log(0) * 0 <= ACC", "log(0) * 0 - ACC", "exp(log(0) * 0) * 0 <= ACC", "abs(log(0) * 0) <= ACC", "0 / 0 <= ACC"],
    ...["min(log(0) * 0, 0 - 1) <= ACC", "max(log(0) * 0, 0 - 1) <= ACC", "(0 - 1) ** 0.5 <= ACC", "log(ACC - 2) * 0 <= 1"],
    ...["(PR | [nobody]) * 0 <= 1", "min((PR | [nobody]), 0 - ACC) <= 0", "(PR | [nobody]) <= 2"],
  ];
  for (const analysis of ["conjunctive", "interval"] as const) {
    for (const text of texts) {
      const { passed, verdict, value, upper, note } = await judged(text, analysis);
      deepEqual([passed, verdict, value, upper], [false, "not judged", NaN, Infinity], `${text}, ${analysis}`);
      ok(note !== undefined, text);
    }
    ok((await judged("log(1) * 0 <= ACC", analysis)).passed);
    ok((await judged("0 * (PR | [A]) <= ACC", analysis)).passed);
  }
  match((await judged("log(0) * 0 <= ACC", "conjunctive")).note!, /^log\(0\) \* 0 - ACC is not a number$/);
});

test("no formula passes where it is not a number", async () => {
  const numbers = fc.constantFrom(0, -1, 2, 0.5, 1e300).map((value) => new Constant(value));
  const { tree } = fc.letrec<{ tree: Expression }>((tie) => ({
    tree: fc.oneof(
      { maxDepth: 4 },
      fc.constantFrom<Expression>(ACC, PR),
      numbers,
      fc.tuple(tie("tree"), tie("tree"), fc.nat(6)).map(([x, y, which]) =>
        [x.plus(y), x.minus(y), x.times(y), x.over(y), x.toThe(y), min(x, y), max(x, y)][which]
      ),
      fc.tuple(tie("tree"), fc.nat(3)).map(([x, which]) => [abs, exp, log, (y: Expression) => y.negated()][which](x)),
    ),
  }));
  const doubtful = fc.tuple(tree, tree, fc.nat(3)).map(([x, y, which]) =>
    [log(x).times(0), x.over(y).times(0), min(log(x.minus(y)).times(0), y), x.toThe(y).times(log(x))][which]
  );
  let undefinedOnes = 0;
  await fc.assert(
    fc.asyncProperty(doubtful, fc.constantFrom<Analysis>("conjunctive", "interval"), async (g, analysis) => {
      let found;
      try {
        found = await judged(new Constraint(g, "<=", ACC), analysis);
      } catch (error) {
        ok(error instanceof Error && /^Cannot (read|use|analyse)/.test(error.message), `${error}`);
        return;
      }
      if (!Number.isNaN(found.value)) return;
      undefinedOnes++;
      deepEqual([found.passed, found.verdict], [false, "not judged"]);
    }),
    { seed: 5, numRuns: 200 },
  );
  ok(undefinedOnes > 20, `${undefinedOnes}`);
});

test("training finds no solution for what is not a number, with and without gradients, replayed or not", async () => {
  const model = () => new nn.Sequential(new nn.Linear(1, 1), new nn.Sigmoid());
  for (
    const optimizer of [{ epochs: 20 }, { epochs: 20, replay: true }, { epochs: 4, batchSize: 20 }, {
      name: "cma-es",
      epochs: 5,
    }] as const
  ) {
    const question = { data: { features, labels }, objective: nn.logLoss, optimizer, model: model() };
    const result = await train({ ...question, constraints: [{ text: "log(0) * 0 <= ACC", delta: 0.05 }] });
    equal(result.passed, false);
    ok(result.log.every(({ g }) => g[0] === Infinity));
  }
});

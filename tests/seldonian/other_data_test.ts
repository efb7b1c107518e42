import { equal, match, ok } from "node:assert/strict";
import { test } from "node:test";
import { DataSet, nn, split, tensor, train, verify } from "../../mod.ts";
import { logistic } from "../helpers/models.ts";

test("constraints on other data sets are trained and tested on those sets", async () => {
  const rowsOf = (n: number, shift: number) =>
    Array.from({ length: n }, (_, i) => [Math.sin(7.1 * i) + shift, Math.cos(3.3 * i)]);
  const here = rowsOf(800, 0), there = rowsOf(500, 0.3), label = ([x, y]: number[]) => x + 0.3 * y > 0 ? 1 : 0;
  const other = { features: there, labels: there.map(label), columns: { M: there.map((_, i) => i % 2) } };
  const options = {
    data: { features: here, labels: here.map(label) },
    others: { there: other },
    independent: ["there"],
    model: logistic(),
    objective: nn.logLoss,
    constraints: [
      { text: "(PR | there[M]) <= 0.5", delta: 0.05 },
      { text: "abs(PR - (PR | there)) <= 0.3", delta: 0.05 },
    ],
    optimizer: { thetaRate: 0.05, lambdaRate: 0.05, epochs: 20, batchSize: 100 },
  };
  const result = await train(options);
  ok(result.passed, `${result}`);
  const [{ leaves: [one] }, { conjuncts: [, second] }] = result.constraints;
  equal(one.name, "PR | there[M]");
  ok(one.n > 100 && one.n < 150);
  // Two data sets declared independent give one statistic, with one block per row of the smaller set.
  equal(second.statistic!.n, 250);
  const p = (x: number[][]) => result.model.forward(tensor(x)).mean().value;
  ok(p(there) < p(here) + 0.3);
  ok(p(there.filter((_, i) => i % 2 === 1)) < 0.5);

  const certificate = await result.certificate(),
    { safety } = split(new DataSet(options.data)),
    test = split(new DataSet(other)).safety;
  const { valid, assumed } = await verify(certificate, result.model, safety, { others: { there: test } });
  ok(valid && assumed.includes(`the rows of "there" are independent of the data's`));
  const { differences } = await verify(certificate, result.model, safety, { others: { there: test.take([0]) } });
  match(differences[0], /^the number of rows of the data "there" is 1, and the certificate says 250/);
  match((await verify(certificate, result.model, safety)).differences[0], /^the number of rows of the data "there" is undefined/);
});

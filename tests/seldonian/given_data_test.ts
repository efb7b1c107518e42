import { equal, rejects } from "node:assert/strict";
import { test } from "node:test";
import { DataSet, nn, safetyTest, train } from "../../mod.ts";

test("the error for wrong data shows it and says what was wanted", async () => {
  const features = Array.from({ length: 60 }, (_, i) => [Math.sin(7.1 * i)]), labels = features.map(([x]) => x > 0 ? 1 : 0);
  const data = new DataSet({ features, labels }),
    stated = {
      model: new nn.LogisticRegression(1),
      objective: nn.logLoss,
      constraints: [{ text: "(ACC | there) >= 0.6", delta: 0.1 }],
    };
  const parts = "a DataSet or a stream, { features, labels } or { items, labels }", made = "such as split() returns";
  const whole = `${parts}, or { candidate, safety } ${made}`,
    source = "a DataSet or a stream, such as new DataSet({ features, labels })";
  const lone = (has: string, lacks: string) =>
    `there is a ${has} part and no ${lacks} part; wanted both, ${made}, or the data whole, to be split here`;
  const trained: [given: unknown, why: string, part?: string][] = [
    [{ candidate: data }, lone("candidate", "safety")],
    [{ safety: data }, lone("safety", "candidate")],
    [{ candidate: data, safety: undefined }, lone("candidate", "safety")],
    [{ candidate: data, safety: [1] }, `it is a list; wanted ${parts}`, "the safety part of "],
    [undefined, `it is undefined; wanted ${whole}`],
    [null, `it is null; wanted ${whole}`],
    ["x.csv", `it is "x.csv"; wanted ${whole}`],
    [features, `it is a list; wanted ${whole}`],
    [{ data, safetyRows: 10 }, `it is an object with data, safetyRows; wanted ${whole}`],
    [{}, `it is an object with nothing; wanted ${whole}`],
  ];
  for (const [given, why, part = ""] of trained) {
    const others = { there: given as DataSet };
    await rejects(train({ ...stated, data, others }), { message: `Cannot use ${part}the data set "there" of others: ${why}` });
    await rejects(train({ ...stated, data: given as DataSet }), { message: `Cannot use ${part}the data: ${why}` });
  }
  const tested: [given: unknown, why: string][] = [
    [{ features, labels }, `it is an object with features, labels; wanted ${source}`],
    [{ candidate: data, safety: data }, `it is an object with candidate, safety; wanted ${source}`],
    [undefined, `it is undefined; wanted ${source}`],
  ];
  for (const [given, why] of tested) {
    const others = { there: given as DataSet };
    await rejects(safetyTest({ ...stated, data, others }), { message: `Cannot use the data set "there" of others: ${why}` });
    await rejects(safetyTest({ ...stated, data: given as DataSet }), { message: `Cannot use the data: ${why}` });
  }
  // Plain data in others is split like the main data.
  const there = { features: features.map(([x]) => [x / 2]), labels };
  const result = await train({ ...stated, data, others: { there }, optimizer: { epochs: 2 } });
  const [{ leaves: [{ n }] }] = result.constraints;
  equal(n, 30);
});

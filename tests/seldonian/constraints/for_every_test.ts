import { deepEqual, equal, ok, throws } from "node:assert/strict";
import { test } from "node:test";
import { constraint, forEvery, nn, train } from "../../../mod.ts";
import { logistic } from "../../helpers/models.ts";
import { points } from "../../helpers/line.ts";

test("a name can stand for every group, and each formula is tested at the whole delta", async () => {
  const each = forEvery("g", ["young", "old"], constraint("abs((PR | [g, M]) - PR) <= 0.2"));
  equal(`${each}`, "max(abs((PR | [young, M]) - PR) - 0.2, abs((PR | [old, M]) - PR) - 0.2) <= 0");
  equal(`${constraint(`${each}`)}`, `${each}`);
  equal(`${forEvery("g", ["old"], constraint("(ACC | [g]) >= 0.7"))}`, "0.7 - (ACC | [old])");
  throws(
    () => forEvery("h", ["old"], constraint("(ACC | [g]) >= 0.7")),
    /no measure has a condition with h, the name for old/,
  );
  throws(() => forEvery("g", [], constraint("(ACC | [g]) >= 0.7")), /there is nothing for g to stand for/);

  const features = points(600),
    labels = features.map(([x]) => x > 0 ? 1 : 0);
  const columns = Object.fromEntries(["a", "b", "c"].map((name, k) => [name, labels.map((_, i) => i % 3 === k ? 1 : 0)]));
  const result = await train({
    data: { features, labels, columns },
    model: logistic(),
    objective: nn.logLoss,
    constraints: [{ text: "(ACC | [g]) >= 0.6", forEvery: { g: ["a", "b", "c"] }, delta: 0.05 }],
    optimizer: { thetaRate: 0.05, epochs: 100 },
  });
  ok(result.passed);
  const [{ conjuncts, leaves }] = result.constraints;
  deepEqual(leaves.map(({ name, deltaLower }) => [name, deltaLower]), ["a", "b", "c"].map((name) => [`ACC | [${name}]`, 0.05]));
  equal(conjuncts.length, 3);
});

test("a name can stand for every value of a column", () => {
  const each = forEvery("r", ["a", "b"], constraint("(PR | [race == r]) >= 0.2"));
  equal(`${each}`, 'max(0.2 - (PR | [race == "a"]), 0.2 - (PR | [race == "b"])) <= 0');
  equal(`${forEvery("y", [3], constraint("(PR | [year != y]) >= 0.2"))}`, "0.2 - (PR | [year != 3])");
  equal(
    `${forEvery("c", ["a", "b"], constraint("(PR | [c == 1]) >= 0.2"))}`,
    "max(0.2 - (PR | [a == 1]), 0.2 - (PR | [b == 1])) <= 0",
  );
  throws(
    () => forEvery("c", ["a"], constraint("(PR | [year != y]) >= 0.2")),
    /no measure has a condition with c, the name for a/,
  );
});

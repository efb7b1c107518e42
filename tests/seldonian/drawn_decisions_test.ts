import { deepEqual, equal, notDeepEqual, ok } from "node:assert/strict";
import { test } from "node:test";
import { nn, type Tensor, tensor, train } from "../../mod.ts";
import { permutation, randomStream } from "../../seldonian/random.ts";
import { delta, rows, untrained } from "../helpers/promises.ts";

test("a decision drawn for a row depends only on the row, the model and the seed", async () => {
  const features = rows(3000, (i) => [0.337 + 1e-4 * Math.sin(i)]);
  const result = await train({
    ...untrained,
    data: { features, labels: rows(3000, () => 0) },
    constraints: [{ text: "PR >= 0.2", delta }],
    seed: 7,
  });
  ok(result.passed);
  const { model } = result,
    together = model.decide(tensor(features)),
    rate = Array.from(together.data).reduce((sum, one) => sum + one, 0) / 3000;
  ok(Math.abs(rate - 0.337) < 4 * Math.sqrt(0.337 * 0.663 / 3000), `${rate}`);
  const order = permutation(3000, randomStream(3, "order"));
  deepEqual(
    Array.from(model.decide(tensor(Array.from(order, (i) => features[i]))).data),
    Array.from(order, (i) => together.data[i]),
  );
  for (let i = 0; i < 300; i++) equal(model.decide(tensor([features[i]])).value, together.data[i]);
  deepEqual(model.decide(tensor(features), { seed: 7 }).data, together.data);
  notDeepEqual(model.decide(tensor(features), { seed: 8 }).data, together.data);
  // The same for several classes and for items.
  class Classes implements nn.Module {
    readonly unused = new nn.Parameter([1], () => 0);
    forward(items: readonly number[]): Tensor {
      return tensor(items.map(() => [0.2, 0.3, 0.5])).add(this.unused.mul(0));
    }
  }
  const other = await train({
    ...untrained,
    model: new Classes(),
    data: { items: rows(3000, (i) => i), labels: rows(3000, () => 0) },
    constraints: [{ text: "PR_[2] >= 0.3", delta }],
  });
  ok(other.passed);
  const classes = Array.from(other.model.decide(rows(3000, (i) => i)).data);
  for (const [k, p] of [0.2, 0.3, 0.5].entries()) {
    ok(Math.abs(classes.filter((one) => one === k).length / 3000 - p) < 4 * Math.sqrt(p * (1 - p) / 3000));
  }
  deepEqual(classes.slice(10, 20), rows(10, (i) => other.model.decide([i + 10]).value));
});

test("equal rows get the same decision, unless ids tell them apart", async () => {
  const features = rows(2000, () => [0.3]);
  const result = await train({
    ...untrained,
    data: { features, labels: rows(2000, () => 0) },
    constraints: [{ text: "PR >= 0.2", delta }],
  });
  ok(result.passed);
  const alike = new Set(result.model.decide(tensor(features)).data);
  equal(alike.size, 1);
  const apart = Array.from(result.model.decide(tensor(features), { ids: rows(2000, (i) => `applicant ${i}`) }).data);
  ok(Math.abs(apart.reduce((sum, one) => sum + one, 0) / 2000 - 0.3) < 0.05);
  deepEqual(Array.from(result.model.decide(tensor([[0.3]]), { ids: ["applicant 77"] }).data), [apart[77]]);
  // A copy of the model has no decide().
  equal("decide" in nn.cloneModule(result.model), false);
});

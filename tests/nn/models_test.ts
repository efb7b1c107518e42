import { deepEqual, ok, throws } from "node:assert/strict";
import { test } from "node:test";
import { nn, tensor } from "../../mod.ts";

test("regression models return one column, or one per class; bounded ones stay in their range", () => {
  const x = tensor([[100, 100], [-100, -100], [0, 0]]), told = (model: nn.Module) => nn.initialize(model, 0).forward(x);
  deepEqual(told(new nn.LinearRegression(2)).shape, [3, 1]);
  deepEqual(told(new nn.LogisticRegression(2)).shape, [3, 1]);
  deepEqual(told(new nn.LogisticRegression(2, 4)).shape, [3, 4]);
  const bounded = told(new nn.BoundedLinearRegression(2, [-1, 4])).data;
  ok(bounded.every((y) => y >= -1 && y <= 4) && Math.max(...bounded) > 3.9 && Math.min(...bounded) < -0.9);
  throws(() => new nn.Between(1, 1), /Cannot keep predictions between 1 and 1/);
});

import { deepEqual, equal, ok, rejects } from "node:assert/strict";
import { test } from "node:test";
import { fit, nn, type Sets, type Tensor, tensor } from "../../mod.ts";
import { fitted } from "../../seldonian/experiments/mod.ts";
import { model, objective, optimizer, population } from "../helpers/small_experiment.ts";

const [{ features }] = [...population.chunks(population.size)], rows = features as Tensor;

test("fit() trains on all rows without a promise, and leaves the model as it was", async () => {
  const given = nn.initialize(new nn.LogisticRegression(2), 0), before = given.forward(rows).toArray();
  const { model, objective, log } = await fit({ data: population, model: given, objective: "logLoss" });
  deepEqual(given.forward(rows).toArray(), before);
  ok(objective < 0.5 && log.length > 1 && log.every(({ g, lambda }) => g.length === 0 && lambda.length === 0));
  const { labels } = population, decided = Array.from(model.decide(rows).data);
  const right = decided.filter((y, i) => y === labels[i]).length / labels.length;
  ok(right > 0.8, `${right}`);
  // Most probable classes, unless they are to be drawn.
  deepEqual(decided, Array.from(model.forward(rows).data, (p) => Number(p >= 0.5)));
  const drawn = await fit({ data: population, model: given, objective: "logLoss", rates: "expected" });
  ok(Array.from(drawn.model.decide(rows).data).some((y, i) => y !== decided[i]));
});

test("a regression is fitted like any other, from plain arrays", async () => {
  const features = Array.from({ length: 50 }, (_, i) => [i / 50]), labels = features.map(([x]) => 2 * x + 1);
  const given = new nn.LinearRegression(1), how = { optimizer: { regularization: 0 } };
  const { model } = await fit({ data: { features, labels }, model: given, objective: nn.meanSquaredError, ...how });
  const [at0, at1] = model.forward(tensor([[0], [1]])).data;
  ok(Math.abs(at0 - 1) < 0.01 && Math.abs(at1 - 3) < 0.01, `${at0} ${at1}`);
});

test("an experiment's fitted() is this fit()", async () => {
  const trial = { rows: population, truth: population, seed: 3 };
  const outputs = await fitted({ model, objective, optimizer }).outputs(trial);
  const { model: own } = await fit({ data: population, model, objective, optimizer, seed: 3 });
  deepEqual((outputs as Sets<Tensor>).main.toArray(), own.forward(rows).toArray());
});

test("a training that ends without a model is an error with the reason", async () => {
  const nothing = (p: Tensor) => p.mean().mul(NaN);
  await rejects(
    fit({ data: population, model, objective: nothing, optimizer }),
    new RangeError(
      "Cannot fit: step 1 of 40: the objective is NaN and the Lagrangian NaN; the model starts like this; look at its parameters and its data",
    ),
  );
  equal(await fitted({ model, objective: nothing, optimizer }).outputs({ rows: population, truth: population, seed: 0 }), null);
});

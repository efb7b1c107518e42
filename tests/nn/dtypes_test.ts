import { deepEqual, equal, throws } from "node:assert/strict";
import { test } from "node:test";
import { nn, tensor } from "../../mod.ts";
import { inTraining } from "../helpers/models.ts";

const deep = () =>
  new nn.Sequential(new nn.Linear(2, 3), new nn.BatchNorm1d(3), new nn.GELU(), new nn.LayerNorm(3), new nn.Linear(3, 1));

test("a model cast to float64 computes, learns, copies and saves in float64", () => {
  const model = nn.castModule(nn.initialize(deep(), 1), "float64");
  const x = tensor([[1, 2], [3, 5], [4, 4]], undefined, { dtype: "float64" });
  const y = model.forward(x, inTraining);
  equal(y.dtype, "float64");
  y.square().mean().backward();
  for (const [name, { dtype, grad, requiresGrad }] of nn.namedParameters(model)) {
    equal(dtype, "float64", name);
    equal(grad?.dtype, requiresGrad ? "float64" : undefined, name);
  }
  const twin = nn.cloneModule(model), again = nn.load(nn.castModule(deep(), "float64"), nn.save(model));
  deepEqual(twin.forward(x).data, model.forward(x).data);
  deepEqual(again.forward(x).data, model.forward(x).data);
  equal(nn.castModule(twin, "float32").forward(x.cast("float32")).dtype, "float32");
});

test("a model cast before it has values draws the same ones in float64", () => {
  const [narrow, wide] = [deep(), nn.castModule(deep(), "float64")].map((model) => nn.initialize(model, 3));
  const [name, found] = [...nn.namedParameters(wide)][0];
  deepEqual(Float32Array.from(found.data), nn.namedParameters(narrow).get(name)!.data);
  deepEqual([...found.data].every((value) => value === Math.fround(value)), false);
});

test("flat parameters are float32: a float64 model is an error with the cure", () => {
  throws(() => nn.flatParameters(nn.castModule(nn.initialize(deep(), 1), "float64")), {
    message: 'Cannot flatten parameters in float64: wanted float32, as after nn.castModule(model, "float32")',
  });
  throws(() => nn.castModule(deep(), "int32" as never), {
    message: 'Cannot cast a model: dtype is "int32"; wanted "float32" or "float64"',
  });
});

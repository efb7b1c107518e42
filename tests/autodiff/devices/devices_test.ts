import { deepEqual, throws } from "node:assert/strict";
import { test } from "node:test";
import { nn, Tensor, tensor } from "../../../mod.ts";
import { all, primitive, round, sort } from "../../../autodiff/mod.ts";
import { differences } from "../../gpu/on_device.ts";
import { bareDevice } from "./bare_device.ts";
import { inTraining } from "../../helpers/models.ts";

test("primitives and their gradients follow from a device's core", async () => {
  deepEqual(await differences(bareDevice(), 12), []);
});

test("normalisations, a pooled convolution and their gradients follow from a device's core", async () => {
  const network = () =>
    nn.initialize(
      new nn.Sequential(
        new nn.Conv2d(1, 3, 3),
        new nn.ReLU(),
        new nn.MaxPool2d(2),
        new nn.BatchNorm2d(3),
        new nn.Flatten(),
        new nn.LayerNorm(27),
        new nn.Linear(27, 4),
      ),
      0,
    );
  const images = Tensor.from(Float32Array.from({ length: 5 * 64 }, (_, i) => Math.sin(i)), [5, 1, 8, 8]);
  const slopes: Float32Array[][] = [];
  for (const device of [null, bareDevice()]) {
    const model = network(), parameters = [...nn.namedParameters(model).values()];
    // The count of steps stays on the processor, as in training.
    for (const parameter of parameters) if (device !== null && parameter.size > 1) parameter.moveTo(parameter.to(device).array);
    const x = device === null ? images : images.to(device);
    model.forward(x, inTraining).square().sum().backward();
    const found = await Promise.all(
      parameters.flatMap(({ grad }) => grad === null ? [] : [grad.read() as Promise<Float32Array>]),
    );
    slopes.push(found.map((slope) => slope.map((number) => Math.round(number * 100) / 100)));
  }
  deepEqual(slopes[1], slopes[0]);
});

test("a custom primitive reads arrays of the processor, and refuses arrays of a device", () => {
  const first = primitive({
    name: "first",
    shape: () => [],
    forward: (_, [x]) => Tensor.scalar(x.data[x.offset]).array,
    gradient: null,
  });
  deepEqual(first([tensor([3, 4])]).value, 3);
  throws(() => first([tensor([3, 4]).to(bareDevice())]), {
    name: "TypeError",
    message: "Cannot read a tensor on the bare synchronously: await x.read() or x.cpu()",
  });
});

test("places of extremes and tests of elements follow from a device's core; a sort asks for the elements here", async () => {
  const x = tensor([[3, 1, 3], [-2, 5, -2]]), there = x.to(bareDevice());
  for (
    const apply of [
      (x: Tensor) => x.argmax(1),
      (x: Tensor) => x.argmin(0, { keepDims: true }),
      (x: Tensor) => x.argmax(),
      (x: Tensor) => all(x.greater(0), 1),
      (x: Tensor) => round(x.div(2)),
    ]
  ) {
    deepEqual(await apply(there).read(), apply(x).data);
    deepEqual(apply(there).dtype, apply(x).dtype);
  }
  throws(() => sort(there), {
    name: "TypeError",
    message: "Cannot read a tensor on the bare synchronously: await x.read() or x.cpu()",
  });
});

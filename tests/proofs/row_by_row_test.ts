import { deepEqual, equal, ok } from "node:assert/strict";
import { test } from "node:test";
import { DataSet, type measures, nn, safetyTest, type Tensor, tensor, train } from "../../mod.ts";
import { tutorialNetwork } from "../../bench/network.ts";
import { full, onDeno } from "../helpers/runs.ts";

const skip = !onDeno && "the files of MNIST are imported as bytes, which Deno does";

/** The number of images to decide one by one; `deno task proofs:full` takes 2,000. */
const count = full ? 2000 : 600;

/** The first images of MNIST. */
async function digits(count: number): Promise<DataSet> {
  const { mnist } = await import("../../examples/datasets/mnist.ts");
  return new DataSet(await mnist(), Array.from({ length: count }, (_, row) => row));
}

/** The images of data in batches. */
function* batches(data: DataSet, size: number): Generator<Tensor> {
  const images = data.whole().features as Tensor;
  for (let start = 0; start < data.size; start += size) yield images.slice(0, start, start + size).clone();
}

for (const rates of ["decided", "expected"] as const) {
  test(`${count} images of MNIST get the same decisions one by one, in tens and all at once, ${rates}`, { skip }, async () => {
    const data = await digits(count), constraints = [{ text: "ACC >= 0.01", delta: 0.05 }];
    const optimizer = { batchSize: 100, epochs: 1, thetaRate: 0.001 };
    const result = await train({ data, model: tutorialNetwork(), objective: nn.logLoss, constraints, rates, optimizer });
    ok(result.passed);
    const { model } = result;
    const of = (size: number) => {
      const classes: number[] = [], outputs: number[] = [];
      for (const images of batches(data, size)) {
        classes.push(...model.decide(images).data);
        outputs.push(...model.forward(images).data);
      }
      return { classes, outputs };
    };
    const [alone, tens, whole] = [1, 10, count].map(of);
    deepEqual(tens, alone);
    deepEqual(whole, alone);
    ok(new Set(alone.classes).size > 1);
  });
}

test("a safety test judges, bit for bit, the outputs of the model row by row", { skip }, async () => {
  const data = await digits(700), model = nn.initialize(tutorialNetwork(), 3), seen = new Map<number, number[]>();
  // One image has a number too large for transforms.
  const { features, labels } = data.whole(), images = (features as Tensor).data.slice();
  images[5 * 784 + 300] = 1e6;
  const rows = Array.from({ length: 700 }, (_, row) => row), columns = { row: rows };
  const own = new DataSet({ features: tensor(images, [700, 1, 28, 28]), labels: [...labels.data], columns });
  const watching: measures.Measure = {
    name: "Watched",
    task: "classification",
    indices: 0,
    range: [0, 1],
    values: ({ predictions, columns }) => {
      const rows = columns.get("row") as ArrayLike<number>, { data } = predictions;
      if (predictions.shape[0] === 700) {
        Array.from(rows, (row, i) => seen.set(row, Array.from(data.subarray(10 * i, 10 * i + 10))));
      }
      return predictions.slice(1, 0, 1).reshape(predictions.shape[0]);
    },
  };
  const constraints = [{ text: "Watched <= 0.99", delta: 0.05 }];
  await safetyTest({ model, data: own, constraints, measures: [watching], objective: nn.logLoss });
  equal(seen.size, 700);
  let row = 0;
  for (const image of batches(own, 1)) deepEqual(seen.get(row++), Array.from(model.forward(image).data));
});

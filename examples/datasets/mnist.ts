import { DataSet, readIdx, Tensor } from "../../mod.ts";
import { mnistFiles } from "./mnist_files.ts";

/** MNIST: 70,000 handwritten digits, images [1, 28, 28] in [0, 1], labels 0 to 9; the 60,000 training images come first. */
export async function mnist(): Promise<DataSet> {
  const [trainImages, trainLabels, testImages, testLabels] = await mnistFiles();
  const images = [readIdx(trainImages, "train-images-idx3-ubyte"), readIdx(testImages, "t10k-images-idx3-ubyte")];
  const labels = [readIdx(trainLabels, "train-labels-idx1-ubyte"), readIdx(testLabels, "t10k-labels-idx1-ubyte")];
  const features = new Float32Array(images.reduce((sum, { values }) => sum + values.length, 0));
  let at = 0;
  for (const { values } of images) for (let i = 0; i < values.length; i++) features[at++] = values[i] / 255;
  return new DataSet({
    features: Tensor.from(features, [features.length / 784, 1, 28, 28]),
    labels: labels.flatMap(({ values }) => [...values]),
  });
}

// Writes MNIST as raw bytes, images and then labels, to the file that is named: for peers that cannot read the kit's source of it.
import { writeFileSync } from "node:fs";
import process from "node:process";
import { mnist } from "../../examples/datasets/mnist.ts";

const data = await mnist(), { features, labels } = data.at(Array.from({ length: data.size }, (_, i) => i));
const bytes = new Uint8Array(features.size + labels.size);
features.data.forEach((pixel, i) => bytes[i] = Math.round(255 * pixel));
labels.data.forEach((label, i) => bytes[features.size + i] = label);
writeFileSync(process.argv[2], bytes);

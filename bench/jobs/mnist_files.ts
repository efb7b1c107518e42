// Writes MNIST as raw bytes, images then labels, to a file, for peers that cannot read the kit's format.
import { writeFileSync } from "node:fs";
import process from "node:process";
import { mnist } from "../../examples/datasets/mnist.ts";

const data = await mnist(), { features, labels } = data.at(Array.from({ length: data.size }, (_, i) => i));
const bytes = new Uint8Array(features.size + labels.size), pixels: ArrayLike<number> = features.data;
for (let i = 0; i < pixels.length; i++) bytes[i] = Math.round(255 * pixels[i]);
labels.data.forEach((label, i) => bytes[features.size + i] = label);
writeFileSync(process.argv[2], bytes);

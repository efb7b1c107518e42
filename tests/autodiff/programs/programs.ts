/**
 * Random programs of tensors, and their expected results. A naive interpreter in float64, with loops over elements, computes the
 * results. It shares nothing with the kit. Every number in it carries infinitesimals ε₀, ε₁, … with ε² = 0. ε₀ is a direction in
 * which all leaves move, so its coefficient in a result is the gradient from `backward()` times that direction. Each gradient
 * within a program takes the next infinitesimal.
 */
import { operations } from "./operations/operations.ts";
import { Random } from "./random.ts";
import type { Program } from "./program.ts";
import { Writer } from "./writer.ts";

const everywhere = Object.keys(operations).filter((name) => !["conv2d", "maxPool2d", "avgPool2d", "sequential"].includes(name));
const views = ["transpose", "slice", "reshape", "broadcastTo", "take", "detach"];
const ofImages = ["conv2d", "maxPool2d", "avgPool2d", "sequential", "sequential", "crossEntropy"];

function someShape(random: Random): number[] {
  return Array.from({ length: random.int(4) }, () => random.chance(0.03) ? 0 : 1 + random.int(3));
}

/** The program of a seed: small tensors, images or images that are large enough for transforms. */
export function programOf(seed: number): Program {
  const random = new Random(seed * 7919 + 1), kind = random.next(), images = kind < 0.16, large = kind < 0.012;
  const writer = new Writer(random, random.chance(0.08)), dtype = random.pick(["float32", "float32", "float64"] as const);
  let names = [...everywhere, ...views, ...views];
  if (images) {
    names = [...names, ...Array.from({ length: large ? 4 : 8 }, () => ofImages).flat()];
    const channels = 1 + random.int(2), outputs = 1 + random.int(3), size = large ? 16 : 3 + random.int(4);
    const window = large ? 5 : 2 + random.int(2), type = large ? "float32" : dtype;
    writer.leaf([1 + random.int(2), channels, size, size], type, random.chance(0.4));
    writer.leaf([outputs, channels, window, window], type, true);
    writer.leaf([outputs], type, true);
    while (!writer.operation(ofImages.slice(0, 5)));
  } else {
    writer.leaf(someShape(random), dtype, true);
    writer.leaf(someShape(random), dtype, random.chance(0.5));
  }
  if (random.chance(0.4)) writer.leaf(someShape(random), random.pick(["float32", "float64", "int32"]), random.chance(0.5));
  const lines = (large ? 4 : 6) + random.int(8), most = writer.instructions.length + lines;
  for (let tries = 0; writer.instructions.length < most && tries < 60; tries++) {
    const kind = random.next();
    if (kind < 0.04) writer.leaf(someShape(random), dtype, random.chance(0.7));
    else if (kind < 0.07) writer.withGrad();
    else if (kind < 0.12) writer.assign(null, null);
    else if (kind < 0.16) writer.overlap();
    else if (kind < 0.27) writer.backward();
    else if (kind < 0.28) writer.descend();
    else if (kind < 0.36) writer.gradient(large ? everywhere : names);
    else writer.operation(names);
  }
  // Most programs end in a gradient.
  for (let tries = 0; tries < 3; tries++) writer.backward();
  return writer.program(seed);
}

import { deepEqual } from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { test } from "node:test";
import { operators } from "../../../seldonian/export/operators.ts";

/** Operations of gradients, losses and devices, which no model's forward() has, and parts of others. */
const others =
  "GRU LSTM bent conv2dFilterGradient conv2dGradients conv2dInputGradient cpu crossEntropy crossEntropySlope finite gate " +
  "inverseDeviation limited put scanSlopes sigmoidSlope standardizeGradient standardizeGradients";

test("every primitive can be written to a file of ONNX, but for those of gradients, losses and devices", () => {
  const folder = "autodiff/primitives", names = new Set<string>();
  for (const file of readdirSync(folder)) {
    for (const [, name] of readFileSync(`${folder}/${file}`, "utf8").matchAll(/\b(?:name: |fused\()"(\w+)"/g)) names.add(name);
  }
  // A recurrent cell's steps are written as a graph of their own.
  const written = new Set([...Object.keys(operators), "scan"]);
  deepEqual([...names].filter((name) => !written.has(name)).sort(), others.split(" "));
  // An attribute of a tree's leaves has no primitive.
  deepEqual([...written].filter((name) => !names.has(name)).sort(), ["leafOf"]);
});

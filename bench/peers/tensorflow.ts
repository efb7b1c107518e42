/**
 * Answers cases on standard input with TensorFlow.js' WebAssembly backend. The backend has no gradient in a convolution's filter,
 * so it cannot train the network.
 * @module
 */
import process from "node:process";
import { createInterface } from "node:readline";
import * as tf from "npm:@tensorflow/tfjs-core@4.22.0";
import { setWasmPaths } from "npm:@tensorflow/tfjs-backend-wasm@4.22.0";

setWasmPaths(new URL(".", import.meta.resolve("npm:@tensorflow/tfjs-backend-wasm@4.22.0")).href);
if (!await tf.setBackend("wasm")) throw new Error("Cannot use TensorFlow.js' WebAssembly backend here");

/** The same numbers in every language, in [-1, 1]. */
function numbers(shape: number[], salt: number): tf.Tensor {
  const size = shape.reduce((product, length) => product * length, 1);
  return tf.tensor(Float32Array.from({ length: size }, (_, i) => number(i, salt)), shape);
}

function number(i: number, salt: number): number {
  let hash = Math.imul(i + salt * 1000003, 0x9e3779b1);
  hash = Math.imul(hash ^ (hash >>> 15), 0x85ebca6b);
  return ((hash ^ (hash >>> 13)) >>> 8) / 2 ** 23 - 1;
}

/** Sum, and sum of squares, each with the sum of its terms' magnitudes. */
function summary(x: tf.Tensor): number[][] {
  const values = x.dataSync();
  let sum = 0, magnitudes = 0, squares = 0;
  for (const value of values) {
    sum += value;
    magnitudes += Math.abs(value);
    squares += value * value;
  }
  return [[sum, magnitudes], [squares, squares]];
}

function convolution(channels: number, outputs: number, width: number): () => tf.Tensor {
  const x = tf.transpose(numbers([150, channels, width, width], 1), [0, 2, 3, 1]) as tf.Tensor4D;
  const w = tf.transpose(numbers([outputs, channels, 5, 5], 2), [2, 3, 1, 0]) as tf.Tensor4D, b = numbers([outputs], 3);
  return () => tf.tidy(() => tf.add(tf.conv2d(x, w, 1, "same"), b));
}

const prepare: Record<string, (size: number) => () => tf.Tensor> = {
  product(size) {
    const x = numbers([size, size], 1), y = numbers([size, size], 2);
    return () => tf.matMul(x, y);
  },
  "convolution 1": () => convolution(1, 16, 28),
  "convolution 2": () => convolution(16, 32, 14),
};

const known = new Map<string, () => tf.Tensor>();
for await (const line of createInterface({ input: process.stdin })) {
  const { name, size = 0, runs } = JSON.parse(line), key = `${name} ${size}`;
  let run = known.get(key);
  if (run === undefined) {
    known.set(key, run = prepare[name](size));
    for (let i = 0; i < 3; i++) run().dispose();
  }
  const milliseconds: number[] = [];
  for (let i = 0; i < runs; i++) {
    const start = performance.now(), z = run();
    milliseconds.push(performance.now() - start);
    z.dispose();
  }
  const z = run();
  console.log(JSON.stringify({ milliseconds, check: summary(z) }));
  z.dispose();
}

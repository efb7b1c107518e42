/** Answers matrix products on standard input with jax-js' WebAssembly backend. @module */
import process from "node:process";
import { createInterface } from "node:readline";
import { defaultDevice, init, numpy } from "npm:@jax-js/jax@0.1.25";

/** The same numbers in every language, in [-1, 1]. */
function number(i: number, salt: number): number {
  let hash = Math.imul(i + salt * 1000003, 0x9e3779b1);
  hash = Math.imul(hash ^ (hash >>> 15), 0x85ebca6b);
  return ((hash ^ (hash >>> 13)) >>> 8) / 2 ** 23 - 1;
}

await init("wasm");
defaultDevice("wasm");

for await (const line of createInterface({ input: process.stdin })) {
  const { size, runs } = JSON.parse(line);
  const numbers = (salt: number) => {
    const values = Float32Array.from({ length: size * size }, (_, i) => number(i, salt));
    return numpy.array(values).reshape([size, size]);
  };
  const x = numbers(1), y = numbers(2), milliseconds: number[] = [];
  let z = new Float32Array(0);
  // The first run compiles.
  for (let i = -1; i < runs; i++) {
    const start = performance.now();
    z = await numpy.matmul(x.ref, y.ref).data() as Float32Array<ArrayBuffer>;
    if (i >= 0) milliseconds.push(performance.now() - start);
  }
  const sum = (of: (v: number) => number) => z.reduce((sum, v) => sum + of(v), 0), squares = sum((v) => v * v);
  console.log(JSON.stringify({ milliseconds, check: [[sum((v) => v), sum(Math.abs)], [squares, squares]] }));
}

/** Answers matrix products on standard input with jax-js' WebAssembly backend. @module */
import process from "node:process";
import { createInterface } from "node:readline";
import { defaultDevice, init, numpy } from "npm:@jax-js/jax@0.1.25";

await init("wasm");
defaultDevice("wasm");

for await (const line of createInterface({ input: process.stdin })) {
  const { size, runs } = JSON.parse(line);
  const numbers = (salt: number) => {
    const values = Float32Array.from({ length: size * size }, (_, i) => ((i * 7919 + salt * 104729) % 2003) / 1001 - 1);
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
  console.log(JSON.stringify({ milliseconds, check: [z.reduce((sum, v) => sum + v, 0), z.reduce((sum, v) => sum + v * v, 0)] }));
}

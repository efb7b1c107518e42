import { deepEqual, equal, ok } from "node:assert/strict";
import { test } from "node:test";
import { view } from "../../../autodiff/ndarray.ts";
import { wasm } from "../../../autodiff/kernels/in_use.ts";
import { convolutionsOf } from "../../../autodiff/kernels/convolutions_in_use.ts";
import { controlBytes } from "../../../autodiff/kernels/memory_map.ts";
import { ThreadPool } from "../../../autodiff/kernels/thread_pool.ts";
import { windowCount } from "../../../autodiff/primitives/convolution.ts";
import { fc } from "../../deps.ts";
import { array, convolutions, over } from "./convolutions.ts";

test("products, convolutions, poolings and gradients have the same bits for every number of threads", async () => {
  const first = { images: 4, channels: 1, outputs: 4, rows: 20, columns: 20, filter: [5, 5], padding: [2, 2] } as const;
  const shapes = [...fc.sample(convolutions, { seed: 4, numRuns: 8 }), { ...first, stride: [1, 1] as const, seed: 5 }];
  const results = await Promise.all([0, 1, 2, 3, 8, 16].map(async (threads) => {
    const kernels = (await wasm("simd", threads > 0))!;
    kernels.useThreads(threads);
    const products = [[3, 700, 530], [129, 300, 130], [530, 700, 3]].map(([n, depth, m]) =>
      kernels.matmul(array([n, depth], 1), array([depth, m], 2))
    );
    // A second module, whose kernels the running threads do not know.
    const images = convolutionsOf(kernels);
    const convolved = shapes.map(({ images: count, channels, outputs, rows, columns, filter, stride, padding, seed }) => {
      const [height, width] = [0, 1].map((i) => windowCount([rows, columns][i], filter[i], stride[i], padding[i]));
      const x = array([9 * count, channels, rows, columns], seed), w = array([outputs, channels, ...filter], seed + 1);
      const dy = array([9 * count, outputs, height, width], seed + 2),
        shape = over({ stride, padding }, x.shape, w.shape, dy.shape);
      const kernel = [height, width].map((length) => Math.min(2, length)) as [number, number];
      const counts = [height, width].map((length, i) => windowCount(length, kernel[i], kernel[i], 0));
      const pooling = { kernel, stride: kernel, padding: [0, 0], relu: true, shape: [9 * count, outputs, ...counts] } as const;
      const { values, positions } = images.maxPool2d(dy, pooling),
        [slopes, at] = [values, positions].map((z) => view(z, pooling.shape));
      const pooled = { positions: at, gate: null, shape: dy.shape, pooling };
      return [
        values,
        images.conv2d([x, w, null], shape),
        images.conv2dGradients([x, w, dy], shape, { x: true, filter: true, bias: true }),
        images.conv2dGradients([x, w, slopes], shape, { x: false, filter: true, bias: true, pooled }),
      ];
    });
    return [products, convolved];
  }));
  for (const result of results) deepEqual(result, results[0]);
});

/** Counts, from a job's place, the runs of each part, then of each thread: count(job, part, parts, thread). */
const counting = new Uint8Array([
  ...[0x00, 0x61, 0x73, 0x6d, 1, 0, 0, 0, /* type */ 1, 8, 1, 0x60, 4, 0x7f, 0x7f, 0x7f, 0x7f, 0],
  ...[/* import env.memory, shared */ 2, 16, 1, 3, 0x65, 0x6e, 0x76, 6, 0x6d, 0x65, 0x6d, 0x6f, 0x72, 0x79, 2, 3, 1, 1],
  ...[/* function */ 3, 2, 1, 0, /* export */ 7, 9, 1, 5, 0x63, 0x6f, 0x75, 0x6e, 0x74, 0, 0, /* code */ 10, 37, 1, 35, 0],
  ...[/* atomically job[part]++ */ 0x20, 0, 0x20, 1, 0x41, 2, 0x74, 0x6a, 0x41, 1, 0xfe, 0x1e, 2, 0, 0x1a],
  ...[/* job[parts + thread]++ */ 0x20, 0, 0x20, 2, 0x20, 3, 0x6a, 0x41, 2, 0x74, 0x6a, 0x41, 1, 0xfe, 0x1e, 2, 0, 0x1a, 0x0b],
]);

test("sixteen threads run, and each part of a job runs exactly once, whatever the number of parts", () => {
  const memory = new WebAssembly.Memory({ initial: 1, maximum: 1, shared: true }), threads = 16;
  const module = new WebAssembly.Module(counting);
  const { count } = new WebAssembly.Instance(module, { env: { memory } }).exports;
  const pool = new ThreadPool({ modules: [module], memory, names: ["count"] }, { count });
  pool.use(threads);
  equal(pool.threads, threads);
  const seen = new Set<number>();
  for (let job = 0; job < 300 || seen.size < threads; job++) {
    const parts = [2, 9, 17, 1000][job % 4], counts = new Int32Array(memory.buffer, controlBytes, parts + threads).fill(0);
    pool.run(0, controlBytes, parts);
    ok(counts.subarray(0, parts).every((runs) => runs === 1));
    const runs = counts.subarray(parts);
    equal(runs.reduce((sum, run) => sum + run, 0), parts);
    runs.forEach((run, thread) => run > 0 && seen.add(thread));
  }
});

// Times WebGPU in Deno, on whatever adapter there is: products, the tutorial's convolutions, training steps, read-backs, and the
// tutorial as a whole job. Needs no network once its modules are cached.
//   deno run -A --no-lock bench/gpu_card.ts [--json FILE] [--peak TFLOPS] [--seconds N] [--tiles]
// --peak is the card's limit, for fractions of it; --seconds (default 240) is when no further case begins; --tiles times each
// tile of autodiff/devices/webgpu/products.ts by itself, to set their costs by. A program in place of a card gets small cases.
import { writeFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { openWebGpu } from "../autodiff/devices/webgpu/open.ts";
import { tiles } from "../autodiff/devices/webgpu/products.ts";
import { conv2dPooled } from "../autodiff/primitives/conv_pool.ts";
import { autodiff, DataSet, nn, train } from "../mod.ts";
import { describeMachine } from "./machine.ts";
import { tutorialNetwork } from "./network.ts";

const { values: flags } = parseArgs({
  options: {
    json: { type: "string" },
    peak: { type: "string" },
    seconds: { type: "string", default: "240" },
    tiles: { type: "boolean", default: false },
  },
});
const opening = performance.now(), found = await openWebGpu();
if (found === null) throw new Error("WebGPU finds no adapter");
let gpu = found;
const opened = performance.now() - opening, end = opening + 1000 * Number(flags.seconds), peak = Number(flags.peak ?? NaN);
const { adapter, software } = gpu, cases: Record<string, Record<string, number | string>> = {};
const median = (values: number[]) => values.toSorted((a, b) => a - b)[values.length >> 1];
const rounded = (value: number) => Number(value.toPrecision(3));

/** Notes a case, unless the time is over. */
async function timed(name: string, measure: () => Promise<Record<string, number | string>>): Promise<void> {
  if (performance.now() > end) return void console.log(`${name}: left out, the time is over`);
  try {
    cases[name] = await measure();
  } catch (error) {
    cases[name] = { error: (error as Error).message.split("\n")[0] };
  }
  console.log(`${name}: ${Object.entries(cases[name]).map(([what, value]) => `${what} ${value}`).join(", ")}`);
}

/** Numbers from -1 to 1. */
function numbers(shape: readonly number[], seed: number): autodiff.Tensor {
  const size = shape.reduce((product, length) => product * length, 1);
  return autodiff.tensor(Float32Array.from({ length: size }, (_, i) => Math.sin(1.3 * i + seed)), [...shape]);
}

/** Milliseconds of one of `calls` that go to the card together, without what a submission and a read-back cost. */
async function each(calls: number, compute: (place: autodiff.RemotePlace) => autodiff.Tensor): Promise<number> {
  const run = async (count: number) => {
    const start = performance.now();
    await gpu.step(async (place) => {
      const results = Array.from({ length: count }, () => compute(place));
      // All belong to the queue's next submission; one number is read.
      await results[count - 1].reshape(-1).slice(0, 0, 1).read();
      gpu.release(results);
    }, () => []);
    return performance.now() - start;
  };
  const times: number[][] = [[], []];
  for (let round = -1; round < (software ? 1 : 7); round++) {
    for (const [i, count] of [1, calls + 1].entries()) {
      const time = await run(count);
      if (round >= 0) times[i].push(time);
    }
  }
  return (median(times[1]) - median(times[0])) / calls;
}

function speed(milliseconds: number, operations: number): Record<string, number | string> {
  const teraflops = operations / milliseconds / 1e9;
  return {
    ms: rounded(milliseconds),
    "TFLOP/s": rounded(teraflops),
    ...(peak > 0 ? { "of the peak": rounded(teraflops / peak) } : {}),
  };
}

async function product(size: number): Promise<Record<string, number | string>> {
  const [x, y] = [1, 2].map((seed) => numbers([size, size], seed)), [a, b] = [x, y].map((z) => z.to(gpu));
  const wanted = x.slice(0, 0, 1).matmul(y).data, got = await a.matmul(b).slice(0, 0, 1).reshape(-1).read();
  const error = Math.max(...got.map((value, i) => Math.abs(value - wanted[i])));
  if (!(error < 1e-4 * size)) throw new Error(`its first row is off by ${error}`);
  return speed(
    await each(Math.max(2, Math.min(200, Math.ceil(4e11 / size ** 3 / (software ? 1e4 : 1)))), () => a.matmul(b)),
    2 * size ** 3,
  );
}

/** The tutorial's convolutions, with pooling and rectifier; backward is all gradients that a step needs. */
async function convolutions(layer: 1 | 2, batch: number): Promise<Record<string, number | string>> {
  const [channels, outputs, side] = layer === 1 ? [1, 16, 28] : [16, 32, 14],
    calls = Math.max(1, Math.ceil((software ? 2 : 3000) / batch));
  const given = [numbers([batch, channels, side, side], 1), numbers([outputs, channels, 5, 5], 2), numbers([outputs], 3)];
  const x = given[0].to(gpu), operations = 2 * batch * outputs * side * side * channels * 25;
  // Filters belong to a step, so that it frees all results.
  const own = (place: autodiff.RemotePlace) => given.slice(1).map((z) => z.to(place));
  const forward = ([x, f, b]: autodiff.Tensor[]) => conv2dPooled([x, f, b], { padding: 2, kernel: 2, pooling: {}, relu: true });
  const slopes = (inputs: autodiff.Tensor[]) =>
    layer === 1
      ? autodiff.grad((...own) => forward([x, ...own]).sum())(...inputs)
      : autodiff.grad((...all) => forward(all).sum())(x, ...inputs);
  const there = await each(calls, (place) => forward([x, ...own(place)])),
    both = await each(calls, (place) => slopes(own(place))[0]);
  const back = speed(both - there, operations * layer);
  return { ...speed(there, operations), "backward ms": back.ms, "backward TFLOP/s": back["TFLOP/s"] };
}

async function step(device: "cpu" | typeof gpu, batch: number): Promise<number> {
  const data = new DataSet({
    features: numbers([4 * batch, 1, 28, 28], 1).abs(),
    labels: Uint8Array.from({ length: 4 * batch }, (_, i) => i % 10),
  });
  const times: number[] = [], stop = new AbortController(), steps = software ? 3 : 40;
  await train({
    data,
    model: tutorialNetwork(),
    objective: nn.logLoss,
    constraints: [{ text: "ACC >= 0.95", delta: 0.05 }],
    optimizer: { thetaRate: 0.001, epochs: 1000, batchSize: batch, finalists: 0, patience: 1000 },
    device,
    signal: stop.signal,
    onStep: () => times.push(performance.now()) > steps && stop.abort(),
  });
  return median(times.slice(software ? 2 : 10).map((time, i, all) => time - (all[i - 1] ?? time)).slice(1));
}

async function tutorial(device: string): Promise<Record<string, number | string>> {
  const start = performance.now(),
    args = ["run", "-A", "--no-lock", "--no-check", "examples/mnist.ts", "--device", device, "--json"];
  const { stdout } = await new Deno.Command(Deno.execPath(), {
    args,
    stdin: "null",
    cwd: new URL("..", import.meta.url).pathname,
  }).output();
  const seconds = (performance.now() - start) / 1000,
    { passed, upper } = JSON.parse(new TextDecoder().decode(stdout).match(/^\{.*\}$/m)![0]);
  return { "whole process, s": rounded(seconds), passed, upper };
}

console.log(`${adapter}; opened in ${opened.toFixed(0)} ms\n${describeMachine().join("\n")}`);
const batches = software ? [8] : [32, 150, 1024, 4096];
if (flags.tiles) {
  for (const tile of tiles) {
    gpu = (await openWebGpu([tile]))!;
    const name = `${tile.rows} x ${4 * tile.quads} a thread, ${tile.across} x ${tile.down} threads`;
    for (const size of software ? [64] : [256, 1024, 4096]) await timed(`${name}: product of ${size}`, () => product(size));
    for (const batch of software ? [2] : [150, 4096]) {
      await timed(`${name}: convolution 2, batch ${batch}`, () => convolutions(2, batch));
    }
  }
} else {
  const small = autodiff.tensor([1, 2]).to(gpu);
  await timed("read-back of two numbers", async () => {
    const times: number[] = [];
    for (let i = 0; i < 50; i++) {
      const start = performance.now();
      await small.mul(i).read();
      times.push(performance.now() - start);
    }
    return { ms: rounded(median(times)) };
  });
  for (const size of software ? [128, 256] : [256, 512, 1024, 2048, 4096]) await timed(`product of ${size}`, () => product(size));
  for (const layer of [1, 2] as const) {
    for (const batch of batches) await timed(`convolution ${layer}, batch ${batch}`, () => convolutions(layer, batch));
  }
  for (const batch of batches) {
    await timed(`MNIST step, batch ${batch}`, async () => ({ ms: rounded(await step(gpu, batch)) }));
    await timed(`MNIST step on the processor, batch ${batch}`, async () => ({ ms: rounded(await step("cpu", batch)) }));
  }
  if (!software) { for (const device of ["gpu", "cpu"]) await timed(`tutorial, ${device}`, () => tutorial(device)); }
}
if (flags.json !== undefined) writeFileSync(flags.json, `${JSON.stringify({ adapter, opened, cases }, null, 2)}\n`);

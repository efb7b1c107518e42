/** Times work on a card: products, convolutions, training steps and the tutorial; see ../gpu_card.ts. @module */
import type { WebGpu } from "../../autodiff/devices/webgpu/device.ts";
import { conv2dPooled } from "../../autodiff/primitives/conv_pool.ts";
import { autodiff, DataSet, nn, train } from "../../mod.ts";
import { tutorialNetwork } from "../network.ts";

/** Figures of a case, or why there are none. */
export type Figures = Record<string, number | string | boolean>;

export const median = (values: readonly number[]) => values.toSorted((a, b) => a - b)[values.length >> 1];
export const rounded = (value: number) => Number(value.toPrecision(3));

/** Numbers from -1 to 1. */
export function numbers(shape: readonly number[], seed: number): autodiff.Tensor {
  const size = shape.reduce((product, length) => product * length, 1);
  return autodiff.tensor(Float32Array.from({ length: size }, (_, i) => Math.sin(1.3 * i + seed)), [...shape]);
}

/** A card, how often to measure, and its limit in TFLOP/s. */
export interface Bench {
  gpu: WebGpu;
  quick: boolean;
  peak: number;
}

/** Milliseconds of one of `calls` that go to the card together, without what a submission and a read-back cost. */
async function each({ gpu, quick }: Bench, calls: number, compute: (place: autodiff.RemotePlace) => autodiff.Tensor) {
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
  for (let round = -1; round < (quick ? 1 : 7); round++) {
    for (const [i, count] of [1, calls + 1].entries()) {
      const time = await run(count);
      if (round >= 0) times[i].push(time);
    }
  }
  return (median(times[1]) - median(times[0])) / calls;
}

function speed(milliseconds: number, operations: number, peak: number): Figures {
  const teraflops = operations / milliseconds / 1e9;
  return {
    ms: rounded(milliseconds),
    "TFLOP/s": rounded(teraflops),
    ...(peak > 0 ? { "of the peak": rounded(teraflops / peak) } : {}),
  };
}

export async function product(bench: Bench, size: number): Promise<Figures> {
  const [x, y] = [1, 2].map((seed) => numbers([size, size], seed)), [a, b] = [x, y].map((z) => z.to(bench.gpu));
  const wanted = x.slice(0, 0, 1).matmul(y).data, got = await a.matmul(b).slice(0, 0, 1).reshape(-1).read();
  const error = Math.max(...got.map((value, i) => Math.abs(value - wanted[i])));
  if (!(error < 1e-4 * size)) throw new Error(`its first row is off by ${error}`);
  const calls = Math.max(2, Math.min(200, Math.ceil(4e11 / size ** 3 / (bench.quick ? 1e4 : 1))));
  return speed(await each(bench, calls, () => a.matmul(b)), 2 * size ** 3, bench.peak);
}

/** The tutorial's convolutions, with pooling and rectifier; backward is all gradients that a step needs. */
export async function convolutions(bench: Bench, layer: 1 | 2, batch: number): Promise<Figures> {
  const [channels, outputs, side] = layer === 1 ? [1, 16, 28] : [16, 32, 14];
  const calls = Math.max(1, Math.ceil((bench.quick ? 2 : 3000) / batch));
  const given = [numbers([batch, channels, side, side], 1), numbers([outputs, channels, 5, 5], 2), numbers([outputs], 3)];
  const x = given[0].to(bench.gpu), operations = 2 * batch * outputs * side * side * channels * 25;
  // Filters belong to a step, so that it frees all results.
  const own = (place: autodiff.RemotePlace) => given.slice(1).map((z) => z.to(place));
  const forward = ([x, f, b]: autodiff.Tensor[]) => conv2dPooled([x, f, b], { padding: 2, kernel: 2, pooling: {}, relu: true });
  const slopes = (inputs: autodiff.Tensor[]) =>
    layer === 1
      ? autodiff.grad((...own) => forward([x, ...own]).sum())(...inputs)
      : autodiff.grad((...all) => forward(all).sum())(x, ...inputs);
  const there = await each(bench, calls, (place) => forward([x, ...own(place)]));
  const both = await each(bench, calls, (place) => slopes(own(place))[0]);
  const back = speed(both - there, operations * layer, bench.peak);
  return { ...speed(there, operations, bench.peak), "backward ms": back.ms, "backward TFLOP/s": back["TFLOP/s"] };
}

/** Milliseconds in calls that wait for the card, and in submissions. */
const spent = { waiting: 0, submitting: 0 };

/** Has calls of WebGPU note their time. */
export function watchWebGpu(): void {
  const types = globalThis as unknown as Record<string, { prototype: Record<string, (...given: unknown[]) => unknown> }>;
  for (const [type, name, what] of [["GPUBuffer", "mapAsync", "waiting"], ["GPUQueue", "submit", "submitting"]] as const) {
    const { prototype } = types[type], own = prototype[name];
    prototype[name] = function (...given: unknown[]) {
      const start = performance.now(), result = own.apply(this, given);
      spent[what] += performance.now() - start;
      return result;
    };
  }
}

/** A step of the tutorial's network: all, what of it waits for the card, submits, and is JavaScript; and its transfers. */
export async function step(bench: Bench, device: "cpu" | WebGpu, batch: number, replay?: boolean): Promise<Figures> {
  const data = new DataSet({
    features: numbers([4 * batch, 1, 28, 28], 1).abs(),
    labels: Uint8Array.from({ length: 4 * batch }, (_, i) => i % 10),
  });
  const stop = new AbortController(), steps = bench.quick ? 12 : device === "cpu" ? 40 : 200, skipped = bench.quick ? 6 : 20;
  const times: number[][] = [], counts: Record<string, number>[] = [];
  let last = performance.now();
  await train({
    data,
    model: tutorialNetwork(),
    objective: nn.logLoss,
    constraints: [{ text: "ACC >= 0.95", delta: 0.05 }],
    optimizer: { thetaRate: 0.001, epochs: 10000, batchSize: batch, finalists: 0, patience: 10000, replay },
    device,
    signal: stop.signal,
    onStep: () => {
      const all = performance.now() - last;
      times.push([all, spent.waiting, spent.submitting, all - spent.waiting - spent.submitting]);
      if (device !== "cpu") counts.push({ ...device.transfers });
      [spent.waiting, spent.submitting, last] = [0, 0, performance.now()];
      if (times.length > steps) stop.abort();
    },
  });
  const [ms, waiting, submitting, script] = [0, 1, 2, 3].map((i) => rounded(median(times.slice(skipped).map((row) => row[i]))));
  if (device === "cpu") return { ms };
  const [before, now] = counts.slice(-2);
  const each = Object.fromEntries(
    ["uploads", "downloads", "submissions", "kernels"].map((what) => [what, now[what] - before[what]]),
  );
  return { ms, waiting, submitting, script, ...each };
}

/** The tutorial as a whole process. */
export async function tutorial({ quick }: Bench, device: string): Promise<Figures> {
  const root = new URL("../..", import.meta.url).pathname, start = performance.now();
  const few = quick ? ["--rows", "1000", "--batch", "20", "--epochs", "1", "--constraint", "ACC >= 0.2"] : [];
  const args = ["run", "-A", "--no-lock", "--no-check", "examples/mnist.ts", "--device", device, "--json", ...few];
  const { stdout, stderr } = await new Deno.Command(Deno.execPath(), { args, stdin: "null", cwd: root }).output();
  const seconds = (performance.now() - start) / 1000, found = new TextDecoder().decode(stdout).match(/^\{.*\}$/m)?.[0];
  if (found === undefined) throw new Error(new TextDecoder().decode(stderr).slice(-300));
  const { passed, upper } = JSON.parse(found);
  return { "whole process, s": rounded(seconds), passed, upper: Array.isArray(upper) ? upper[0] : upper };
}

/** The same work by PyTorch: figures by name of the case. */
export async function torch(python: string, quick: boolean): Promise<{ machine: string; cases: Record<string, Figures> }> {
  const script = new URL("../peers/torch_gpu.py", import.meta.url).pathname;
  const { code, stdout, stderr } = await new Deno.Command(python, { args: [script, ...(quick ? ["--quick"] : [])] }).output();
  if (code !== 0) throw new Error(new TextDecoder().decode(stderr).trim().split("\n").at(-1));
  return JSON.parse(new TextDecoder().decode(stdout));
}

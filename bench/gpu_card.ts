// Times WebGPU in Deno, on whatever adapter there is, beside PyTorch, and prints a table and what the figures should be: products,
// the tutorial's convolutions, training steps, read-backs, and the tutorial as a whole job. Needs no network once its modules are
// cached.
//   deno run -A --no-lock bench/gpu_card.ts [--torch python3] [--json FILE] [--peak TFLOPS] [--seconds N] [--tiles] [--quick]
// --torch runs bench/peers/torch_gpu.py by that Python; --peak is the card's limit, for fractions of it; --seconds (default 400)
// is when no further case begins, the important ones first; --tiles times each tile of autodiff/devices/webgpu/products.ts by
// itself, to set their costs by; --quick takes small cases, as ever for a program in place of a card.
import { writeFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { openWebGpu } from "../autodiff/devices/webgpu/open.ts";
import { tiles } from "../autodiff/devices/webgpu/products.ts";
import { autodiff } from "../mod.ts";
import {
  type Bench,
  convolutions,
  type Figures,
  median,
  product,
  rounded,
  step,
  torch,
  tutorial,
  watchWebGpu,
} from "./card/measures.ts";
import { type Measured, tableOf, verdicts } from "./card/table.ts";
import { describeMachine } from "./machine.ts";

const { values: flags } = parseArgs({
  options: {
    torch: { type: "string" },
    json: { type: "string" },
    peak: { type: "string" },
    seconds: { type: "string", default: "400" },
    tiles: { type: "boolean", default: false },
    quick: { type: "boolean", default: false },
  },
});
watchWebGpu();
const opening = performance.now(), gpu = await openWebGpu();
if (gpu === null) throw new Error("WebGPU finds no adapter");
const opened = rounded(performance.now() - opening), end = opening + 1000 * Number(flags.seconds);
const bench: Bench = { gpu, quick: flags.quick || gpu.software, peak: Number(flags.peak ?? NaN) }, { quick } = bench;
const cases: Record<string, Figures> = { opening: { ms: opened } };
const measured: Measured = { adapter: gpu.adapter, machine: describeMachine(), cases, torch: { error: "not run" } };
console.log(`${gpu.adapter}; opened in ${opened} ms\n${measured.machine.join("\n")}`);

/** Notes a case, unless the time is over, and keeps what is known so far. */
async function timed(name: string, measure: () => Promise<Figures>): Promise<void> {
  if (performance.now() > end) return void console.log(`${name}: left out, the time is over`);
  try {
    cases[name] = await measure();
  } catch (error) {
    cases[name] = { error: (error as Error).message.split("\n")[0] };
  }
  console.log(`${name}: ${Object.entries(cases[name]).map(([what, value]) => `${what} ${value}`).join(", ")}`);
  keep();
}

function keep(): void {
  if (flags.json !== undefined) writeFileSync(flags.json, `${JSON.stringify(measured, null, 2)}\n`);
}

const sizes = quick ? [64, 128] : [4096, 1024, 256, 512, 2048], batches = quick ? [4, 8] : [150, 4096, 1024, 32];
if (flags.tiles) {
  for (const tile of tiles) {
    bench.gpu = (await openWebGpu([tile]))!;
    const name = `${tile.rows} x ${4 * tile.quads} a thread, ${tile.across} x ${tile.down} threads`;
    for (const size of quick ? [64] : [256, 1024, 4096]) await timed(`${name}: product of ${size}`, () => product(bench, size));
    for (const batch of quick ? [2] : [150, 4096]) {
      await timed(`${name}: convolution 2, batch ${batch}`, () => convolutions(bench, 2, batch));
    }
  }
} else {
  for (const batch of batches) await timed(`MNIST step, batch ${batch}`, () => step(bench, gpu, batch));
  if (flags.torch !== undefined) {
    measured.torch = await torch(flags.torch, quick).catch((error) => ({ error: (error as Error).message }));
    console.log(JSON.stringify(measured.torch));
    keep();
  }
  for (const size of sizes.slice(0, 2)) await timed(`product of ${size}`, () => product(bench, size));
  for (const device of ["gpu", "cpu"]) await timed(`tutorial, ${device}`, () => tutorial(bench, device));
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
  for (const layer of [1, 2] as const) {
    for (const batch of batches) await timed(`convolution ${layer}, batch ${batch}`, () => convolutions(bench, layer, batch));
  }
  for (const size of sizes.slice(2)) await timed(`product of ${size}`, () => product(bench, size));
  const [first] = batches;
  await timed(`MNIST step, batch ${first}, not replayed`, () => step(bench, gpu, first, false));
  for (const batch of batches) await timed(`MNIST step, batch ${batch}, on the processor`, () => step(bench, "cpu", batch));
  console.log(`\n${tableOf(measured)}\n\n${verdicts(measured).join("\n")}`);
}
keep();

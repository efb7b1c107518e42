/**
 * Times tensor operations, forward and backward, on one thread, beside PyTorch if it is installed in `bench/.peers`:
 * `deno run -A bench/tensors.ts`; with `layers`, layers and losses. Both take turns; a figure is the fastest of all runs, which other programs on the machine disturb least.
 * @module
 */
import { createInterface } from "node:readline";
import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import process from "node:process";
import { autodiff, type Tensor } from "../mod.ts";
import { environment } from "./contenders.ts";
import { layers } from "./layers.ts";

autodiff.useThreads(1);
const { inStep, noGrad, rand } = autodiff, rounds = Number(process.argv.find((word) => /^\d+$/.test(word)) ?? 5);

/** An operation on leaves of these shapes. Python has it under the same name in peers/tensors.py. */
type Case = [name: string, shapes: number[][], apply: (...x: Tensor[]) => Tensor];

const tensors: Case[] = [
  ["matmul, 64 of 64 x 64", [[64, 64, 64], [64, 64, 64]], (x, y) => x.matmul(y)],
  ["matmul, 1000 of 8 x 8", [[1000, 8, 8], [1000, 8, 8]], (x, y) => x.matmul(y)],
  ["matmul, [32, 64, 128] by [128, 128]", [[32, 64, 128], [128, 128]], (x, y) => x.matmul(y)],
  ["einsum, scores of 32 heads of 64 x 32", [[8, 4, 64, 32], [8, 4, 64, 32]], (x, y) => autodiff.einsum("bhid,bhjd->bhij", x, y)],
  ["argmax of rows, 1000 x 100", [[1000, 100]], (x) => x.argmax(1)],
  ["std of rows, 1000 x 100", [[1000, 100]], (x) => x.std(1)],
  ["prod of rows, 1000 x 100", [[1000, 100]], (x) => x.prod(1)],
  ["norm of 1,000,000", [[1000000]], (x) => x.norm()],
  ["sin of 100,000", [[100000]], autodiff.sin],
  ["cos of 100,000", [[100000]], autodiff.cos],
  ["round of 100,000", [[100000]], autodiff.round],
  ["cumsum along rows, 1000 x 100", [[1000, 100]], (x) => x.cumsum(1)],
  ["cumsum along columns, 1000 x 100", [[1000, 100]], (x) => x.cumsum(0)],
  ["cumprod along rows, 1000 x 100", [[1000, 100]], (x) => autodiff.cumprod(x, 1)],
  ["sort of rows, 1000 x 100", [[1000, 100]], (x) => autodiff.sort(x).values],
  ["sort of 100,000", [[100000]], (x) => autodiff.sort(x).values],
  ["topk of rows, 5 of 1000 x 100", [[1000, 100]], (x) => autodiff.topk(x, 5).values],
  ["flip of 1000 x 100", [[1000, 100]], (x) => x.flip()],
  ["roll of 1000 x 100", [[1000, 100]], (x) => autodiff.roll(x, 7, 1)],
  ["cat of 4, 250 x 100", [[250, 100], [250, 100], [250, 100], [250, 100]], (...x) => autodiff.cat(x)],
  ["tile of 250 x 100 by [2, 2]", [[250, 100]], (x) => autodiff.tile(x, [2, 2])],
  ["pad of 1000 x 100", [[1000, 100]], (x) => autodiff.pad(x, [[1, 1], [2, 2]])],
  ["tril of 300 x 300", [[300, 300]], (x) => autodiff.tril(x)],
  ["diagonal of 300 x 300", [[300, 300]], (x) => autodiff.diagonal(x)],
  ["outer of 300 and 300", [[300], [300]], autodiff.outer],
  ["unsqueeze, swapAxes and squeeze", [[300, 300]], (x) => x.unsqueeze(0).swapAxes(1, 2).squeeze(0)],
  ["rand of 100,000", [], () => rand([100000], 0)],
  ["randn of 100,000", [], () => autodiff.randn([100000], 0)],
  ["arange to 100,000", [], () => autodiff.arange(100000)],
];

const cases = process.argv.includes("layers") ? layers : tensors;

/** The least time of a call in microseconds: of at least 9 calls, and of 60 ms. */
function timed(run: () => void): number {
  const times: number[] = [];
  for (let i = 0; i < 5; i++) run();
  for (const start = performance.now(); times.length < 9 || performance.now() - start < 60;) {
    const before = performance.now();
    run();
    times.push(1000 * (performance.now() - before));
  }
  return Math.min(...times);
}

function measured([, shapes, apply]: Case): number[] {
  const leaves = shapes.map((shape, i) => rand(shape, i).add(0.5).detach().withGrad());
  const forward = timed(() => inStep(() => void noGrad(() => apply(...leaves))));
  const y = apply(...leaves);
  if (!y.requiresGrad) return [forward];
  const dy = rand([...y.shape], 9);
  const backward = timed(() => {
    for (const leaf of leaves) leaf.grad = null;
    inStep(() => y.backward(dy));
  });
  return [forward, backward];
}

/** Answers of PyTorch, a line for each case; null without it. */
function pytorch(): ((name: string) => Promise<number[]>) | null {
  const python = `${environment}/bin/python3`;
  if (!existsSync(python)) return null;
  const child = spawn(python, [new URL("peers/tensors.py", import.meta.url).pathname], { stdio: ["pipe", "pipe", "inherit"] });
  const answers = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  return async (name) => {
    child.stdin.write(`${name}\n`);
    return JSON.parse((await answers.next()).value!);
  };
}

const theirs = pytorch(), times = new Map(cases.map(([name]) => [name, [[], [], [], []] as number[][]]));
for (let round = 0; round < rounds; round++) {
  for (const one of cases) {
    const own = measured(one), other = await theirs?.(one[0]) ?? [];
    times.get(one[0])!.forEach((list, i) => {
      const time = [own[0], other[0], own[1], other[1]][i];
      if (time !== undefined) list.push(time);
    });
  }
}
const shown = (time: number | undefined) => time === undefined ? "" : time < 100 ? time.toFixed(1) : time.toFixed(0);
console.log(
  "| microseconds | forward | PyTorch | ratio | backward | PyTorch | ratio |\n| --- | --: | --: | --: | --: | --: | --: |",
);
for (const [name, lists] of times) {
  const [a, b, c, d] = lists.map((list) => list.length === 0 ? undefined : Math.min(...list));
  const ratio = (x?: number, y?: number) => x === undefined || y === undefined ? "" : (x / y).toFixed(1);
  console.log(`| ${[name, shown(a), shown(b), ratio(a, b), shown(c), shown(d), ratio(c, d)].join(" | ")} |`);
}
process.exit();

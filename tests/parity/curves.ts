/**
 * The distance of the training loss from PyTorch's in float64, as a Markdown table: `deno run -A tests/parity/curves.ts [steps]`.
 * Rounding errors grow in training, for example where two pixels of a pooling window are nearly equal. So the table also has
 * PyTorch's float32, and the first hundred steps, in which errors have hardly grown.
 */
import process from "node:process";
import { curves, distance, losses, numbersIn, runs } from "./training.ts";

const steps = Number(process.argv[2] ?? 300), early = Math.min(steps, 100);
console.log(`| ${steps} steps | loss | the kit | PyTorch, float32 | the kit, ${early} steps | PyTorch, float32 | seconds |`);
console.log("| --- | --- | --- | --- | --- | --- | --- |");
for (const [name, run] of Object.entries(runs)) {
  const start = performance.now(), found = losses(run, steps), seconds = (performance.now() - start) / 1000;
  const [exact, theirs] = [curves[name].float64, curves[name].float32].map((text) => numbersIn(text).slice(0, found.length));
  const first = (course: number[]) => course.slice(0, Math.ceil(early / 10));
  const distances = [found, theirs, first(found), first(theirs)].map((course) => distance(course, exact).toExponential(1));
  console.log(
    `| ${[name, `${exact[0].toFixed(2)} to ${exact.at(-1)!.toFixed(2)}`, ...distances, seconds.toFixed(1)].join(" | ")} |`,
  );
}

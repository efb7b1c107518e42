import { ok } from "node:assert/strict";
import { test } from "node:test";
import * as ad from "../../autodiff/mod.ts";
import { inStep, tensor, valueAndGrad } from "../../autodiff/mod.ts";
import { full } from "../helpers/runs.ts";
import type { Known } from "./programs/program.ts";
import { programOf } from "./programs/programs.ts";
import { Random } from "./programs/random.ts";
import { resultsOf, Run } from "./programs/run.ts";
import { same, type Seen, show } from "./programs/seen.ts";

/** A network and its gradients, in bits. */
function reference(): number[] {
  const images = tensor(Float32Array.from({ length: 50 }, (_, i) => Math.fround(((i * 37) % 23) / 8 - 1)), [2, 1, 5, 5]);
  const filter = tensor(Float32Array.from({ length: 8 }, (_, i) => ((i * 5) % 7) / 4 - 1), [2, 1, 2, 2], { requiresGrad: true });
  const weight = tensor(Float32Array.from({ length: 24 }, (_, i) => ((i * 11) % 13) / 8 - 1), [8, 3], { requiresGrad: true });
  const logits = ad.maxPool2d(ad.conv2d(images, filter), 2).relu().reshape(2, 8).matmul(weight);
  const loss = ad.crossEntropy(logits, tensor([0, 2]));
  loss.backward();
  const curved = valueAndGrad((x) => x.softmax().mul(x).sum())(weight.transpose()).gradients[0].sum();
  return [loss.value, curved.value, ...filter.grad!.data, ...weight.grad!.data];
}

function near(found: Seen, { dtype, shape, numbers, tolerance }: Known): boolean {
  if (typeof found === "string" || found.dtype !== dtype || found.shape.join() !== shape.join()) return false;
  return numbers.every((number, i) => Math.abs(found.data[i] - number) <= tolerance);
}

/** Counts of comparisons. */
const count = { known: 0, registers: 0, slopes: 0, leftOut: 0, instructions: 0 };

/** Compares the runs of a program with each other and with the interpreter's results. */
function check(seed: number): void {
  const program = programOf(seed), { instructions } = program;
  const fail = (what: string): never => {
    throw new Error(`${what}\nprogram ${seed}\n${instructions.map((line, i) => `${i}: ${JSON.stringify(line)}`).join("\n")}`);
  };
  const guarded = <T>(what: string, act: () => T): T => {
    try {
      return act();
    } catch (error) {
      return fail(`${what}: ${error instanceof Error ? error.stack : error}`);
    }
  };
  // Half of the programs first run in a step.
  const first = seed % 2 === 0 ? null : guarded("first run", () => new Run(program, new Random(seed), "step").run());
  const outside = guarded("outside", () => new Run(program, new Random(seed), "outside").run()), ends = outside.ends();
  instructions.forEach((line, at) => {
    const found = outside.seen[at]!;
    if (line.operation === "assign" && !(line.options.refused ? /repeats elements/ : /^done$/).test(found[0] as string)) {
      fail(`line ${at}: ${found[0]}`);
    }
    for (let i = 0; i < resultsOf(line); i++) {
      const known = program.made[line.first + i];
      if (known !== null && !near(found[i], known)) fail(`line ${at}: ${show(found[i])}, not ${JSON.stringify(known)}`);
    }
  });
  program.ends.forEach((known, i) => {
    if (known !== null && !near(ends[i]!, known)) {
      fail(`register ${i} in the end: ${show(ends[i])}, not ${JSON.stringify(known)}`);
    }
    count.registers++;
    if (known !== null) count.known++;
  });
  if (program.slope !== null) {
    let slope = 0, greatest = 1;
    for (const [register, direction] of program.directions) {
      const grad = outside.registers[register]!.grad?.data;
      direction.forEach((part, i) => {
        slope += part * (grad?.[i] ?? 0);
        greatest = Math.max(greatest, Math.abs(grad?.[i] ?? 0));
      });
    }
    const rough = outside.registers.some((x) => x!.dtype === "float32");
    if (!(Math.abs(slope - program.slope) <= (rough ? 3e-4 : 1e-9) * greatest)) fail(`slope ${slope}, not ${program.slope}`);
    if (program.slope !== 0) count.slopes++;
  }
  // The second of two equal steps reuses the arrays of the first.
  (["step", "step", "both", "both"] as const).forEach((place, k) => {
    const what = `run ${k} (${place})`;
    const run = k === 0 && first || guarded(what, () => new Run(program, new Random(seed * 31 + k), place).run());
    instructions.forEach((_, at) => {
      const wanted = outside.seen[at]!, found = run.seen[at];
      count.instructions++;
      if (found === undefined) count.leftOut++;
      else if (!wanted.every((x, i) => same(x, found[i]))) {
        fail(`${what}, line ${at}: ${found.map(show)}, not ${wanted.map(show)}`);
      }
    });
    const changed = run.held.find(([window, copy]) => copy.some((x, i) => !Object.is(x, window[i])));
    if (changed !== undefined) fail(`${what}: data that were read in a step became ${changed[0]}, and were ${changed[1]}`);
    if (run.ended) return;
    guarded(what, () => run.ends()).forEach((x, i) => {
      if (x !== undefined && !same(x, ends[i]!)) fail(`${what}, register ${i} in the end: ${show(x)}, not ${show(ends[i])}`);
    });
    const wanted = outside.gradients();
    run.gradients().forEach((grad, i) => {
      if (grad !== "" && grad !== wanted[i]) fail(`${what}, gradient ${i}: ${grad}, not ${wanted[i]}`);
    });
  });
  const found = guarded("afterwards", () => seed % 2 === 0 ? reference() : inStep(reference));
  if (found.some((x, i) => !Object.is(x, unharmed[i]))) fail(`afterwards the reference program gives ${found}, not ${unharmed}`);
}

const unharmed = reference(), programs = full ? 5000 : 1000, parts = full ? 5 : 2;

for (let part = 0; part < parts; part++) {
  test(`random programs give the same bits in steps and outside, and agree with an interpreter (${part + 1} of ${parts})`, () => {
    for (let seed = part; seed < programs; seed += parts) check(seed);
  });
}

test("the interpreter predicted most numbers of those programs, and runs in steps left out few instructions", () => {
  ok(count.known > 0.75 * count.registers, `${count.known} of ${count.registers} registers`);
  ok(count.slopes > 0.4 * programs, `${count.slopes} of ${programs} gradients`);
  ok(
    count.leftOut > 0.03 * count.instructions && count.leftOut < 0.15 * count.instructions,
    `${count.leftOut} of ${count.instructions} instructions`,
  );
});

/** Training runs, stated in runs.json and made here and in PyTorch: the same numbers, so the same course of the loss. */
import { autodiff, nn, optim, Tensor } from "../../mod.ts";
import { evaluateHere } from "./kit.ts";
import { hash, numbers } from "./language.ts";
import { inTraining } from "../helpers/models.ts";
import { read } from "./read.ts";

/**
 * A network, and how it is trained. Rounding grows along a course: where two pixels of a window are nearly equal, or a number is nearly
 * 0, a last digit decides. With these rates and images a change of 1e-6 in the first parameters becomes one of 1e-4 or less in the loss
 * after 300 steps; with Adam's usual 0.001 it would be one of 1e-2, in PyTorch's float32 too.
 */
export interface Run {
  network: string;
  /** Of Adam. */
  rate: number;
  /** The greatest noise of a pixel. */
  noise: number;
}

/** All of them by name. */
export const runs: Record<string, Run> = read("runs.json");

/** Losses of PyTorch at every tenth step. */
export const curves: Record<string, { float64: string; float32: string }> = read("../figures/parity_curves.json").curves;

/** Rows of a batch, and batches that come one after the other, again and again. */
const batch = 32, cycle = 30;

/**
 * Images of a spot, whose place is that of its class, with noise. A fifth of the labels says nothing, so that the loss stays well
 * above 0: near it, relative differences have no meaning.
 */
function images(number: number, most: number): { x: Float32Array; y: Float64Array } {
  const x = new Float32Array(batch * 784), y = new Float64Array(batch);
  for (let row = 0; row < batch; row++) {
    const id = number * batch + row, spot = hash(id, 1) % 10, noise = numbers(784, 1000 + id, 0, most);
    const top = 6 + 4 * (spot % 5) + (hash(id, 2) % 5 - 2), left = 8 + 12 * Math.floor(spot / 5) + (hash(id, 3) % 5 - 2);
    y[row] = hash(id, 4) % 5 === 0 ? hash(id, 5) % 10 : spot;
    for (let i = 0; i < 784; i++) {
      const down = Math.floor(i / 28) - top, right = i % 28 - left;
      x[row * 784 + i] = noise[i] + Math.max(0, 1 - (down * down + right * right) / 25);
    }
  }
  return { x, y };
}

/** Gives layers whose weights are matrices values that are uniform within PyTorch's bounds; norms keep 1 and 0. */
function fill(model: nn.Module): void {
  let bound = 0, seed = 0;
  for (const parameter of nn.namedParameters(nn.initialize(model, 0)).values()) {
    if (parameter.rank > 1) bound = 1 / Math.sqrt(parameter.size / parameter.shape[0]);
    else if (parameter.data[0] === 1) bound = 0;
    if (bound === 0) continue;
    const values = numbers(parameter.size, ++seed, -bound, bound);
    parameter.fill((i) => values[i]);
  }
}

/** The loss before every tenth step. */
export function losses({ network, rate, noise }: Run, steps: number): number[] {
  const model = evaluateHere(network) as nn.Module, softmax = new nn.Softmax();
  fill(model);
  const { theta, gradient } = nn.flatParameters(model), optimizer = optim.adam(theta, gradient, { rate });
  const batches = Array.from({ length: Math.min(cycle, steps) }, (_, i) => images(i, noise));
  const found: number[] = [];
  for (let step = 0; step < steps; step++) {
    const { x, y } = batches[step % cycle];
    const loss = autodiff.inStep(() => {
      const f = nn.logLoss(softmax.forward(model.forward(Tensor.from(x, [batch, 1, 28, 28]), inTraining)), Tensor.from(y));
      f.backward();
      optimizer.step();
      return f.value;
    });
    if (step % 10 === 0) found.push(loss);
  }
  return found;
}

/** The greatest distance between two courses, relative to the second. */
export function distance(found: readonly number[], wanted: readonly number[]): number {
  return Math.max(...found.map((loss, i) => Math.abs(loss - wanted[i]) / wanted[i]));
}

/** Numbers of a recorded text. */
export function numbersIn(text: string): number[] {
  return text.split(" ").map(Number);
}

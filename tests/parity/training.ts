/** Training runs from runs.json, by the kit and by PyTorch: with the same numbers the losses agree. */
import { autodiff, nn, optim, Tensor } from "../../mod.ts";
import { evaluateHere } from "./kit.ts";
import { hash, numbers } from "./language.ts";
import { inTraining } from "../helpers/models.ts";
import { read } from "./read.ts";

/**
 * A network, and the options of its training. Rounding errors grow in training: where two pixels of a window are nearly equal, or
 * a number is nearly 0, the last digit decides. With these rates and images, a change of 1e-6 in the initial parameters changes
 * the loss after 300 steps by 1e-4 or less. With Adam's usual 0.001 it would be 1e-2, in PyTorch's float32 too.
 */
export interface Run {
  network: string;
  /** Adam's learning rate. */
  rate: number;
  /** The greatest noise of a pixel. */
  noise: number;
}

/** All runs by name. */
export const runs: Record<string, Run> = read("runs.json");

/** PyTorch's losses at every tenth step. */
export const curves: Record<string, { float64: string; float32: string }> = read("../figures/parity_curves.json").curves;

/** Rows of a batch, and the number of batches that repeat. */
const batch = 32, cycle = 30;

/**
 * Images of a spot with noise; the class determines the spot's position. A fifth of the labels is random, so the loss stays well
 * above 0. Near 0, relative differences have no meaning.
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

/** Fills layers that have weight matrices with uniform values within PyTorch's bounds; norms keep 1 and 0. */
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
  const optimizer = optim.adam(model, { lr: rate });
  const batches = Array.from({ length: Math.min(cycle, steps) }, (_, i) => images(i, noise));
  const found: number[] = [];
  for (let step = 0; step < steps; step++) {
    const { x, y } = batches[step % cycle];
    const loss = autodiff.inStep(() => {
      const f = nn.logLoss(softmax.forward(model.forward(Tensor.from(x, [batch, 1, 28, 28]), inTraining)), Tensor.from(y));
      f.backward();
      optimizer.step();
      optimizer.zeroGrad();
      return f.value;
    });
    if (step % 10 === 0) found.push(loss);
  }
  return found;
}

/** The greatest distance between two series of losses, relative to the second. */
export function distance(found: readonly number[], wanted: readonly number[]): number {
  return Math.max(...found.map((loss, i) => Math.abs(loss - wanted[i]) / wanted[i]));
}

/** The numbers in a recorded text. */
export function numbersIn(text: string): number[] {
  return text.split(" ").map(Number);
}

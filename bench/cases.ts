/** The cases to time. Every contender identifies them by these names and numbers. @module */

/** A case to time. */
export interface Case {
  name: string;
  /** Matrix size, rows of a batch or number of constraints, if the case has one. */
  size?: number;
  /** Additions and multiplications of the direct algorithm, if counted. */
  flops?: number;
  /** Number of runs in a round, which takes their median. */
  runs: number;
}

const batch = 150, pixels1 = 28 * 28, pixels2 = 14 * 14;

/** Counted for a loop over taps, whatever algorithm a contender uses. */
const flops1 = 2 * batch * 16 * pixels1 * 25, flops2 = 2 * batch * 32 * pixels2 * 16 * 25;

/** Kernels and steps: every contender that knows a case takes its turn in every round. */
export const cases: readonly Case[] = [
  ...[64, 256, 512, 1024].map((size) => ({
    name: "product",
    size,
    flops: 2 * size ** 3,
    runs: size > 512 ? 3 : size < 256 ? 99 : 9,
  })),
  { name: "convolution 1", flops: flops1, runs: 9 },
  { name: "convolution 1, gradients", flops: flops1, runs: 9 },
  { name: "convolution 2", flops: flops2, runs: 9 },
  { name: "convolution 2, gradients", flops: 2 * flops2, runs: 9 },
  ...[32, 150, 512, 1024].map((size) => ({
    name: "step",
    size,
    flops: size * (2 * flops1 + 3 * flops2) / batch,
    runs: size > 150 ? 5 : 15,
  })),
  { name: "perceptron", size: 128, flops: 128 * (4 * 784 * 256 + 6 * 256 * 10), runs: 25 },
  { name: "deep narrow", size: 64, flops: 64 * (7 * 6 * 64 * 64 + 4 * 64 * 64 + 6 * 64 * 10), runs: 25 },
  ...[1, 2, 4, 8, 16].map((size) => ({ name: "constrained step", size, runs: 15 })),
];

/** The greatest difference between contenders' sums, relative to their terms' magnitudes. Poolings may break ties differently. */
export const tolerance = 3e-4;

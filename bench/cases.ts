/** What is timed, and on whom. Every contender knows the cases by these names and numbers. @module */

/** One thing to time. */
export interface Case {
  name: string;
  /** Matrix size, rows of a batch or constraints, where the case has one. */
  size?: number;
  /** Additions and multiplications of the direct algorithm, for what has a count. */
  flops?: number;
  /** Runs that a round takes the median of. */
  runs: number;
}

const batch = 150, pixels1 = 28 * 28, pixels2 = 14 * 14;

/** Counted directly, as a loop over taps would do it, whatever a contender does instead. */
const flops1 = 2 * batch * 16 * pixels1 * 25, flops2 = 2 * batch * 32 * pixels2 * 16 * 25;

/** Kernels and steps: every contender that knows a case takes its turn in every round. */
export const cases: readonly Case[] = [
  ...[64, 256, 512, 1024].map((size) => ({ name: "product", size, flops: 2 * size ** 3, runs: size > 512 ? 3 : 9 })),
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
  ...[1, 2, 4, 8, 16].map((size) => ({ name: "constrained step", size, runs: 15 })),
];

/** How far sums of two contenders may differ, relative to the magnitudes of their terms. A pooling chooses another of two equals. */
export const tolerance = 3e-4;

/** The factor on the learning rate at a progress of training from 0 to 1. */
export type Schedule = (progress: number) => number;

/** Schedules by name: always 1; linear from 1 to 0; (1 + cos π t) / 2 (I. Loshchilov and F. Hutter, "SGDR", ICLR 2017). */
export const schedules: Record<"constant" | "linear" | "cosine", Schedule> = {
  constant: () => 1,
  linear: (progress) => 1 - progress,
  cosine: cosineFactor,
};

/**
 * (1 + cos π t) / 2 = sin²(π (1 - t) / 2), by the Taylor series of the sine. Engines differ in the last bit of Math.cos, and the
 * same seed must give the same bits.
 */
function cosineFactor(t: number): number {
  const x = Math.PI * (1 - t) / 2, square = x * x;
  let term = x, sine = x;
  for (let k = 2; k < 24; k += 2) sine += term *= -square / (k * (k + 1));
  return sine * sine;
}

/** The factor on the learning rate at a progress of training from 0 to 1. */
export type Schedule = (progress: number) => number;

/**
 * Schedules by name: always 1; linear from 1 to 0; (1 + cos π t) / 2 (I. Loshchilov and F. Hutter, "SGDR", ICLR 2017); 1, then 0.1
 * from half of the way, then 0.01 from three quarters; and a cosine after a linear rise from 0.1 in the first tenth.
 */
export const schedules: Record<"constant" | "linear" | "cosine" | "step" | "warm-up", Schedule> = {
  constant: () => 1,
  linear: (progress) => 1 - progress,
  cosine: cosineFactor,
  step: (progress) => progress < 0.5 ? 1 : progress < 0.75 ? 0.1 : 0.01,
  "warm-up": (progress) => progress < 0.1 ? 0.1 + 9 * progress : cosineFactor((progress - 0.1) / 0.9),
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

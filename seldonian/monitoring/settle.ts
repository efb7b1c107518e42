/**
 * A value after a part of what is owed, as far as the range allows; NaN if it makes up for one too many. Many corrections at once
 * would look like a sudden change, so that they are made up for slowly.
 */
export function settle(owed: [number, number], z: number, [low, high]: readonly [number, number]): number {
  if (owed[0] > 0) {
    owed[0]--;
    owed[1] += z;
    return NaN;
  }
  const settled = Math.min(high, Math.max(low, z + owed[1] / patience));
  owed[1] -= settled - z;
  return settled;
}

/** About so many outcomes of a measure make up for a correction. */
const patience = 500;

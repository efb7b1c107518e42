/**
 * The least number found in [low, high] where `holds`, which is false below some point and true above it; `high` is assumed to
 * hold. `holds` was true for every returned number but `high`, so rounding errs to the safe side.
 */
export function leastWhere(holds: (x: number) => boolean, low: number, high: number, precision = 0): number {
  for (let i = 0; i < 200; i++) {
    const middle = low + (high - low) / 2;
    if (middle <= low || middle >= high) break;
    if (holds(middle)) high = middle;
    else low = middle;
    if (high - low <= precision || high - low <= 2 ** -46 * Math.max(Math.abs(high), 2 ** -40)) break;
  }
  return high;
}

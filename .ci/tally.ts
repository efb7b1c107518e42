let passed = 0, failed = 0;

/** Counts a check and prints its result. */
export function told(what: string, good: boolean): void {
  console.log(`${good ? "ok" : "FAILED"}  ${what}`);
  if (good) passed++;
  else failed++;
}

/** Counts checks that were printed elsewhere. */
export function counted(good: number, bad: number): void {
  passed += good;
  failed += bad;
}

/** Prints the line that continuous integration reads, and exits. */
export function ended(): never {
  console.log(`${passed} passed, ${failed} failed`);
  Deno.exit(failed === 0 ? 0 : 1);
}

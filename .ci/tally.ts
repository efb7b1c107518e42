let passed = 0, failed = 0;

/** Counts a check, and says what came of it. */
export function told(what: string, good: boolean): void {
  console.log(`${good ? "ok" : "FAILED"}  ${what}`);
  if (good) passed++;
  else failed++;
}

/** Counts checks that were told elsewhere. */
export function counted(good: number, bad: number): void {
  passed += good;
  failed += bad;
}

/** Ends with the line that the continuous integration reads. */
export function ended(): never {
  console.log(`${passed} passed, ${failed} failed`);
  Deno.exit(failed === 0 ? 0 : 1);
}

let last = 0;

/** Lets timers, signals and drawing have their turn about twenty times a second; in between it returns at once. */
export function breathe(): Promise<void> | void {
  if (performance.now() - last < 50) return;
  // A timer waits for at least a millisecond; where there is none that does not, as in a web page, it has to do.
  const later = (globalThis as { setImmediate?: (turn: () => void) => void }).setImmediate ?? setTimeout;
  return new Promise((resolve) =>
    later(() => {
      last = performance.now();
      resolve();
    })
  );
}

let last = 0;

/** Lets timers, signals and drawing run about twenty times a second; otherwise it returns at once. */
export function breathe(): Promise<void> | void {
  if (performance.now() - last < 50) return;
  // A timer waits at least a millisecond, so it is used only where `setImmediate` is missing, as in web pages.
  const later = (globalThis as { setImmediate?: (turn: () => void) => void }).setImmediate ?? setTimeout;
  return new Promise((resolve) =>
    later(() => {
      last = performance.now();
      resolve();
    })
  );
}

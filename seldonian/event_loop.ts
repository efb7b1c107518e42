let last = 0;

/** Lets timers, signals and drawing have their turn about twenty times a second; in between it returns at once. */
export function breathe(): Promise<void> | void {
  if (performance.now() - last < 50) return;
  return new Promise((resolve) =>
    setTimeout(() => {
      last = performance.now();
      resolve();
    })
  );
}

import type { Progress, Step } from "../records/log.ts";

/** The kit's view of a notebook's kernel. */
export interface Kernel {
  broadcast(message: string, content: Record<string, unknown>): Promise<void>;
}

/** Milliseconds between two drawings. */
const interval = 1500;

/** The most steps to draw, evenly spaced: more could not be distinguished. */
const mostDrawn = 600;

/** The kernel of the notebook that runs this code, if any. */
export function kernelHere(): Kernel | undefined {
  try {
    // Outside notebooks Deno throws when this is read.
    return (globalThis as { Deno?: { jupyter?: Kernel } }).Deno?.jupyter;
  } catch {
    return undefined;
  }
}

/** The drawing in progress. */
let drawing: Promise<void> | null = null;

/** Waits for the drawing in progress: a cell's output must not overtake it. */
export async function allDrawn(): Promise<void> {
  while (drawing !== null) await drawing;
}

/** Shows training in a notebook: a bar and the four growing curves, redrawn in one place. */
export function notebookProgress(kernel: Kernel): (progress: Progress) => void {
  const log: Step[] = [], id = `seldonian-${Math.floor(performance.timeOrigin + performance.now())}`;
  let shown = false, last = 0;
  const draw = async ({ step, steps, epoch, epochs, seconds, running }: Progress) => {
    const some = Math.ceil(log.length / mostDrawn);
    const { plotLog } = await import("./plot.ts"),
      figure = await plotLog(log.filter((_, i) => i % some === 0 || i === log.length - 1), []);
    const left = running && step > 1 ? `, about ${Math.round(seconds / step * (steps - step))} s left` : "";
    const bar =
      `<progress value="${step}" max="${steps}"></progress> step ${step} of ${steps}, epoch ${epoch} of ${epochs}${left}`;
    await kernel.broadcast(shown ? "update_display_data" : "display_data", {
      data: { "text/html": `<div>${bar}</div>${figure}`, "text/plain": `step ${step} of ${steps}` },
      metadata: {},
      transient: { display_id: id },
    });
    [shown, last] = [true, performance.now()];
  };
  return (progress) => {
    if (progress.running) log.push(progress);
    const due = drawing === null && performance.now() - last > interval;
    if (progress.running && !due) return;
    // The last drawing comes after the one in progress.
    const now: Promise<void> = (drawing ?? Promise.resolve()).then(() => draw(progress)).finally(() => {
      if (drawing === now) drawing = null;
    });
    drawing = now;
  };
}

import { plotLog } from "./figures.ts";
import type { Progress, Step, StepProgress } from "../records/log.ts";

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

/** How an object shows itself in a notebook: as a text and as HTML, drawn when a run ends. */
export class Display {
  #drawn?: Record<string, string>;

  constructor(readonly object: object, readonly html: () => Promise<string>) {}

  /** What a notebook shows. */
  shown(): Record<string, string> | Promise<Record<string, string>> {
    return this.#drawn ?? this.#draw();
  }

  /** In a notebook, draws it now: kernels do not wait long for it when a cell ends. */
  async draw(): Promise<void> {
    if (kernelHere() !== undefined) this.#drawn = await this.#draw();
  }

  async #draw(): Promise<Record<string, string>> {
    const html = await this.html();
    await allDrawn();
    return { "text/plain": `${this.object}`, "text/html": html };
  }
}

/** What a notebook shows. */
export interface Shown {
  html: string;
  text: string;
}

/** Shows something that grows in one place of a notebook: it is drawn anew at most every 1.5 seconds, and at its end. */
export function redrawing(kernel: Kernel): (draw: () => Promise<Shown>, last: boolean) => void {
  const id = `seldonian-${Math.floor(performance.timeOrigin + performance.now())}`;
  let shown = false, at = 0;
  const show = async ({ html, text }: Shown) => {
    await kernel.broadcast(shown ? "update_display_data" : "display_data", {
      data: { "text/html": html, "text/plain": text },
      metadata: {},
      transient: { display_id: id },
    });
    [shown, at] = [true, performance.now()];
  };
  return (draw, last) => {
    if (!last && (drawing !== null || performance.now() - at <= interval)) return;
    // The last drawing comes after the one in progress.
    const now: Promise<void> = (drawing ?? Promise.resolve()).then(draw).then(show).finally(() => {
      if (drawing === now) drawing = null;
    });
    drawing = now;
  };
}

/** A bar in a notebook. */
export function barOf(value: number, max: number, text: string): string {
  return `<progress value="${value}" max="${max}"></progress> ${text}`;
}

/** Shows training in a notebook: a bar and the four growing curves, redrawn in one place. */
export function notebookProgress(kernel: Kernel): (progress: Progress) => void {
  const log: Step[] = [], show = redrawing(kernel);
  let last: StepProgress | undefined;
  return (progress) => {
    const { doing, running } = progress;
    if (doing === "training") last = progress;
    // The end is told by what was done last, such as the choice among steps.
    if (last === undefined || (doing !== "training" && running)) return;
    const { step, steps, epoch, epochs, seconds } = last;
    if (doing === "training" && running) log.push(last);
    show(async () => {
      const some = Math.ceil(log.length / mostDrawn);
      const figure = await plotLog(log.filter((_, i) => i % some === 0 || i === log.length - 1), []);
      const left = running && step > 1 ? `, about ${Math.round(seconds / step * (steps - step))} s left` : "";
      const bar = barOf(step, steps, `step ${step} of ${steps}, epoch ${epoch} of ${epochs}${left}`);
      return { html: `<div>${bar}</div>${figure}`, text: `step ${step} of ${steps}` };
    }, !running);
  };
}

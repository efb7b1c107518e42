import { ConstraintError, nn, type Note, type Step, train } from "../../mod.ts";
import { type Trouble, troubleOf } from "./trouble.ts";
import { optionsFor, type Problem } from "./problem.ts";

/** A message from the worker to the page. */
export type Told =
  | { prepared: string; notes: Note[] }
  | { steps: Step[]; of: number }
  | { passed: boolean; html: string; model?: Uint8Array; certificate?: string; encoder: string }
  /** `constraint`: the text of the constraint in question, if any. */
  | { trouble: Trouble; constraint?: string };

const page = globalThis as unknown as { postMessage(told: Told): void; onmessage: (event: { data: Problem }) => void };

/** Milliseconds between two messages. */
const interval = 100;

page.onmessage = async ({ data: problem }) => {
  try {
    const { options, encoder, description } = optionsFor(problem);
    // Errors in notes cannot be sent to another thread; the page's report has shown them.
    page.postMessage({ prepared: description.html("page"), notes: description.notes.map(({ error: _, ...note }) => note) });
    let steps: Step[] = [], last = 0;
    const result = await train({
      ...options,
      onProgress: (progress) => {
        if (progress.doing !== "training") return;
        const { steps: of, running, ...step } = progress;
        if (running) steps.push(step);
        if (running && performance.now() - last < interval) return;
        page.postMessage({ steps, of });
        [steps, last] = [[], performance.now()];
      },
    });
    page.postMessage({
      passed: result.passed,
      html: await result.html(),
      encoder: JSON.stringify(encoder, null, 2),
      ...(result.passed && { model: nn.save(result.model), certificate: JSON.stringify(await result.certificate(), null, 2) }),
    });
  } catch (error) {
    page.postMessage({ trouble: troubleOf(error), ...(error instanceof ConstraintError && { constraint: error.text }) });
  }
};

import { csv, nn, type Step, train } from "../../mod.ts";
import { optionsFor, type Problem } from "./problem.ts";

/** What the worker tells the page. */
export type Told =
  | { steps: Step[]; of: number }
  | { passed: boolean; html: string; model?: Uint8Array; certificate?: string; encoder: string }
  | { error: string };

const page = globalThis as unknown as { postMessage(told: Told): void; onmessage: (event: { data: Problem }) => void };

/** Milliseconds between two messages. */
const interval = 100;

page.onmessage = async ({ data: problem }) => {
  try {
    const { options, encoder } = optionsFor(csv(problem.csv), problem);
    let steps: Step[] = [], last = 0;
    const result = await train({
      ...options,
      onProgress: ({ steps: of, running, ...step }) => {
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
    page.postMessage({ error: error instanceof Error ? error.message : `${error}` });
  }
};

// A worker thread of experiments. Its address names the spec, or each request does, as those of a queue.
import { useThreads } from "../../autodiff/mod.ts";
import { experimentTrials, type TrialRequest, type TrialResult } from "../experiments/mod.ts";
import { serveWork } from "../runner/threads.ts";
import { experimentAt } from "./experiment_command.ts";

const named = decodeURIComponent(new URL(import.meta.url).hash.slice(1));
const known = new Map<string, Promise<ReturnType<typeof experimentTrials>>>();

// The threads of an experiment share the cores.
useThreads(1);
serveWork<TrialRequest & { about?: string }, TrialResult>(async ({ about = named, ...request }) => {
  let run = known.get(about);
  if (run === undefined) known.set(about, run = experimentAt(about).then(({ question }) => experimentTrials(question)));
  return await (await run)(request);
});

// A worker thread of an experiment: it gets the spec's name in its address.
import { serveExperiment } from "../experiments/mod.ts";
import { experimentAt } from "./experiment_command.ts";

const file = decodeURIComponent(new URL(import.meta.url).hash.slice(1));
serveExperiment(experimentAt(file).then(({ question }) => question));

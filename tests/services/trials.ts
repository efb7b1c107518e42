/** A worker thread's module. */
import { serveExperiment } from "../../seldonian/experiments/mod.ts";
import { question } from "./question.ts";

serveExperiment(question);

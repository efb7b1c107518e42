/** Thirty trials that take little time. */
import type { ExperimentOptions } from "../../seldonian/experiments/mod.ts";
import { question } from "./question.ts";

const { promise, plain } = question.contenders;
export const asked: ExperimentOptions = { ...question, contenders: { promise, plain }, sizes: [40, 60, 120], trials: 5 };

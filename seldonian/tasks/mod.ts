import type { Loss } from "../../nn/losses.ts";
import type { Measure } from "../constraints/measure.ts";
import { classification } from "./classification.ts";
import { custom } from "./custom.ts";
import { offPolicy } from "./off_policy.ts";
import { regression } from "./regression.ts";
import type { Task } from "./task.ts";

/** All tasks. A problem's task is the first in this list that it uses. */
export const tasks: readonly Task[] = [classification, regression, offPolicy, custom];

/** The measures that a constraint may name. */
export const standardMeasures: readonly Measure[] = tasks.flatMap(({ measures }) => measures);

/** The task of a measure. */
export function taskNamed(name: Measure["task"]): Task {
  return tasks.find((task) => task.name === name)!;
}

/** The task of some measures and a loss; "custom" if they have none. */
export function taskOf(measures: readonly Measure[], loss: Loss | undefined): Task {
  return tasks.find(({ name, losses }) =>
    measures.some(({ task }) => task === name) || (loss !== undefined && Object.values(losses).includes(loss))
  ) ?? custom;
}

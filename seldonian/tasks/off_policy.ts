import { custom } from "./custom.ts";
import type { Task } from "./task.ts";

/**
 * Rows are episodes, labels their returns; outputs are the weights and returns that a policy gives them. As in a custom task, only
 * measures interpret them, see `policies/`.
 */
export const offPolicy: Task = { ...custom, name: "off_policy" };

import type { Operation } from "./operation.ts";
import { arithmetic } from "./arithmetic.ts";
import { functions } from "./functions.ts";
import { reductions } from "./reductions.ts";
import { shapes } from "./shapes.ts";
import { imageOperations } from "./images.ts";

/** Every operation with one result, by name. */
export const operations: Record<string, Operation> = {
  ...arithmetic,
  ...functions,
  ...reductions,
  ...shapes,
  ...imageOperations,
};

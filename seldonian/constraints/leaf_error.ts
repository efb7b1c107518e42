import { ConstraintError } from "./constraint_error.ts";
import type { Leaf } from "./expression.ts";

/**
 * An error at a measure of a constraint.
 * @param word the place in its text
 */
export function leafError(leaf: Leaf, why: string, word?: string): ConstraintError {
  const text = leaf.place?.text ?? `${leaf}`, offset = leaf.place?.offset ?? 0;
  return new ConstraintError(why, text, word === undefined ? offset : Math.max(offset, text.indexOf(word, offset)));
}

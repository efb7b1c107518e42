import type { Leaf } from "../constraints/expression.ts";
import { type Kinship, kinshipOf, type Known } from "../constraints/membership.ts";

/** What is known about every outcome, or cluster of outcomes. */
export interface About extends Known {
  /** Whether a step is a cluster. Then groups of outcomes that exclude each other may share it. */
  clustered?: boolean;
}

/** How the steps of two measures relate. */
export function kinOf(a: Leaf, b: Leaf, about: About): Kinship {
  const kin = kinshipOf(a, b, about);
  return about.clustered === true && kin === "exclusive" ? "unknown" : kin;
}

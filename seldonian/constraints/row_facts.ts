import { Tensor } from "../../autodiff/mod.ts";
import type { AllColumns } from "../data/columns.ts";

/** Rows as they are before any output is known. */
export interface KnownRows {
  /** [rows], float64. */
  labels: Tensor;
  columns: AllColumns;
}

/** Computes facts about rows. */
export type FindFacts = (rows: KnownRows) => readonly (Int32Array | Float64Array)[];

/**
 * Facts that follow from labels and columns alone, such as which rows count for a measure. They are found once for a batch. A
 * recorded step reads them from tensors that stay, which {@link RowFacts.refill} fills for the rows of the next batch.
 */
export class RowFacts {
  readonly #found = new Map<string, { tensors: readonly Tensor[]; find: FindFacts | null }>();

  /** The facts of a name. @param find `null`, as the third: they cannot be found for other rows */
  of(name: string, rows: KnownRows, find: FindFacts, isForOthers = true): readonly Tensor[] {
    let known = this.#found.get(name);
    if (known === undefined) {
      const tensors = find(rows).map((numbers) => Tensor.from(numbers));
      this.#found.set(name, known = { tensors, find: isForOthers ? find : null });
    }
    return known.tensors;
  }

  /** Finds what is known of these rows for others, too. @returns whether all of it can be found for others */
  findFor(rows: KnownRows, facts: RowFacts): boolean {
    for (const [name, { find }] of this.#found) {
      if (find === null) return false;
      facts.of(name, rows, find);
    }
    return true;
  }

  /** The number of each fact's numbers. */
  get sizes(): string {
    return Array.from(this.#found.values(), ({ tensors }) => tensors.map(({ size }) => size)).join();
  }

  get tensors(): Tensor[] {
    return [...this.#found.values()].flatMap(({ tensors }) => tensors);
  }
}

/** The facts of the rows with these labels: a batch of all rows comes again at every step. */
export function factsOf(labels: Tensor): RowFacts {
  let found = facts.get(labels);
  if (found === undefined) facts.set(labels, found = new RowFacts());
  return found;
}

const facts = new WeakMap<Tensor, RowFacts>();

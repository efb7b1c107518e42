import { Tensor } from "../../autodiff/mod.ts";
import { here } from "../../autodiff/remote_array.ts";
import type { AllColumns } from "../data/columns.ts";

/** Rows as they are before any output is known. */
export interface KnownRows {
  /** [rows], float64. */
  labels: Tensor;
  columns: AllColumns;
}

/** Computes facts about rows. */
export type FindFacts = (rows: KnownRows) => readonly (Int32Array | Float64Array)[];

/** A fact, and how to find it for other rows; `null`: nobody knows. */
interface Fact {
  tensors: readonly Tensor[];
  find: FindFacts | null;
}

/** Facts that follow from labels and columns alone, such as which rows count for a measure. Each is found once for a batch. */
export class RowFacts {
  readonly #facts = new Map<string, Fact>();

  get size(): number {
    return this.#facts.size;
  }

  /** The numbers of a fact. @param isForOthers whether `find` serves other rows as well */
  of(name: string, rows: KnownRows, find: FindFacts, isForOthers = true): readonly Tensor[] {
    let fact = this.#facts.get(name);
    if (fact === undefined) {
      fact = { tensors: find(rows).map((numbers) => Tensor.from(numbers)), find: isForOthers ? find : null };
      this.#facts.set(name, fact);
    }
    return fact.tensors;
  }

  /** Finds the same facts about other rows. @returns whether all can be found */
  findFor(rows: KnownRows, facts: RowFacts): boolean {
    for (const [name, { find }] of this.#facts) {
      if (find === null) return false;
      facts.of(name, rows, find);
    }
    return true;
  }

  /** How many numbers each fact has. */
  get sizes(): string {
    return Array.from(this.#facts.values(), ({ tensors }) => tensors.map(({ size }) => size).join()).join(";");
  }

  get tensors(): Tensor[] {
    return [...this.#facts.values()].flatMap(({ tensors }) => tensors);
  }

  /**
   * Takes over others' facts.
   * @param placed a copy of a tensor, for a fact that is new here; others are filled, and have as many numbers
   */
  fill(from: RowFacts, placed: (tensor: Tensor) => Tensor): void {
    for (const [name, { tensors, find }] of from.#facts) {
      const own = this.#facts.get(name);
      if (own === undefined) this.#facts.set(name, { tensors: tensors.map(placed), find });
      else own.tensors.forEach((tensor, i) => here(tensor.array).data.set(here(tensors[i].array).data));
    }
  }
}

/** The facts about the rows with these labels: a batch of all rows comes again at every step. */
export function factsOf(labels: Tensor): RowFacts {
  let found = facts.get(labels);
  if (found === undefined) facts.set(labels, found = new RowFacts());
  return found;
}

const facts = new WeakMap<Tensor, RowFacts>();

import type { Tensor } from "../../autodiff/mod.ts";
import type { Moments } from "../bounds/bound.ts";
import type { Sets } from "../sets.ts";
import type { Batch } from "./batch.ts";
import type { Leaf } from "./expression.ts";
import { commonIn, type DataRelation, type Relations, type Sample, type Units } from "./sample.ts";

/** The sample of all batches. */
export function sampleOf(sets: Sets<Batch>, relations: Relations): Sample {
  return sets.all.length === 1 ? sets.main : new Samples(sets, relations);
}

/** Samples of several data sets; each computes its own measures. */
class Samples implements Sample {
  /** The other sets' rows change while the main ones stay. */
  readonly key = null;
  readonly #names: ReadonlyMap<Units, string | undefined>;
  /**
   * @param relations how the other data sets relate
   */
  constructor(readonly sets: Sets<Batch>, readonly relations: Relations) {
    this.#names = new Map(sets.entries.map(([name, batch]) => [batch, name]));
  }

  source({ data }: Leaf): Batch {
    return this.sets.of(data)!;
  }
  relation(a: Units, b: Units): DataRelation {
    if (a === b) return "same";
    const is = (kind: keyof Relations) =>
      [a, b].map((units) => this.#names.get(units)).every((name) => name === undefined || this.relations[kind].includes(name));
    return is("independent") ? "independent" : is("paired") ? "paired" : "unknown";
  }
  sided(leaf: Leaf, side: "lower" | "upper", range: readonly [number, number] | null): Leaf {
    return this.source(leaf).sided(leaf, side, range);
  }
  values(leaf: Leaf): Tensor {
    return this.source(leaf).values(leaf);
  }
  rowsOf(leaf: Leaf): Tensor {
    return this.source(leaf).rowsOf(leaf);
  }
  common(a: Leaf, b: Leaf): readonly Tensor[] {
    const source = this.source(a);
    return source === this.source(b) ? source.common(a, b) : commonIn(this, a, b);
  }
  rowValues(leaf: Leaf): ReturnType<Sample["rowValues"]> {
    return this.source(leaf).rowValues(leaf);
  }
  moments(leaf: Leaf): Moments {
    return this.source(leaf).moments(leaf);
  }
  estimate(leaf: Leaf): Tensor {
    return this.source(leaf).estimate(leaf);
  }
}

import { type OrderedHash, orderedHash } from "./row_hashes.ts";

/** The number of rows after which to compare passes. */
const block = 1000;

/** Checks that all passes over a source have the same rows in the same order, by a hash of each block of the first pass. */
export class SamePasses {
  #known: readonly string[] | null = null;

  /**
   * @param what the source, such as "a stream of data"
   */
  constructor(readonly what: string) {}

  /** Begins a pass. */
  begin(): CheckedPass {
    return new CheckedPass(this.what, this.#known, (found) => this.#known ??= found);
  }
}

/** One pass. */
class CheckedPass {
  readonly #hash: OrderedHash = orderedHash();
  readonly #blocks: string[] = [];
  #rows = 0;

  constructor(
    readonly what: string,
    readonly known: readonly string[] | null,
    readonly remember: (blocks: readonly string[]) => readonly string[],
  ) {}

  /**
   * Absorbs the keys of the next rows.
   * @throws {RangeError} for a block that differs from the first pass
   */
  add(keys: Uint32Array): void {
    for (let start = 0, rows = keys.length / 2; start < rows;) {
      const taken = Math.min(rows - start, block - this.#rows % block);
      this.#hash.add(keys.subarray(2 * start, 2 * (start + taken)));
      start += taken;
      this.#rows += taken;
      if (this.#rows % block === 0) this.#close();
    }
  }

  /**
   * Ends a complete pass.
   * @throws {RangeError} if it differs from the first
   */
  end(): void {
    if (this.#rows % block !== 0) this.#close();
    const first = this.remember(this.#blocks);
    for (let i = 0; i < Math.max(first.length, this.#blocks.length); i++) {
      if (first[i] !== this.#blocks[i]) throw this.#changed(i);
    }
  }

  #close(): void {
    const place = this.#blocks.push(`${this.#rows} ${this.#hash.value()}`) - 1;
    if (this.known !== null && place < this.known.length && this.known[place] !== this.#blocks[place]) throw this.#changed(place);
  }

  #changed(place: number): RangeError {
    return new RangeError(
      `Cannot use ${this.what} that changes: between row ${place * block} and row ${
        Math.min((place + 1) * block, this.#rows) - 1
      } it is ` +
        "not what it was at the first pass; wanted the same rows in the same order at each pass, so give a source that does not " +
        "shuffle or draw anew (training shuffles by itself)",
    );
  }
}

import { sameBits, sameOperation } from "./agreement.ts";
import type { TypedArray } from "./dtype.ts";
import type { Entry, Leaf } from "./entries.ts";
import { runningKernels } from "./kernels/in_use.ts";
import { contiguousData, supplied } from "./ndarray.ts";
import { isDecidedAgain } from "./recorder.ts";
import { Refill } from "./refill.ts";
import { sameShape } from "./shape.ts";
import { mostKept } from "./lists/most_kept.ts";
import { chainMakers } from "./lists/chains_in_use.ts";
import { type Act, type ListPlace, type Lists, listsOf } from "./lists/lists.ts";

const none: ReadonlySet<TypedArray> = new Set();

/** The numbers that operations compute, in arrays of at most so many. */
function numbersOf(acts: readonly Act[], most = Infinity): number {
  let sum = 0;
  for (const act of acts) {
    if ("primitive" in act) { for (const { size } of [act.output, ...act.made]) sum += size <= most ? size : 0; }
  }
  return sum;
}

/** A recorded step: a list of operations on arrays that stay. */
export class Tape {
  readonly #entries: readonly Entry[];
  /** Numbers of entries at which parts end. */
  readonly #ends: readonly number[];
  readonly #refill = new Refill();
  readonly #place: ListPlace | null;
  #lists: Lists | null = null;
  /** How often its first part was replayed to the end. */
  replays = 0;

  constructor(entries: readonly Entry[], ends: readonly number[], place: ListPlace | null = null) {
    this.#entries = entries;
    this.#ends = ends;
    this.#place = place;
  }

  /** The numbers that it keeps. */
  get numbers(): number {
    return numbersOf(this.#entries);
  }

  /** Of {@link numbers}, those that lists keep. */
  get numbersKept(): number {
    return numbersOf(this.#entries, mostKept);
  }

  /** The number of recorded operations. */
  get length(): number {
    return this.#entries.length;
  }

  /** The names of operations outside lists; `null` until there are lists. */
  get unlisted(): string[] | null {
    return this.#lists && this.#lists.parts.flat().flatMap((act) => "primitive" in act ? [act.primitive.name] : []);
  }

  /** The storages that it reads and does not write. */
  get sources(): Set<TypedArray> {
    const { results } = this;
    return new Set(
      this.#entries.flatMap((entry) => "primitive" in entry ? entry.inputs.map(({ data }) => data) : []).filter((data) =>
        !results.has(data)
      ),
    );
  }

  /** The leaves whose gradients it adds to. */
  get leaves(): Set<Leaf> {
    return new Set(this.#entries.flatMap((entry) => "leaf" in entry ? [entry.leaf] : []));
  }

  /** Whether it decides after it has changed a gradient: then a replay could not be left. */
  get decidesLate(): boolean {
    const first = this.#entries.findIndex((entry) => "leaf" in entry);
    return first >= 0 && this.#entries.slice(first).some((entry) => "decide" in entry);
  }

  /** Runs a part again. @returns whether every decision turned out as recorded */
  replay(part: number): boolean {
    const acts = this.#byLists()?.parts[part] ?? this.#part(part), done = supplied(null, () => this.#run(acts));
    if (part === 0 && done) this.replays++;
    return done;
  }

  /** The lists; `null` if there is no memory for them, or the runtime has other kernels since. */
  #byLists(): Lists | null {
    const place = this.#place;
    if (place === null || runningKernels()?.machine !== place.room.memory.machine) return null;
    // What plans long arrays may be loaded since.
    if (this.#lists?.waits && chainMakers() !== null) this.#lists = null;
    return this.#lists ??= listsOf(this.#ends.map((_, part) => this.#part(part)), this.results, place);
  }

  /** Of {@link numbers}, those of operations that no list does. */
  get numbersOutside(): number {
    return numbersOf(this.#byLists()?.parts.flat() ?? this.#entries);
  }

  #part(part: number): readonly Entry[] {
    return this.#entries.slice(part === 0 ? 0 : this.#ends[part - 1], this.#ends[part]);
  }

  #run(acts: readonly Act[]): boolean {
    // Code that is not compiled yet makes an object for each element of a `for … of`.
    for (let i = 0; i < acts.length; i++) {
      const act = acts[i];
      if ("imports" in act) {
        const { imports, runs, exports } = act;
        for (let k = 0; k < imports.length; k++) {
          const { from, to } = imports[k];
          if (to.length === 1) to[0] = from[0];
          else to.set(from);
        }
        for (let k = 0; k < runs.length; k++) runs[k]();
        for (let k = 0; k < exports.length; k++) exports[k].to.set(exports[k].from);
      } else if ("primitive" in act) supplied(this.#refill, () => this.#refill.run(act));
      else if ("decide" in act) {
        if (!isDecidedAgain(act, this.#lists?.unfilled ?? none)) return false;
      } else act.add();
    }
    return true;
  }

  /** The storages that it fills. */
  get results(): Set<TypedArray> {
    const results = new Set<TypedArray>();
    for (const entry of this.#entries) {
      if (!("primitive" in entry)) continue;
      for (const { data } of [entry.output, ...entry.made]) results.add(data);
      if (entry.saved !== null) results.add(entry.saved.data);
    }
    return results;
  }

  /** Whether another recording of the step has the same operations, options and constants. */
  agrees(other: Tape): boolean {
    if (this.length !== other.length || `${this.#ends}` !== `${other.#ends}`) return false;
    const twins = new Map<TypedArray, TypedArray>();
    return this.#entries.every((entry, i) => {
      const twin = other.#entries[i];
      if ("primitive" in entry) return "primitive" in twin && sameOperation(entry, twin, twins);
      if ("decide" in entry) return "decide" in twin && entry.decided === twin.decided;
      return "leaf" in twin && entry.leaf === twin.leaf;
    });
  }

  /** The first operation that finds other numbers than that of another recording, or is another; `null` if there is none. */
  difference(other: Tape): string | null {
    const unfilled = this.#lists?.unfilled ?? none, found = this.#differs(other, unfilled);
    if (found === null || unfilled.size === 0) return found;
    // An earlier operation may be the cause.
    for (const entry of this.#entries) if ("primitive" in entry) supplied(this.#refill, () => this.#refill.run(entry));
    return this.#differs(other, none) ?? found;
  }

  /** @param without storages that do not count */
  #differs(other: Tape, without: ReadonlySet<TypedArray>): string | null {
    // The other may be of fewer parts.
    const length = this.#ends[other.#ends.length - 1];
    for (let i = 0; i < Math.max(length, other.length); i++) {
      const a = this.#entries[i],
        b = other.#entries[i],
        named = a !== undefined && "primitive" in a ? a.primitive.name : "a decision";
      const place = `operation ${i + 1}, ${named},`;
      if (a === undefined || b === undefined) return `${other.length} operations instead of ${length}`;
      if ("primitive" in a !== "primitive" in b || "decide" in a !== "decide" in b) return `${place} is another`;
      if ("primitive" in a && "primitive" in b) {
        if (a.primitive !== b.primitive || !sameShape(a.shape, b.shape)) return `${place} is ${b.primitive.name}`;
        if (without.has(a.output.data)) continue;
        if (!sameBits(contiguousData(a.output), contiguousData(b.output))) return `${place} gives other numbers`;
      }
    }
    return null;
  }
}

import type { ListMemory } from "../../autodiff/kernels/list_memory.ts";
import { ListRoom } from "../../autodiff/kernels/list_room.ts";
import { listMemory } from "../../autodiff/kernels/lists_in_use.ts";
import type { TypedArray } from "../../autodiff/mod.ts";
import { isLarge, Recordings, type Shared } from "../../autodiff/recordings.ts";
import { here } from "../../autodiff/remote_array.ts";
import type { Tape } from "../../autodiff/tape.ts";
import { factsOf, type RowFacts } from "../constraints/row_facts.ts";
import type { Rows } from "../data/data_set.ts";
import type { Sets } from "../sets.ts";
import { BatchInputs, placed } from "./batch_inputs.ts";
import type { RecordedStep, Stage } from "./replays.ts";

/** Operations of all recordings of a training, and what one takes in a list. */
const mostOperations = 2 ** 14, bytesOfOperation = 256;

/** Layouts that are remembered. */
const mostLayouts = 4096;

/** Two recordings, their lists and a check take as long as some twenty ordinary steps. */
const fewestReplays = 32;

/** After this part of all batches, recordings end unless so many of the batches had a layout with recordings. */
const trial = 1 / 8, fewestRecorded = 1 / 8;

/**
 * The recordings of steps in batches. What a step does depends on its rows by their numbers, which a replay reads anew, and by
 * their layout: how many rows there are, and how many of them count for each measure. So each layout has recordings of its own,
 * while there is room for them, if as many batches as until now would bring enough replays.
 */
export class Layouts {
  readonly shared: Shared = { room: null, replays: 0 };
  memory: ListMemory | null = null;
  /** Those that were seen; without recordings, in how many batches. */
  readonly #known = new Map<string, Layout | number>();
  /** The batches until now, and those whose layouts had recordings. */
  #batches = 0;
  #recorded = 0;
  readonly #inputs = new Map<string, Sets<BatchInputs>>();
  /** The facts about rows that steps have asked for, by data set, and the rows of the last ordinary step. */
  readonly #facts: RowFacts[] = [];
  #asked: Sets<Rows> | null = null;
  /** The operations that are left; `null` before the first recording, which shows what recordings need. */
  #left: number | null = null;
  /** Whether no step can be recorded. */
  off = false;

  /** @param steps of the training, at most */
  constructor(readonly steps: number) {}

  /** The layout of a step's rows, if it has recordings. */
  stage(rows: Sets<Rows>): Layout | null {
    this.#learn();
    const layout = this.#layoutOf(rows);
    if (layout === null) this.#asked = rows;
    else this.#recorded++;
    if (++this.#batches === Math.ceil(trial * this.steps) && this.#recorded < fewestRecorded * this.#batches) this.#stop();
    return layout;
  }

  get hasRoom(): boolean {
    return this.#left === null || this.#left > 0;
  }

  /** Takes a recording of a layout. */
  take(step: RecordedStep | null, recordings: Recordings<RecordedStep>): void {
    if (step === null || isLarge(step.tape)) return this.#stop();
    if (this.#left !== null) {
      this.#left += operationsOf(recordings);
      recordings.take(step);
      this.#left -= operationsOf(recordings);
      return;
    }
    this.#left = mostOperations;
    this.#begin(step.tape);
  }

  /** Makes the memory of recordings like one: with their inputs, parts for the results and for the steps of any of them, and lists. */
  #begin({ numbers, numbersKept, length, sources }: Tape): void {
    const results = 16 * numbersKept + 512 * length, steps = 24 * numbers + 512 * length;
    const inputs = [...sources].reduce((sum, { byteLength }) => sum + 2 * byteLength, 0);
    const memory = this.memory = listMemory(results + steps + inputs + mostOperations * bytesOfOperation);
    const part = memory?.part(results);
    if (memory !== null && part) this.shared.room = () => new ListRoom(memory, part);
  }

  #stop(): void {
    this.off = true;
    this.#known.clear();
    this.#inputs.clear();
  }

  #layoutOf(rows: Sets<Rows>): Layout | null {
    const facts = this.#factsAbout(rows);
    if (facts === null) return null;
    const shapes = rows.all.map(BatchInputs.shapesOf);
    if (shapes.includes(null)) {
      this.#stop();
      return null;
    }
    const shape = shapes.join("\n"), name = `${shape}\n${facts.map(({ sizes }) => sizes).join("\n")}`;
    let layout = this.#known.get(name) ?? 0;
    if (typeof layout === "number") {
      if (!this.hasRoom) return null;
      if (!this.#pays(layout)) {
        if (layout > 0 || this.#known.size < mostLayouts) this.#known.set(name, layout + 1);
        return null;
      }
      layout = new Layout(this, this.#inputsOf(rows, shape));
      // The first recording is only measured.
      if (this.#left !== null) this.#known.set(name, layout);
    }
    layout.fill(rows, facts);
    return layout;
  }

  /**
   * Whether a layout will come often enough, if as often as until now. That this batch has it tells nothing about its frequency, and
   * nor does the first that had it, because each of many rare layouts has a first.
   * @param seen the batches that had it before
   */
  #pays(seen: number): boolean {
    return (seen - 1) * (this.steps - this.#batches) >= fewestReplays * this.#batches;
  }

  #inputsOf(rows: Sets<Rows>, shape: string): Sets<BatchInputs> {
    let inputs = this.#inputs.get(shape);
    if (inputs === undefined) {
      inputs = rows.map((one) => new BatchInputs(one, this.memory));
      if (this.#left !== null) this.#inputs.set(shape, inputs);
    }
    return inputs;
  }

  #learn(): void {
    this.#asked?.all.forEach(({ labels }, i) => {
      const facts = factsOf(labels);
      if (facts.size >= (this.#facts[i]?.size ?? 0)) this.#facts[i] = facts;
    });
    this.#asked = null;
  }

  /** The facts about these rows; `null` if not all are known. */
  #factsAbout({ all }: Sets<Rows>): RowFacts[] | null {
    if (this.#facts.length === 0) return null;
    try {
      const areKnown = all.every((rows, i) => this.#facts[i].findFor(rows, factsOf(rows.labels)));
      return areKnown ? all.map(({ labels }) => factsOf(labels)) : null;
    } catch {
      // The ordinary step says for which row, and why.
      return null;
    }
  }
}

function operationsOf({ all }: Recordings<RecordedStep>): number {
  return all.reduce((sum, { tape }) => sum + tape.length, 0);
}

/** Batches of one layout. */
class Layout implements Stage {
  rows: Sets<Rows>;
  readonly recordings: Recordings<RecordedStep>;
  readonly constants: ReadonlySet<TypedArray> = new Set();
  #facts: readonly RowFacts[] = [];
  #from: Sets<Rows> | null = null;

  constructor(readonly all: Layouts, readonly inputs: Sets<BatchInputs>) {
    this.recordings = new Recordings<RecordedStep>(null, all.shared);
    this.rows = inputs.map(({ features, labels }) => ({ features, labels: labels.detach(), columns: new Map() }));
  }

  get hasRoom(): boolean {
    return this.all.hasRoom;
  }

  get changing(): object[] {
    const tensors = this.rows.all.flatMap(({ labels }, i) => [...this.inputs.all[i].tensors, ...factsOf(labels).tensors]);
    return [...tensors.map(({ array }) => here(array).data), ...this.rows.all.map(({ columns }) => columns)];
  }

  take(step: RecordedStep | null): void {
    this.all.take(step, this.recordings);
  }

  /** Takes the numbers of a batch, and the facts about it. */
  fill(from: Sets<Rows>, facts: readonly RowFacts[]): void {
    [this.#from, this.#facts] = [from, facts];
    const own = this.rows.all, inputs = this.inputs.all;
    let i = 0;
    this.rows = from.map((rows) => {
      const { labels } = own[i], input = inputs[i];
      input.fill(rows);
      factsOf(labels).fill(facts[i++], (tensor) => placed(tensor, this.all.memory));
      return input.rows(rows, labels);
    });
  }

  restore(): void {
    if (this.#from !== null) this.fill(this.#from, this.#facts);
  }
}

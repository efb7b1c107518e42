import { setImmediate } from "node:timers";
import type { Monitor } from "../monitoring/monitor.ts";
import type { Counter, Settled, Told } from "./counter.ts";
import { type Row, wrong } from "./fields.ts";
import type { Judge, Judgement } from "./judge.ts";
import { type FieldError, Refusal, unfit } from "./refusal.ts";
import type { NewDecisions, ServingStore } from "./store.ts";

/** A decision as it is answered. */
export interface Decided extends Judgement {
  /** The name under which its outcome is told. */
  id: string;
}

/** What a desk needs. */
export interface DeskParts {
  judge: Judge;
  counter: Counter;
  store: ServingStore;
  /** The most rows and outcomes that may wait; beyond them, requests are refused. */
  waiting: number;
  /** What waits for the disk before it is answered. */
  durable: "all" | "outcomes";
  /** Receives errors of the store. */
  log(error: unknown): void;
}

/** The most rows and outcomes of a transaction. */
const most = 4096;

/** So many decisions are kept as one piece: a store writes pieces sooner, and reads a whole piece for an outcome. */
const together = 256;

/**
 * Decides rows and counts outcomes. Requests that arrive while others are being carried out wait together, and then share a
 * transaction, and transactions share a wait for the disk: the next one begins while those before it are waited for. An answer is
 * given when its transaction is on the disk, if it must be durable.
 */
export class Desk {
  readonly #parts: DeskParts;
  #waiting: Waiting[] = [];
  #size = 0;
  #drain: Promise<void> | undefined;

  /** A desk with its store. */
  constructor(parts: DeskParts) {
    this.#parts = parts;
  }

  /**
   * Decides rows; nothing is decided if one of them cannot be.
   * @param isList whether they are a list in the request
   * @throws {Refusal} for a row without an answer, and if the store fails or too much waits
   */
  decide(rows: readonly Row[], isList: boolean): Promise<Decided[]> {
    return this.#wait({ kind: "decide", rows, isList }, rows.length);
  }

  /**
   * Counts outcomes; none is counted if one of them cannot be.
   * @throws {Refusal} for an unknown id or a missing column, and if the store fails or too much waits
   */
  settle(outcomes: readonly Told[]): Promise<Settled[]> {
    return this.#wait({ kind: "settle", outcomes }, outcomes.length);
  }

  /** What is read of the monitor after all outcomes that are kept, by whatever server; later ones change it. */
  look<T>(read: (monitor: Monitor) => T): Promise<T> {
    return this.#wait({ kind: "look", read }, 1);
  }

  /** Waits for what was asked, and closes the store. */
  async close(): Promise<void> {
    while (this.#drain !== undefined) await this.#drain;
    await this.#parts.store.close();
  }

  #wait<T>(asked: Asked, size: number): Promise<T> {
    if (this.#size + size > this.#parts.waiting) {
      throw new Refusal(503, "Too many requests wait; try again", [], { "retry-after": "1" });
    }
    this.#size += size;
    this.#drain ??= new Promise<void>((done) => setImmediate(done)).then(() => this.#carryOut());
    return new Promise<T>((resolve, reject) => this.#waiting.push({ ...asked, size, resolve, reject } as Waiting));
  }

  async #carryOut(): Promise<void> {
    while (this.#waiting.length > 0) {
      let size = 0, count = 0;
      do size += this.#waiting[count++].size; while (count < this.#waiting.length && size + this.#waiting[count].size <= most);
      await this.#answer(this.#waiting.splice(0, count));
      // Requests that arrived in the meantime join the next transaction.
      await new Promise<void>((done) => setImmediate(done));
    }
    this.#drain = undefined;
  }

  /** Resolves when requests are carried out; they are answered when that is on the disk, if it must be, or when they are refused. */
  async #answer(batch: readonly Waiting[]): Promise<void> {
    try {
      const { result: answers, kept } = await this.#answers(batch);
      kept.then(() => this.#end(batch, answers), (error) => this.#failed(batch, error));
    } catch (error) {
      if (!(error instanceof Refusal)) return this.#failed(batch, error);
      // The store has not kept what the monitor in memory has seen.
      this.#parts.counter.forget();
      if (batch.length === 1) return this.#end(batch, [error]);
      // The others are not to suffer.
      for (const one of batch) await this.#answer([one]);
    }
  }

  #end(batch: readonly Waiting[], answers: readonly unknown[]): void {
    batch.forEach(({ size, resolve, reject }, i) => {
      this.#size -= size;
      if (answers[i] instanceof Refusal) reject(answers[i]);
      else resolve(answers[i] as never);
    });
  }

  #failed(batch: readonly Waiting[], error: unknown): void {
    // The store may have kept less than the monitor in memory has seen.
    this.#parts.counter.forget();
    this.#parts.log(error);
    this.#end(batch, batch.map(() => new Refusal(503, "The store did not keep this; try again", [], { "retry-after": "1" })));
  }

  /** Carries out requests in one transaction; a refused one changes nothing. */
  async #answers(batch: readonly Waiting[]): Promise<{ result: unknown[]; kept: Promise<void> }> {
    const { judge, counter, store, durable } = this.#parts, answers: unknown[] = new Array(batch.length);
    const judged = judge.judge(batch.flatMap((one) => one.kind === "decide" ? one.rows : []));
    return await store.transaction(async (open) => {
      let at = 0;
      const kept: { row: Row; told: Judgement }[] = [], from: number[] = [];
      batch.forEach((one, i) => {
        if (one.kind !== "decide") return;
        const told = judged.slice(at, at += one.rows.length), errors: FieldError[] = [];
        told.forEach((judgement, row) => {
          if (judgement === undefined) wrong(errors, one.isList ? [row] : [], "has no answer: the model's output is not finite");
        });
        from[i] = kept.length;
        if (errors.length > 0) answers[i] = unfit(errors);
        else told.forEach((judgement, row) => kept.push({ row: one.rows[row], told: judgement! }));
      });
      const numbers: number[] = [];
      for (let at = 0; at < kept.length; at += together) {
        numbers.push(...await open.decide(textsOf(kept.slice(at, at + together))));
      }
      batch.forEach((one, i) => {
        if (one.kind !== "decide" || answers[i] !== undefined) return;
        answers[i] = one.rows.map((_, row): Decided => {
          const place = from[i] + row, { decision, output } = kept[place].told;
          return { id: `${open.opening}-${numbers[place]}`, decision, output };
        });
      });
      if (batch.some(({ kind }) => kind !== "decide")) {
        const lists = batch.map((one) => one.kind === "settle" ? one.outcomes : []),
          { settled, monitor } = await counter.settle(lists, open);
        batch.forEach((one, i) => {
          if (one.kind !== "decide") answers[i] = one.kind === "look" ? one.read(monitor) : settled[i];
        });
      }
      return answers;
    }, durable === "all" || batch.some(({ kind }) => kind !== "decide"));
  }
}

/** Rows and what was decided on them, as they are kept. */
function textsOf(kept: readonly { row: Row; told: Judgement }[]): NewDecisions {
  return {
    size: kept.length,
    rows: JSON.stringify(kept.map(({ row }) => row.features)),
    columns: JSON.stringify(kept.map(({ row }) => row.columns)),
    outputs: JSON.stringify(kept.map(({ told }) => told.output)),
    decisions: JSON.stringify(kept.map(({ told }) => told.decision)),
  };
}

/** What is asked of a desk. */
type Asked =
  | { kind: "decide"; rows: readonly Row[]; isList: boolean }
  | { kind: "settle"; outcomes: readonly Told[] }
  | { kind: "look"; read(monitor: Monitor): unknown };

/** A request that waits. */
type Waiting = Asked & { size: number; resolve(answer: never): void; reject(error: unknown): void };

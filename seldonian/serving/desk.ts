import { setImmediate } from "node:timers";
import { ConstraintError } from "../constraints/constraint_error.ts";
import { groupColumns } from "../encoding/encoding.ts";
import { membersOf } from "../encoding/members.ts";
import type { Monitor } from "../monitoring/monitor.ts";
import type { Outcome } from "../monitoring/outcomes.ts";
import type { Encoder } from "../preparation/encoder.ts";
import { Table } from "../tables/table.ts";
import { type Fields, type Row, type Value, wrong } from "./fields.ts";
import type { Judge, Judgement } from "./judge.ts";
import { type FieldError, Refusal } from "./refusal.ts";
import type { KeptDecision, NewOutcome, ServingStore, Transaction } from "./store.ts";

/** A decision as it is answered. */
export interface Decided extends Judgement {
  /** The name under which its outcome is told. */
  id: string;
}

/** An outcome as it is told. */
export interface Told {
  id: string;
  /** The class or the number. */
  label: number;
  /** Columns that the promise names. */
  columns: Record<string, Value>;
  /** Its place in the request. */
  path: readonly (string | number)[];
}

/** What became of an outcome. */
export type Settled = "counted" | "repeated" | "corrected";

/** What a desk needs. */
export interface DeskParts {
  fields: Fields;
  judge: Judge;
  encoder: Encoder;
  store: ServingStore;
  /** A monitor as it was when it gave this state as JSON; `null`: a new one. */
  watch(state: string | null): Monitor;
  /** The most rows and outcomes that may wait; beyond them, requests are refused. */
  waiting: number;
  /** Receives errors of the store. */
  log(error: unknown): void;
}

/** The most rows and outcomes of a transaction. */
const most = 4096;

/**
 * Decides rows and counts outcomes. Requests that arrive while others are being kept wait together, and then share a transaction:
 * one wait for the disk is for all of them. An answer is given when the transaction is kept.
 */
export class Desk {
  readonly #parts: DeskParts;
  #waiting: Waiting[] = [];
  #size = 0;
  #drain: Promise<void> | undefined;
  /** The monitor after the outcomes of a version of the store. */
  #watch: { version: number; monitor: Monitor } | undefined;

  /** A desk with its store. */
  constructor(parts: DeskParts) {
    this.#parts = parts;
  }

  /**
   * Decides rows; nothing is decided if one of them cannot be.
   * @throws {Refusal} for a row without an answer, and if the store fails or too much waits
   */
  decide(rows: readonly Row[], paths: readonly (readonly (string | number)[])[]): Promise<Decided[]> {
    return this.#wait({ kind: "decide", rows, paths }, rows.length);
  }

  /**
   * Counts outcomes; none is counted if one of them cannot be.
   * @throws {Refusal} for an unknown id or a missing column, and if the store fails or too much waits
   */
  settle(outcomes: readonly Told[]): Promise<Settled[]> {
    return this.#wait({ kind: "settle", outcomes }, outcomes.length);
  }

  /** The monitor after all outcomes that are kept, by whatever server. */
  look(): Promise<Monitor> {
    return this.#wait({ kind: "look" }, 1);
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
      const batch = this.#waiting.splice(0, count);
      this.#size -= size;
      await this.#answer(batch);
      // Requests that arrived in the meantime join the next transaction.
      await new Promise<void>((done) => setImmediate(done));
    }
    this.#drain = undefined;
  }

  async #answer(batch: readonly Waiting[]): Promise<void> {
    try {
      const answers = await this.#answers(batch);
      batch.forEach(({ resolve, reject }, i) =>
        answers[i] instanceof Refusal ? reject(answers[i]) : resolve(answers[i] as never)
      );
    } catch (error) {
      // The store may have kept less than the monitor in memory has seen.
      this.#watch = undefined;
      if (error instanceof Refusal && batch.length > 1) {
        // The others are not to suffer.
        for (const one of batch) await this.#answer([one]);
        return;
      }
      if (!(error instanceof Refusal)) this.#parts.log(error);
      const refusal = new Refusal(503, "The store did not keep this; try again", [], { "retry-after": "1" });
      for (const { reject } of batch) reject(error instanceof Refusal ? error : refusal);
    }
  }

  /** Carries out requests in one transaction; a refused one changes nothing. */
  async #answers(batch: readonly Waiting[]): Promise<unknown[]> {
    const { judge, store } = this.#parts, answers: unknown[] = new Array(batch.length);
    const judged = judge.judge(batch.flatMap((one) => one.kind === "decide" ? one.rows : []));
    await store.transaction(async (open) => {
      let at = 0;
      const kept: { row: Row; told: Judgement }[] = [], from: number[] = [];
      batch.forEach((one, i) => {
        if (one.kind !== "decide") return;
        const told = judged.slice(at, at += one.rows.length), errors: FieldError[] = [];
        told.forEach((judgement, row) => {
          if (judgement === undefined) wrong(errors, one.paths[row], "has no answer: the model's output is not finite");
        });
        from[i] = kept.length;
        if (errors.length > 0) answers[i] = unfit(errors);
        else told.forEach((judgement, row) => kept.push({ row: one.rows[row], told: judgement! }));
      });
      const numbers = kept.length === 0 ? [] : await open.decide(kept.map(({ row: { features, columns }, told }) => ({
        row: JSON.stringify(features),
        columns: JSON.stringify(columns),
        output: JSON.stringify(told.output),
        decision: JSON.stringify(told.decision),
      })));
      batch.forEach((one, i) => {
        if (one.kind !== "decide" || answers[i] !== undefined) return;
        answers[i] = one.rows.map((_, row): Decided => {
          const place = from[i] + row, { decision, output } = kept[place].told;
          return { id: `${store.tag}-${numbers[place]}`, decision, output };
        });
      });
      await this.#settle(batch, answers, open);
    });
    return answers;
  }

  async #settle(batch: readonly Waiting[], answers: unknown[], open: Transaction): Promise<void> {
    if (batch.every(({ kind }) => kind === "decide")) return;
    const monitor = await this.#current(open), known = await this.#known(batch, open), counted: NewOutcome[] = [];
    let added: Outcome[] = [];
    const addNow = () => {
      if (added.length > 0) refusing(() => monitor.add(added));
      added = [];
    };
    batch.forEach((one, i) => {
      if (one.kind === "look") answers[i] = monitor;
      if (one.kind !== "settle") return;
      const errors = one.outcomes.flatMap((told) => this.#faults(told, known)), labels = new Map<string, number>();
      for (const { id, label, path } of one.outcomes) {
        // A request that is sent again must change nothing.
        if ((labels.get(id) ?? label) !== label) wrong(errors, [...path, "label"], "is another one for the same id in this list");
        labels.set(id, label);
      }
      if (errors.length > 0) {
        answers[i] = unfit(errors);
        return;
      }
      answers[i] = one.outcomes.map(({ id, label, columns }): Settled => {
        const decision = known.get(id)!, { before } = decision;
        const told = { ...decision.told, ...columns }, all = { ...decision.columns, ...told };
        if (before !== null && before.label === label && sameColumns(decision.told, told)) return "repeated";
        const now = { output: decision.output, label, columns: this.#watched(all) };
        if (before === null) added.push(now);
        else {
          addNow();
          refusing(() => monitor.correct(before, now));
        }
        known.set(id, { ...decision, told, before: now });
        counted.push({ decision: decision.number, label, told: JSON.stringify(told) });
        return before === null ? "counted" : "corrected";
      });
    });
    addNow();
    if (counted.length === 0) return;
    await open.settle(counted, JSON.stringify(monitor));
    this.#watch!.version++;
  }

  /** The monitor as the store has it: other servers may have counted more. */
  async #current(open: Transaction): Promise<Monitor> {
    const version = await open.version();
    if (this.#watch?.version !== version) this.#watch = { version, monitor: this.#parts.watch(await open.state()) };
    return this.#watch.monitor;
  }

  /** The decisions that outcomes are of, by id. */
  async #known(batch: readonly Waiting[], open: Transaction): Promise<Map<string, Known>> {
    const ids = new Map<number, string>();
    for (const one of batch) {
      for (const { id } of one.kind === "settle" ? one.outcomes : []) {
        const number = this.#numberOf(id);
        if (number !== undefined) ids.set(number, id);
      }
    }
    const found = ids.size === 0 ? new Map<number, KeptDecision>() : await open.find([...ids.keys()]);
    return new Map(Array.from(found, ([number, { columns, output, label, told }]) => {
      const own = {
        number,
        output: JSON.parse(output),
        columns: JSON.parse(columns),
        told: told === null ? {} : JSON.parse(told),
      };
      const before = label === null
        ? null
        : { output: own.output, label, columns: this.#watched({ ...own.columns, ...own.told }) };
      return [ids.get(number)!, { ...own, before }];
    }));
  }

  #numberOf(id: string): number | undefined {
    const [, tag, number] = /^([0-9a-f]{8})-([1-9]\d{0,14})$/.exec(id) ?? [];
    return tag === this.#parts.store.tag ? Number(number) : undefined;
  }

  #faults({ id, columns, path }: Told, known: ReadonlyMap<string, Known>): FieldError[] {
    const errors: FieldError[] = [], decision = known.get(id);
    if (decision === undefined) wrong(errors, [...path, "id"], "is of no decision of this server");
    else {
      const given = { ...decision.columns, ...decision.told, ...columns };
      for (const name of this.#parts.fields.columns.keys()) {
        if (Object.hasOwn(given, name)) continue;
        wrong(errors, [...path, "columns", name], "is missing: the promise names it, and it came neither with the row nor here");
      }
    }
    return errors;
  }

  /** The columns as the promise names them: groups as 0 and 1. */
  #watched(given: Readonly<Record<string, Value>>): Record<string, Value> {
    const { encoding, encoding: { groups = {}, columns: compared = [] } } = this.#parts.encoder;
    const watched: Record<string, Value> = {};
    for (const name of compared) watched[name] = given[name];
    const rules = Object.entries(groups);
    if (rules.length === 0) return watched;
    const row = new Table(
      new Map(
        groupColumns(encoding).map((name) => {
          const isNumber = this.#parts.fields.columns.get(name)!.kind === "number", value = given[name];
          return [name, isNumber ? Float64Array.of(value as number ?? NaN) : [value ?? ""]];
        }),
      ),
    );
    for (const [name, rule] of rules) {
      const [member] = membersOf(row, name, rule);
      watched[name] = Number.isNaN(member) ? null : member;
    }
    return watched;
  }
}

/** What is asked of a desk. */
type Asked =
  | { kind: "decide"; rows: readonly Row[]; paths: readonly (readonly (string | number)[])[] }
  | { kind: "settle"; outcomes: readonly Told[] }
  | { kind: "look" };

/** A request that waits. */
type Waiting = Asked & { size: number; resolve(answer: never): void; reject(error: unknown): void };

/** A decision whose outcome is told. */
interface Known {
  number: number;
  output: number | number[];
  /** The columns that came with the row, and with outcomes so far. */
  columns: Record<string, Value>;
  told: Record<string, Value>;
  /** Its outcome so far, as the monitor read it. */
  before: (Outcome & { label: number }) | null;
}

/** A request whose fields do not fit. */
export function unfit(errors: readonly FieldError[]): Refusal {
  return new Refusal(422, "Some fields do not fit, so nothing of this request was carried out", errors);
}

/** @throws {Refusal} for outcomes that the monitor's measures do not take */
function refusing(counting: () => unknown): void {
  try {
    counting();
  } catch (error) {
    // Another kind of error is the server's.
    if (!(error instanceof RangeError || error instanceof ConstraintError)) throw error;
    throw new Refusal(422, `The promise cannot be measured on these outcomes: ${error.message}`);
  }
}

function sameColumns(a: Readonly<Record<string, Value>>, b: Readonly<Record<string, Value>>): boolean {
  const names = Object.keys(b);
  return names.length === Object.keys(a).length && names.every((name) => a[name] === b[name]);
}

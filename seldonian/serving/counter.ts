import { ConstraintError } from "../constraints/constraint_error.ts";
import { groupColumns } from "../encoding/encoding.ts";
import { membersOf } from "../encoding/members.ts";
import type { Monitor } from "../monitoring/monitor.ts";
import type { Outcome } from "../monitoring/outcomes.ts";
import type { Encoder } from "../preparation/encoder.ts";
import { Table } from "../tables/table.ts";
import { type Fields, noValues, type Value, wrong } from "./fields.ts";
import { type FieldError, Refusal, unfit } from "./refusal.ts";
import type { KeptDecision, NewOutcome, Transaction } from "./store.ts";
import type { Watched } from "./watch.ts";

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

/** What a counter needs. */
export interface CounterParts {
  fields: Fields;
  encoder: Encoder;
  /** A monitor as it was when it gave this state as JSON, or a new one. */
  watch(state: string | null): Watched;
}

/** Counts outcomes for the monitor: each once, in the order in which the store keeps them, whatever server gets them. */
export class Counter {
  readonly #parts: CounterParts;
  /** The monitor after the outcomes of a version of the store. */
  #kept: { version: number; monitor: Monitor } | undefined;

  /** A counter that has seen nothing. */
  constructor(parts: CounterParts) {
    this.#parts = parts;
  }

  /**
   * Counts lists of outcomes in their order, in a transaction. A list counts as a whole, or is refused and changes nothing.
   * @throws {Refusal} for outcomes that the promise's measures do not take; then the transaction must not be kept
   */
  async settle(
    lists: readonly (readonly Told[])[],
    open: Transaction,
  ): Promise<{ settled: (Settled[] | Refusal)[]; monitor: Monitor }> {
    const kept = await this.#current(open),
      { monitor } = kept,
      known = await this.#known(lists, open),
      counted: NewOutcome[] = [];
    let added: Outcome[] = [];
    const addNow = () => {
      if (added.length > 0) refusing(() => monitor.add(added));
      added = [];
    };
    const settled = lists.map((list) => {
      const errors = list.flatMap((told) => this.#faults(told, known)), said = new Map<string, Pick<Told, "label" | "columns">>();
      // A request that is sent again must change nothing.
      const another = "is another one for the same id in this list";
      for (const { id, label, columns, path } of list) {
        const before = said.get(id) ?? { label, columns: {} };
        if (before.label !== label) wrong(errors, [...path, "label"], another);
        for (const [name, value] of Object.entries(columns)) {
          if (Object.hasOwn(before.columns, name) && before.columns[name] !== value) {
            wrong(errors, [...path, "columns", name], another);
          }
        }
        said.set(id, { label, columns: { ...before.columns, ...columns } });
      }
      if (errors.length > 0) return unfit(errors);
      return list.map(({ id, label, columns }): Settled => {
        const decision = known.get(id)!, { before } = decision;
        const told = { ...decision.told, ...columns }, all = { ...decision.columns, ...told };
        if (before?.label === label && sameColumns({ ...decision.columns, ...decision.told }, all)) return "repeated";
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
    if (counted.length > 0) {
      await open.settle(counted, JSON.stringify(monitor));
      kept.version++;
    }
    return { settled, monitor };
  }

  /** Reads the monitor anew from the store next time. */
  forget(): void {
    this.#kept = undefined;
  }

  /** The monitor as the store has it: other servers may have counted more. */
  async #current(open: Transaction): Promise<{ version: number; monitor: Monitor }> {
    const version = await open.version();
    if (this.#kept?.version === version) return this.#kept;
    const { monitor, isWhole } = this.#parts.watch(await open.state());
    if (!isWhole) {
      await this.#recount(monitor, open);
      await open.settle([], JSON.stringify(monitor));
    }
    return this.#kept = { version: isWhole ? version : version + 1, monitor };
  }

  /** Counts all outcomes that are kept, as they were counted. */
  async #recount(monitor: Monitor, open: Transaction): Promise<void> {
    const last = new Map<number, Outcome>();
    for (let some = await open.outcomes(0); some.length > 0; some = await open.outcomes(some.at(-1)!.number)) {
      const decisions = await open.find([...new Set(some.map(({ decision }) => decision))]);
      let added: Outcome[] = [];
      for (const { decision, label, told } of some) {
        const found = decisions.get(decision);
        if (found === undefined) throw new RangeError(`Cannot count outcomes anew: decision ${decision} is not kept any more`);
        const now = { output: found.output, label, columns: this.#watched({ ...found.columns, ...JSON.parse(told) }) };
        const before = last.get(decision);
        if (before === undefined) added.push(now);
        else {
          monitor.add(added);
          added = [];
          monitor.correct(before, now);
        }
        last.set(decision, now);
      }
      monitor.add(added);
    }
  }

  /** The decisions that outcomes are of, by id. */
  async #known(lists: readonly (readonly Told[])[], open: Transaction): Promise<Map<string, Known>> {
    const numbers = new Set(lists.flat().flatMap(({ id }) => numberOf(id) ?? []));
    const found = numbers.size === 0 ? new Map<number, KeptDecision>() : await open.find([...numbers]);
    return new Map(Array.from(found, ([number, { columns, output, label, told, opening }]) => {
      const own = { number, output, columns, told: told === null ? {} : JSON.parse(told) };
      const before = label === null
        ? null
        : { output: own.output, label, columns: this.#watched({ ...own.columns, ...own.told }) };
      return [`${opening}-${number}`, { ...own, before }];
    }));
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
    const watched = noValues();
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

/** The number of a decision in its id. */
function numberOf(id: string): number | undefined {
  const [, number] = /^[0-9a-f]{8}-([1-9]\d{0,14})$/.exec(id) ?? [];
  return number === undefined ? undefined : Number(number);
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

import { join } from "node:path";
import type { Value } from "./fields.ts";

/** Decisions that are kept together: each text is a JSON list with an element for each of them. */
export interface NewDecisions {
  /** How many there are. */
  size: number;
  /** The features' columns, in the encoder's order. */
  rows: string;
  /** The promise's columns that came with the rows. */
  columns: string;
  /** What the model gave. */
  outputs: string;
  /** The decisions. */
  decisions: string;
}

/** What is known of a decision when outcomes come in. */
export interface KeptDecision {
  /** The promise's columns that came with the row. */
  columns: Record<string, Value>;
  /** What the model gave. */
  output: number | number[];
  /** What came true, as it was last told. */
  label: number | null;
  /** The promise's columns that came with outcomes, as JSON. */
  told: string | null;
  /** The first digits of its id. */
  opening: string;
}

/** An outcome, as it is kept: a later one of the same decision corrects it. */
export interface NewOutcome {
  /** The decision's number. */
  decision: number;
  /** The class or the number. */
  label: number;
  /** The promise's columns that came with outcomes so far, as JSON. */
  told: string;
}

/** An outcome that was kept. */
export interface KeptOutcome extends NewOutcome {
  /** Its place in the order in which outcomes were counted. */
  number: number;
}

/** A transaction: all of it is kept, or nothing. */
export interface Transaction {
  /**
   * Eight hexadecimal digits with which ids of its decisions begin, random at each opening of a file, or in each transaction: after a
   * copy of the store has taken its place, or a loss of power, numbers are given again, and ids are not. They are no statistics, so
   * that no seed draws them.
   */
  readonly opening: string;
  /** Keeps decisions, and returns their numbers. */
  decide(decisions: NewDecisions): Promise<number[]> | number[];
  /** The version of the monitor; from here on, other servers wait. */
  version(): Promise<number> | number;
  /** The monitor's state as JSON; `null` if there is none. */
  state(): Promise<string | null> | string | null;
  /** The decisions with these numbers, as far as there are. */
  find(numbers: readonly number[]): Promise<Map<number, KeptDecision>> | Map<number, KeptDecision>;
  /** Outcomes in the order in which they were counted: the first ones with greater numbers than this. */
  outcomes(after: number): Promise<KeptOutcome[]> | KeptOutcome[];
  /** Keeps outcomes in this order, and the state of the monitor after them, under the next version. */
  settle(outcomes: readonly NewOutcome[], state: string): Promise<void> | void;
}

/** The most outcomes that are read at once. */
export const mostOutcomes = 1000;

/** Keeps decisions, outcomes and the state of one monitor. */
export interface ServingStore {
  /**
   * Carries something out, wholly or not at all. It is there after a kill when this resolves, and after a loss of power when `kept`
   * does, with all that was carried out before; further transactions may begin in the meantime. After a `kept` that fails, all fail.
   * @param waits whether `kept` waits for the disk, by default; otherwise this is on it soon after
   */
  transaction<T>(work: (open: Transaction) => Promise<T>, waits?: boolean): Promise<{ result: T; kept: Promise<void> }>;
  /** Ends its connections. */
  close(): Promise<void>;
}

/**
 * A store at a place: a file that ends with .sqlite, or `postgres://…`, which several servers may share.
 * @param tested SHA-256 of what is watched: the first is written into a new store, each is accepted in an old one
 * @throws {RangeError} for another place, and for a store of another certificate or version
 */
export async function servingStore(
  place: string | undefined,
  folder: string,
  tested: readonly string[],
): Promise<ServingStore> {
  const at = place ?? join(folder, "serving.sqlite");
  if (/\.(sqlite3?|db)$/.test(at)) return await (await import("./sqlite_store.ts")).sqliteStore(at, tested);
  if (/^postgres(ql)?:/.test(at)) return await (await import("./postgres_store.ts")).postgresStore(at, tested);
  throw new RangeError(`Cannot keep decisions in ${at}: wanted a name that ends with .sqlite, or postgres://…`);
}

/** @throws {RangeError} unless a store is of a version and of this certificate */
export function checkStore(
  found: { version?: unknown; certificate?: unknown },
  { version, tested }: { version: number; tested: readonly string[] },
): void {
  if (Number(found.version) !== version) {
    throw new RangeError(
      `it is of version ${found.version ?? "none"}, or another program's; wanted version ${version}, or a new name`,
    );
  }
  if (!tested.includes(found.certificate as string)) {
    throw new RangeError(
      `it has decisions of the certificate with SHA-256 ${found.certificate}, and this one's is ${tested[0]}: name another store`,
    );
  }
}

/** The first digits of new ids. */
export function newOpening(): string {
  return crypto.randomUUID().slice(0, 8);
}

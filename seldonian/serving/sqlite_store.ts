import { type FileHandle, open as openFile } from "node:fs/promises";
import { builtin } from "../builtin.ts";
import { checkPath } from "../records/path.ts";
import {
  checkStore,
  type KeptDecision,
  type KeptOutcome,
  mostOutcomes,
  newOpening,
  type ServingStore,
  type Transaction,
} from "./store.ts";

/** The part of `node:sqlite` that the store uses. */
interface Database {
  exec(sql: string): void;
  prepare(sql: string): Statement;
  close(): void;
}

interface Statement {
  all(...values: unknown[]): Record<string, unknown>[];
  get(...values: unknown[]): Record<string, unknown> | undefined;
  run(...values: unknown[]): { lastInsertRowid: number | bigint };
}

/** What does not wait for the disk is on it after so many milliseconds: a flush costs ten times what a small transaction does. */
const soon = 50;

/** A row of decisions. */
interface Kept {
  number: number;
  size: number | null;
  columns: string;
  output: string;
  opening: string;
}

/** The version of the tables. */
const version = 3;

/**
 * Decisions that were kept together are one row, with lists: `number` is that of the last of them. Where `size` is null, as in
 * versions 1 and 2, a row is one decision, without lists.
 */
const tables = `
CREATE TABLE about (version INTEGER NOT NULL, certificate TEXT NOT NULL, tag TEXT NOT NULL);
CREATE TABLE decisions (number INTEGER PRIMARY KEY AUTOINCREMENT, time INTEGER NOT NULL, row TEXT NOT NULL, columns TEXT NOT NULL,
  output TEXT NOT NULL, decision TEXT NOT NULL, opening TEXT, size INTEGER);
CREATE TABLE outcomes (number INTEGER PRIMARY KEY AUTOINCREMENT, time INTEGER NOT NULL, decision INTEGER NOT NULL,
  label REAL NOT NULL, told TEXT NOT NULL);
CREATE INDEX outcomes_of ON outcomes (decision, number);
CREATE TABLE monitor (version INTEGER NOT NULL, state TEXT);
INSERT INTO monitor VALUES (0, NULL);`;

/** Each decision by itself, for readers. */
const view = `
CREATE VIEW each_decision AS
  SELECT number, time, COALESCE(opening, (SELECT tag FROM about)) AS opening, row, columns, output, decision
    FROM decisions WHERE size IS NULL
  UNION ALL
  SELECT number - size + 1 + key, time, opening, json_extract(row, fullkey), columns -> fullkey, output -> fullkey,
    decision -> fullkey FROM (SELECT decisions.*, key, fullkey FROM decisions, json_each(output) WHERE size IS NOT NULL);`;

/**
 * A store in an SQLite file, which several processes of one machine may share.
 * @throws {RangeError} where the runtime has no node:sqlite, and for a file of another kind, version or certificate
 */
export async function sqliteStore(path: string, tested: readonly string[]): Promise<ServingStore> {
  checkPath("keep decisions", path);
  const failure = (error: unknown) =>
    new RangeError(`Cannot keep decisions in ${path}: ${(error as Error).message}`, { cause: error });
  let database: Database;
  try {
    const { DatabaseSync } = await builtin("node:sqlite");
    database = new DatabaseSync(path) as unknown as Database;
  } catch (error) {
    throw failure(new Error(`${(error as Error).message}; or keep them in postgres://…`, { cause: error }));
  }
  const opening = newOpening();
  let log: FileHandle;
  try {
    database.exec("PRAGMA busy_timeout = 10000; PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; BEGIN IMMEDIATE");
    if (database.prepare("SELECT name FROM sqlite_master").all().length === 0) {
      database.exec(tables + view);
      database.prepare("INSERT INTO about VALUES (?, ?, ?)").run(version, tested[0], opening);
    }
    const about = database.prepare("SELECT name FROM sqlite_master WHERE name = 'about'").get() === undefined
      ? {}
      : database.prepare("SELECT * FROM about").get()!;
    if (about.version === 1) database.exec("ALTER TABLE decisions ADD COLUMN opening TEXT");
    if (about.version === 1 || about.version === 2) {
      database.exec(`ALTER TABLE decisions ADD COLUMN size INTEGER; UPDATE about SET version = ${version};${view}`);
      about.version = version;
    }
    checkStore(about, { version, tested });
    database.exec("COMMIT");
    // What is acknowledged survives a loss of power too, not only a kill: every commit waits until its log is on the disk, as
    // with FULL, but without keeping the program from other work. The log stays the same file as long as the database is open, and
    // FULL has seen to its name. It is safe to open it here: SQLite's locks are on other files.
    database.exec("PRAGMA synchronous = NORMAL");
    // While SQLite moves the log into the file, it waits for the disk itself: four times as seldom as by default, at 16 MB.
    database.exec("PRAGMA wal_autocheckpoint = 4000");
    log = await openFile(`${path}-wal`, "r+");
  } catch (error) {
    database.close();
    throw failure(error);
  }
  // One flush at a time: it is for all commits before it began, and those in the meantime share the next one.
  let lost: unknown, flushing: Promise<void> = Promise.resolve(), next: Promise<void> | undefined;
  let later: ReturnType<typeof setTimeout> | undefined;
  const flushed = () => {
    clearTimeout(later);
    later = undefined;
    next ??= flushing.then(() => {
      next = undefined;
      return flushing = log.datasync().catch((error) => {
        throw lost = failure(error);
      });
    });
    // Who waits for it hears of its failure, and so does the next transaction.
    next.catch(() => {});
    return next;
  };
  const decide = database.prepare(
    "INSERT INTO decisions (number, time, opening, size, row, columns, output, decision) " +
      "VALUES (?1 + COALESCE((SELECT seq FROM sqlite_sequence WHERE name = 'decisions'), 0), ?2, ?3, ?1, ?4, ?5, ?6, ?7)",
  );
  const settle = database.prepare("INSERT INTO outcomes (time, decision, label, told) VALUES (?, ?, ?, ?)");
  const find = database.prepare(
    "SELECT number, size, columns, output, COALESCE(opening, (SELECT tag FROM about)) AS opening FROM decisions " +
      "WHERE number >= ? ORDER BY number LIMIT 1",
  );
  const last = database.prepare("SELECT label, told FROM outcomes WHERE decision = ? ORDER BY number DESC LIMIT 1");
  const listed = database.prepare("SELECT number, decision, label, told FROM outcomes WHERE number > ? ORDER BY number LIMIT ?");
  const versionNow = database.prepare("SELECT version FROM monitor"), state = database.prepare("SELECT state FROM monitor");
  const keep = database.prepare("UPDATE monitor SET version = version + 1, state = ?");
  const open: Transaction = {
    opening,
    decide({ size, rows, columns, outputs, decisions }) {
      const { lastInsertRowid } = decide.run(size, Date.now(), opening, rows, columns, outputs, decisions);
      return Array.from({ length: size }, (_, i) => Number(lastInsertRowid) - size + 1 + i);
    },
    version: () => Number(versionNow.get()!.version),
    state: () => state.get()!.state as string | null,
    find(numbers) {
      const found = new Map<number, KeptDecision>();
      let kept: { first: number; last: number; columns: unknown[]; output: unknown[]; opening: string } | undefined;
      // In their order, so that each list is read once.
      for (const number of numbers.toSorted((a, b) => a - b)) {
        if (kept === undefined || number < kept.first || number > kept.last) {
          const row = find.get(number) as Kept | undefined;
          if (row === undefined) continue;
          const { columns, output, opening } = row, lists = [columns, output].map((text) => JSON.parse(text));
          const [all, outputs] = row.size === null ? lists.map((one) => [one]) : lists;
          kept = { first: row.number - all.length + 1, last: row.number, columns: all, output: outputs, opening };
        }
        const place = number - kept.first;
        if (place < 0) continue;
        const outcome = last.get(number) ?? { label: null, told: null };
        found.set(number, {
          columns: kept.columns[place],
          output: kept.output[place],
          opening: kept.opening,
          ...outcome,
        } as KeptDecision);
      }
      return found;
    },
    outcomes: (after) => listed.all(after, mostOutcomes) as unknown as KeptOutcome[],
    settle(outcomes, text) {
      const now = Date.now();
      for (const { decision, label, told } of outcomes) settle.run(now, decision, label, told);
      keep.run(text);
    },
  };
  return {
    async transaction(work, waits = true) {
      // A disk that failed once to take what it was given may have lost it, whatever it says later.
      if (lost !== undefined) throw lost;
      let result;
      database.exec("BEGIN IMMEDIATE");
      try {
        result = await work(open);
        database.exec("COMMIT");
      } catch (error) {
        try {
          database.exec("ROLLBACK");
        } catch { /* A full disk has ended the transaction already. */ }
        throw error;
      }
      if (!waits) {
        later ??= setTimeout(flushed, soon);
        return { result, kept: Promise.resolve() };
      }
      return { result, kept: flushed() };
    },
    async close() {
      if (later !== undefined) flushed();
      await (next ?? flushing).catch(() => {});
      await log.close();
      database.close();
    },
  };
}

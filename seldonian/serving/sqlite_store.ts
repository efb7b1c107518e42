import { type FileHandle, open as openFile } from "node:fs/promises";
import { builtin } from "../builtin.ts";
import { checkPath } from "../records/path.ts";
import { checkStore, type KeptDecision, newOpening, type ServingStore, storeVersion, type Transaction } from "./store.ts";

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

const tables = `
CREATE TABLE about (version INTEGER NOT NULL, certificate TEXT NOT NULL, tag TEXT NOT NULL);
CREATE TABLE decisions (number INTEGER PRIMARY KEY AUTOINCREMENT, time INTEGER NOT NULL, row TEXT NOT NULL, columns TEXT NOT NULL,
  output TEXT NOT NULL, decision TEXT NOT NULL, opening TEXT);
CREATE TABLE outcomes (number INTEGER PRIMARY KEY AUTOINCREMENT, time INTEGER NOT NULL, decision INTEGER NOT NULL,
  label REAL NOT NULL, told TEXT NOT NULL);
CREATE INDEX outcomes_of ON outcomes (decision, number);
CREATE TABLE monitor (version INTEGER NOT NULL, state TEXT);
INSERT INTO monitor VALUES (0, NULL);`;

/** So many decisions are kept by one statement, if there are as many. */
const together = [100, 10, 1];

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
      database.exec(tables);
      database.prepare("INSERT INTO about VALUES (?, ?, ?)").run(storeVersion, tested[0], opening);
    }
    const about = database.prepare("SELECT name FROM sqlite_master WHERE name = 'about'").get() === undefined
      ? {}
      : database.prepare("SELECT * FROM about").get()!;
    if (about.version === 1) {
      database.exec("ALTER TABLE decisions ADD COLUMN opening TEXT; UPDATE about SET version = 2");
      about.version = 2;
    }
    checkStore(about, tested);
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
  const flushed = () =>
    next ??= flushing.then(() => {
      next = undefined;
      return flushing = log.datasync().catch((error) => {
        throw lost = failure(error);
      });
    });
  const inserts = together.map((count) => {
    const values = new Array(count).fill("(?1, ?2, ?, ?, ?, ?)").join(", ");
    return database.prepare(`INSERT INTO decisions (time, opening, row, columns, output, decision) VALUES ${values}`);
  });
  const settle = database.prepare("INSERT INTO outcomes (time, decision, label, told) VALUES (?, ?, ?, ?)");
  const find = database.prepare(
    "SELECT columns, output, COALESCE(opening, (SELECT tag FROM about)) AS opening, " +
      "(SELECT number FROM outcomes WHERE decision = decisions.number ORDER BY number DESC LIMIT 1) AS last " +
      "FROM decisions WHERE number = ?",
  );
  const last = database.prepare("SELECT label, told FROM outcomes WHERE number = ?");
  const version = database.prepare("SELECT version FROM monitor"), state = database.prepare("SELECT state FROM monitor");
  const keep = database.prepare("UPDATE monitor SET version = version + 1, state = ?");
  const after = database.prepare(
    "SELECT outcomes.number AS place, outcomes.decision AS decision, label, told, decisions.columns AS columns, output FROM outcomes JOIN decisions " +
      "ON decisions.number = outcomes.decision WHERE outcomes.number > ? ORDER BY outcomes.number LIMIT 1000",
  );
  const open: Transaction = {
    opening,
    decide(decisions) {
      const now = Date.now();
      let last = 0;
      for (let at = 0; at < decisions.length;) {
        const size = together.findIndex((count) => at + count <= decisions.length), values: unknown[] = [now, opening];
        for (const { row, columns, output, decision } of decisions.slice(at, at += together[size])) {
          values.push(row, columns, output, decision);
        }
        last = Number(inserts[size].run(...values).lastInsertRowid);
      }
      // Nobody else writes in the meantime, so that numbers follow each other.
      return decisions.map((_, i) => last - decisions.length + 1 + i);
    },
    version: () => Number(version.get()!.version),
    state: () => state.get()!.state as string | null,
    find(numbers) {
      const found = new Map<number, KeptDecision>();
      for (const number of numbers) {
        const decision = find.get(number);
        if (decision === undefined) continue;
        const outcome = decision.last === null ? { label: null, told: null } : last.get(decision.last)!;
        found.set(number, { ...decision, ...outcome } as unknown as KeptDecision);
      }
      return found;
    },
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
      const kept = flushed();
      // Who waits for it hears of its failure, and so does the next transaction.
      kept.catch(() => {});
      return { result, kept: waits ? kept : Promise.resolve() };
    },
    async *outcomes() {
      for (let from = 0;;) {
        const rows = after.all(from);
        if (rows.length === 0) return;
        yield rows as never;
        from = Number(rows[rows.length - 1].place);
      }
    },
    async close() {
      await (next ?? flushing).catch(() => {});
      await log.close();
      database.close();
    },
  };
}

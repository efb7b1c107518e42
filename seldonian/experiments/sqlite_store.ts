import { builtin } from "../builtin.ts";
import { readResult, storeVersion, trialKey, type TrialStore, written } from "./store.ts";

/** The part of `node:sqlite` that the store uses. */
interface Database {
  exec(sql: string): void;
  prepare(sql: string): { all(...values: unknown[]): Record<string, unknown>[]; run(...values: unknown[]): unknown };
  close(): void;
}

/**
 * Keeps results in an SQLite file, which several processes of one machine may fill at once. A result is one transaction.
 * @throws {RangeError} where the runtime has no node:sqlite, and for a file of another kind or version
 */
export async function sqliteStore(path: string): Promise<TrialStore> {
  const database = await opened(path);
  try {
    // Readers and a writer do not wait for each other; writers wait for each other.
    database.exec("PRAGMA busy_timeout = 30000; PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL");
    const [{ user_version: version }] = database.prepare("PRAGMA user_version").all();
    const tables = database.prepare("SELECT name FROM sqlite_master").all();
    if (version === 0 && tables.length === 0) {
      database.exec(
        `BEGIN IMMEDIATE; CREATE TABLE IF NOT EXISTS trials (setting TEXT, trial TEXT, result TEXT NOT NULL, PRIMARY KEY (setting, trial)) ` +
          `WITHOUT ROWID; PRAGMA user_version = ${storeVersion}; COMMIT`,
      );
    } else if (version !== storeVersion) {
      throw new RangeError(`it is of version ${version}, or another program's; wanted version ${storeVersion}, or a new name`);
    }
  } catch (error) {
    database.close();
    throw new RangeError(`Cannot keep results in ${path}: ${(error as Error).message}`, { cause: error });
  }
  const read = database.prepare("SELECT result FROM trials WHERE setting = ?");
  const write = database.prepare("INSERT INTO trials VALUES (?, ?, ?) ON CONFLICT DO NOTHING");
  return {
    known: (setting) => Promise.resolve(read.all(setting).map(({ result }) => readResult(`${result}`, path))),
    keep: (setting, result) => written(path, () => write.run(setting, trialKey(result), JSON.stringify(result))),
    close() {
      database.close();
      return Promise.resolve();
    },
  };
}

async function opened(path: string): Promise<Database> {
  try {
    const { DatabaseSync } = await builtin("node:sqlite");
    return new DatabaseSync(path) as unknown as Database;
  } catch (error) {
    throw new RangeError(`Cannot keep results in ${path}: ${(error as Error).message}; or keep them in a .jsonl file`, {
      cause: error,
    });
  }
}

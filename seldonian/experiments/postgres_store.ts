import { loadPostgres, type PostgresPool } from "../../deps.ts";
import { readResult, storeVersion, trialKey, type TrialStore } from "./store.ts";

/** For how long a server that was there before is waited for. */
const patience = 5 * 60_000;

/**
 * Keeps results in Postgres, in a table `seldonian_trials`, which any number of machines may fill at once. A connection that ends,
 * as by a restart of the server, is made anew.
 * @throws {RangeError} where there is no such server, and for a table of another version
 */
export async function postgresStore(url: string): Promise<TrialStore> {
  const place = shownUrl(url);
  const failure = (error: unknown) =>
    new RangeError(`Cannot keep results in ${place}: ${reasonOf(error)}`, { cause: error as Error });
  let pool: PostgresPool;
  try {
    const Pool = await loadPostgres();
    // Connections that nobody uses end soon: a thousand machines have more than a server takes.
    pool = new Pool({ connectionString: url, max: 4, idleTimeoutMillis: 1000, connectionTimeoutMillis: 10_000, keepAlive: true });
    pool.on("error", () => {});
  } catch (error) {
    throw failure(error);
  }
  let there = false;
  const query = async (text: string, values: unknown[] = []) => {
    for (let began = Date.now(), pause = 100;; pause = Math.min(2 * pause, 5000)) {
      try {
        return (await pool.query(text, values)).rows;
      } catch (error) {
        if (!passes(error, there) || Date.now() - began > patience) throw failure(error);
        await new Promise((resolve) => setTimeout(resolve, pause * (0.5 + Math.random())));
      }
    }
  };
  try {
    // One machine makes the table, the others wait for it.
    await query(`DO $$ BEGIN
      PERFORM pg_advisory_xact_lock(hashtext('seldonian_trials'));
      IF to_regclass('seldonian_trials') IS NULL THEN
        CREATE TABLE seldonian_trials (setting text, trial text, result text NOT NULL, PRIMARY KEY (setting, trial));
        COMMENT ON TABLE seldonian_trials IS 'version ${storeVersion}';
      END IF;
    END $$`);
    there = true;
    const [{ version }] = await query("SELECT obj_description('seldonian_trials'::regclass, 'pg_class') AS version");
    if (version !== `version ${storeVersion}`) {
      throw failure(
        new RangeError(
          `its table seldonian_trials is of ${version ?? "no version"}; wanted version ${storeVersion}, or another database`,
        ),
      );
    }
  } catch (error) {
    await pool.end();
    throw error;
  }
  return {
    known: async (setting) =>
      (await query("SELECT result FROM seldonian_trials WHERE setting = $1", [setting])).map(({ result }) =>
        readResult(`${result}`, place)
      ),
    async keep(setting, result) {
      await query("INSERT INTO seldonian_trials VALUES ($1, $2, $3) ON CONFLICT DO NOTHING", [
        setting,
        trialKey(result),
        JSON.stringify(result),
      ]);
    },
    close: () => pool.end(),
  };
}

/** A server's address for messages, without the password. */
export function shownUrl(url: string): string {
  try {
    const { protocol, host, pathname } = new URL(url);
    return `${protocol}//${host}${pathname}`;
  } catch {
    throw new RangeError("Cannot read the address of a server: wanted one such as postgres://user:password@host:5432/database");
  }
}

/** What went wrong; an error of several addresses has no text of its own. */
export function reasonOf(error: unknown): string {
  const { message, errors } = error as { message?: string; errors?: { message: string }[] };
  return message || errors?.map((one) => one.message).join(", ") || `${error}`;
}

/**
 * Whether an error passes: one of SQLSTATE's classes 08 (connection), 40 (transaction rolled back), 53 (too many connections, full
 * disk) and 57P (shutdown, start), or one without an SQLSTATE (the network), if the server was there before.
 */
function passes(error: unknown, there: boolean): boolean {
  const { code = "" } = error as { code?: string };
  return /^[0-9A-Z]{5}$/.test(code) ? /^(08|40|53|57P)/.test(code) : there;
}

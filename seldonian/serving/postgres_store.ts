import { loadPostgres, type PostgresClient, type PostgresPool } from "../../deps.ts";
import { reasonOf, shownUrl } from "../experiments/postgres_store.ts";
import { checkStore, type KeptDecision, mostOutcomes, newOpening, type ServingStore, type Transaction } from "./store.ts";

/** The version of the tables. */
const version = 2;

const tables = `
CREATE TABLE IF NOT EXISTS seldonian_about (version int NOT NULL, certificate text NOT NULL, tag text NOT NULL);
CREATE TABLE IF NOT EXISTS seldonian_decisions (number bigserial PRIMARY KEY, time timestamptz NOT NULL DEFAULT now(),
  row text NOT NULL, columns text NOT NULL, output text NOT NULL, decision text NOT NULL);
ALTER TABLE seldonian_decisions ADD COLUMN IF NOT EXISTS opening text;
UPDATE seldonian_about SET version = 2 WHERE version = 1;
CREATE TABLE IF NOT EXISTS seldonian_outcomes (number bigserial PRIMARY KEY, time timestamptz NOT NULL DEFAULT now(),
  decision bigint NOT NULL, label float8 NOT NULL, told text NOT NULL);
CREATE INDEX IF NOT EXISTS seldonian_outcomes_of ON seldonian_outcomes (decision, number);
CREATE TABLE IF NOT EXISTS seldonian_monitor (version int NOT NULL, state text);
INSERT INTO seldonian_monitor SELECT 0, NULL WHERE NOT EXISTS (SELECT FROM seldonian_monitor);`;

/**
 * A store in Postgres, in tables `seldonian_…` of the address' schema, which several servers of one monitor share: outcomes of all
 * of them are counted in one order.
 * @throws {RangeError} where there is no such server, and for tables of another version or certificate
 */
export async function postgresStore(url: string, tested: readonly string[]): Promise<ServingStore> {
  const place = shownUrl(url), Pool = await loadPostgres();
  const pool: PostgresPool = new Pool({ connectionString: url, max: 4, connectionTimeoutMillis: 10_000, keepAlive: true });
  // A connection that ends while nobody uses it is made anew.
  pool.on("error", () => {});
  // One that ends in a transaction fails its query, which is heard there.
  pool.on("connect", (client) => client.on("error", () => {}));
  const transaction = async <T>(work: (client: PostgresClient) => Promise<T>, waits = true): Promise<T> => {
    const client = await pool.connect();
    try {
      await client.query(waits ? "BEGIN" : "BEGIN; SET LOCAL synchronous_commit TO off");
      const result = await work(client);
      await client.query("COMMIT");
      client.release();
      return result;
    } catch (error) {
      // A connection in an unknown state is not used again.
      client.release(error as Error);
      throw error;
    }
  };
  try {
    await transaction(async (client) => {
      await client.query("SELECT pg_advisory_xact_lock(hashtext('seldonian_monitor'))");
      await client.query(tables);
      const { rows } = await client.query("SELECT * FROM seldonian_about");
      const own = { version, certificate: tested[0], tag: newOpening() }, about = rows[0] ?? own;
      if (rows.length === 0) {
        await client.query("INSERT INTO seldonian_about VALUES ($1, $2, $3)", [own.version, own.certificate, own.tag]);
      }
      checkStore(about, { version, tested });
    });
  } catch (error) {
    await pool.end();
    throw new RangeError(`Cannot keep decisions in ${place}: ${reasonOf(error)}`, { cause: error });
  }
  // A database that ended may have lost decisions that were not waited for, and gives their numbers again: ids of each transaction
  // begin with digits of its own.
  const opened = (client: PostgresClient, opening = newOpening()): Transaction => ({
    opening,
    async decide({ rows: all, columns, outputs, decisions }) {
      const { rows } = await client.query(
        "INSERT INTO seldonian_decisions (row, columns, output, decision, opening) SELECT r, c, o, d, $5::text " +
          `FROM ROWS FROM (${[1, 2, 3, 4].map((i) => `json_array_elements($${i}::json)`).join(", ")}) ` +
          "WITH ORDINALITY AS new (r, c, o, d, place) ORDER BY place RETURNING number",
        [all, columns, outputs, decisions, opening],
      );
      return rows.map(({ number }) => Number(number)).sort((a, b) => a - b);
    },
    async version() {
      return Number((await client.query("SELECT version FROM seldonian_monitor FOR UPDATE")).rows[0].version);
    },
    async state() {
      return (await client.query("SELECT state FROM seldonian_monitor")).rows[0].state as string | null;
    },
    async find(numbers) {
      const { rows } = await client.query(
        "SELECT d.number, d.columns, d.output, COALESCE(d.opening, (SELECT tag FROM seldonian_about)) AS opening, o.label, o.told " +
          "FROM seldonian_decisions d LEFT JOIN LATERAL (SELECT label, told FROM seldonian_outcomes WHERE decision = d.number " +
          "ORDER BY number DESC LIMIT 1) o ON true WHERE d.number = ANY($1)",
        [numbers],
      );
      return new Map(rows.map(({ number, columns, output, ...rest }) => [
        Number(number),
        { ...rest, columns: JSON.parse(`${columns}`), output: JSON.parse(`${output}`) } as KeptDecision,
      ]));
    },
    async outcomes(after) {
      const { rows } = await client.query(
        "SELECT number, decision, label, told FROM seldonian_outcomes WHERE number > $1 ORDER BY number LIMIT $2",
        [after, mostOutcomes],
      );
      return rows.map(({ number, decision, label, told }) => ({
        number: Number(number),
        decision: Number(decision),
        label: Number(label),
        told: `${told}`,
      }));
    },
    async settle(outcomes, state) {
      await client.query(
        "INSERT INTO seldonian_outcomes (decision, label, told) SELECT d, l, t FROM " +
          "unnest($1::bigint[], $2::float8[], $3::text[]) WITH ORDINALITY AS new (d, l, t, place) ORDER BY place",
        (["decision", "label", "told"] as const).map((name) => outcomes.map((one) => one[name])),
      );
      await client.query("UPDATE seldonian_monitor SET version = version + 1, state = $1", [state]);
    },
  });
  return {
    transaction: async (work, waits) => ({
      result: await transaction((client) => work(opened(client)), waits),
      kept: Promise.resolve(),
    }),
    close: () => pool.end(),
  };
}

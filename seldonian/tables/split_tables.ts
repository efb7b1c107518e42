import { callable, checkArgument, checkOptions, type Known, number, whole } from "../../autodiff/options.ts";
import { uniformFloat64 } from "../../deps.ts";
import { randomStream } from "../random.ts";
import { clusterIdsOf } from "../data/clusters.ts";
import { name } from "../data/data_kinds.ts";
import { opened } from "../data/data_stream.ts";
import { SamePasses } from "../data/same_passes.ts";
import type { Split } from "../data/split.ts";
import type { Table } from "./table.ts";
import { sameKinds, tableKeys } from "./table_pieces.ts";
import type { Cell } from "./table_values.ts";

/**
 * Starts to read a table that does not fit in memory, piece by piece, again at each call: see `csvTables()`, `parquetTables()`.
 */
export type Tables = () => AsyncIterable<Table>;

/** How to split tables. */
export interface SplitTablesOptions {
  /** The fraction of rows kept for the safety test, between 0 and 1; default 0.5. */
  safetyFraction?: number;
  /** Default 0; the same seed gives the same split. */
  seed?: number;
  /** A column of groups: rows with equal values, such as those of one patient, stay together and are one observation. */
  groups?: string;
}

/**
 * Splits a table that is read in pieces. The seed sends each row, or each group, to the safety data with probability
 * `safetyFraction`, whatever its contents and independently of the others. Both parts are read from the same source, so nothing
 * is stored. Rows keep their group or cluster.
 * @throws {RangeError} when they are read: for a source that differs between passes, since rows could be in both parts, for a
 * column that has numbers first and then texts, and for a row without a group
 */
export function splitTables(
  tables: Tables,
  options: SplitTablesOptions = {},
): Split<Tables> {
  checkArgument("split tables", "tables", tables, callable);
  const { safetyFraction = 0.5, seed = 0, groups } = checkOptions("split tables", options, splitOptions);
  if (!(safetyFraction > 0 && safetyFraction < 1)) {
    throw new RangeError(`Cannot split tables with safetyFraction ${safetyFraction}: wanted a number between 0 and 1`);
  }
  const passes = new SamePasses("a table");
  const part = (wanted: boolean): Tables =>
    async function* () {
      const random = randomStream(seed, "split"), drawn = new Map<Cell, boolean>(), pass = passes.begin();
      const isSafety = () => uniformFloat64(random) < safetyFraction;
      for await (const given of sameKinds(opened(tables(), "tables"))) {
        pass.add(tableKeys(given));
        const table = groups === undefined
            ? given
            : given.clustered(clusterIdsOf(given.column(groups), given.size, `"${groups}"`, (row) => given.place(row))),
          ids = table.clusters,
          rows: number[] = [];
        for (let row = 0; row < table.size; row++) {
          let safety: boolean;
          if (ids === undefined) safety = isSafety();
          else {
            const known = drawn.get(ids[row]);
            drawn.set(ids[row], safety = known ?? isSafety());
          }
          if (safety === wanted) rows.push(row);
        }
        if (rows.length > 0) yield table.take(rows);
      }
      pass.end();
    };
  return { candidate: part(false), safety: part(true) };
}

const splitOptions: Known<SplitTablesOptions> = { safetyFraction: number, seed: whole(), groups: name };

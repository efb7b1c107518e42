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

/** Starts to read a table that does not fit in memory, piece by piece, anew at each call: see `csvTables()`, `parquetTables()`. */
export type Tables = () => AsyncIterable<Table>;

/** How tables are split. */
export interface SplitTablesOptions {
  /** The part of the rows that is kept for the safety test, between 0 and 1; default 0.5. */
  safetyFraction?: number;
  /** Default 0; the same seed, the same split. */
  seed?: number;
  /** A column whose equal values stay together, as those of one patient, and are one observation together. */
  groups?: string;
}

/**
 * Splits a table that is read in pieces: each row, or each group, goes to the safety data with the probability `safetyFraction`, by
 * the seed, whatever it holds and whatever becomes of others. Parts are read from the same source, so that nothing is stored; rows that
 * have a group, or are in clusters already, stay in it.
 * @throws {RangeError} when they are read: for a source that is not the same at every pass, as rows would be in both parts, for a column
 * of texts that was of numbers, and for a row without a group
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

import { checkOptions, type Kind, type Known, oneOf } from "../../autodiff/options.ts";
import { checkPath } from "./path.ts";

/**
 * A test, as a ledger records it: the keys of its rows and of the rows that its model was trained on, two words each, and its
 * deltas.
 */
export interface Use {
  /** Rows of the safety data, of all data sets. */
  tested: Uint32Array;
  /** Rows that the model was trained on, as far as they are known. */
  trained: Uint32Array;
  /** The delta of each constraint. */
  deltas: readonly number[];
}

/** How earlier uses relate to the rows of a test, and what it may spend. */
export interface Uses {
  /** The rows of this test. */
  rows: number;
  /** Earlier tests that share rows with it. */
  tests: number;
  /** The number of its rows that were tested before; estimated from a sample if there are more than 20,000. */
  tested: number;
  /** The number of its rows that equal rows a model was trained on, for this test or an earlier one. */
  trained: number;
  /** The sum of the greatest deltas of the earlier tests. */
  spent: number;
  /** The delta to test each constraint with: as stated, or less if the ledger halves the rest. */
  deltas: readonly number[];
  /** Whether the ledger halves the rest. */
  halving: boolean;
  /** The ledger's key for this use. */
  id?: string;
}

/** Remembers the rows of tests. */
export interface Ledger {
  /**
   * How much of its delta a test may spend: "whole" (default), with a warning in the result for rows tested before; or "halving",
   * half of what earlier tests of some of its rows have left, so that all tests of a row together err with probability at most
   * delta.
   */
  readonly spend?: "whole" | "halving";
  /**
   * Records a test before it runs, and returns earlier records of its rows.
   * @throws {RangeError} if no delta is left to spend
   */
  use(use: Use): Promise<Uses>;
  /** Takes a use back if no test followed. */
  unused?(uses: Uses): Promise<void>;
}

/** The allowed ledgers. */
export const ledgerKind: Kind = {
  type: "object",
  wanted: 'a ledger, such as ledgerFile("tests.ledger.jsonl")',
  holds: (value) => value !== null && typeof (value as Partial<Ledger>).use === "function",
};

const known: Known<Pick<Ledger, "spend">> = { spend: oneOf("whole", "halving") };

/**
 * A ledger in a file beside the data: `train({ ledger: ledgerFile("loans.ledger.jsonl"), … })`. A test is only as good as its
 * data is new: trying until one passes breaks the promise with a probability of up to the number of tries times delta. Rows are
 * identified by content, so another split, seed, name or function does not make them new; equal rows count as the same row. A
 * test is recorded before the file is read, so among parallel tests the later ones see the earlier.
 * @throws {RangeError} from `use`, if a line is not a use, or no delta is left
 */
export function ledgerFile(path: string, options: Pick<Ledger, "spend"> = {}): Ledger {
  const { spend = "whole" } = checkOptions("keep a ledger", options, known);
  checkPath("keep a ledger", path);
  let opened: Promise<Required<Omit<Ledger, "spend">>> | undefined;
  // Pages have no files, and do not load what reads them.
  const open = () => opened ??= import("./ledger_file.ts").then(({ openLedger }) => openLedger(path, spend));
  return {
    spend,
    use: async (use) => (await open()).use(use),
    unused: async (uses) => (await open()).unused(uses),
  };
}

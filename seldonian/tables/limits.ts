import { isRecord, type Kind, type Known, whole } from "../../autodiff/options.ts";
import { added, DataError } from "../data/data_error.ts";

/**
 * What reading a file may cost. A file that would cost more is refused before the memory is taken; its owner may raise a limit.
 */
export interface Limits {
  /**
   * The most bytes of unpacked contents, where a cell counts as 2 bytes, the least in CSV. Default: 16 MiB, and 100 for each byte
   * of the file beyond the first MiB.
   */
  contents?: number;
  /** The most columns of a table; default 100,000. */
  columns?: number;
}

const known: Known<Limits> = { contents: whole(1), columns: whole(1) };

/** Limits, as an option. */
export const limitsKind: Kind = {
  type: "object",
  wanted: "limits by name, as { contents: 2 ** 30, columns: 200000 }",
  holds: (value) =>
    isRecord(value) &&
    Object.entries(value).every(([name, limit]) =>
      Object.hasOwn(known, name) && (limit === undefined || known[name as keyof Limits].holds!(limit, {}))
    ),
};

const mebibyte = 2 ** 20;

/** The bytes that a cell counts as. */
export const bytesOfCell = 2;

/** The most contents of a file of this many bytes. */
export function mostContents(bytes: number, { contents }: Limits = {}): number {
  return contents ?? 16 * mebibyte + 100 * Math.max(0, bytes - mebibyte);
}

/**
 * @param bytes the length of the file
 * @param contents the length of its contents, as far as known
 * @throws {DataError} if that is more than the limit
 */
export function checkContents(file: string, bytes: number, contents: number, limits: Limits = {}): void {
  const most = mostContents(bytes, limits);
  if (contents > most) throw exceeded(file, "bytes of contents", contents, most, limits, { contents });
}

/** @throws {DataError} if there are more columns than the limit */
export function checkColumnCount(file: string, columns: number, limits: Limits = {}): void {
  const { columns: most = 100_000 } = limits;
  if (columns > most) throw exceeded(file, "columns", columns, most, limits, { columns });
}

function exceeded(file: string, what: string, found: number, most: number, given: Limits, more: Limits): DataError {
  return new DataError(
    `Cannot read ${file}: it has ${found.toLocaleString("en")} ${what} or more, and the limit is ${most.toLocaleString("en")}`,
    [{ when: "if you trust it", option: "limits", value: added(given, more) }],
  );
}

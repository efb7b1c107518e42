import { type ArrowBatch, type ArrowType, loadArrow } from "../../deps.ts";
import { shortest } from "../data/columns.ts";
import { DataError } from "../data/data_error.ts";
import { bytesOfCell, checkContents } from "../tables/limits.ts";
import type { ArrowOptions } from "./read_options.ts";
import { arrowChecked } from "./arrow_messages.ts";
import { unpackedLz4 } from "./lz4.ts";
import type { Table } from "../tables/table.ts";
import { type ColumnKind, dayText, decimalOf, timeText, typedTable, wantedColumns } from "./typed_columns.ts";

/**
 * The table of a file or stream.
 * @throws as `readArrow()`
 */
export async function tableOfArrow(bytes: Uint8Array, options: ArrowOptions): Promise<Table> {
  const file = options.file ?? "the Arrow file", { arrow, unzstd } = await loadArrow();
  const named = <T>(read: () => T): T => {
    try {
      return read();
    } catch (error) {
      if (error instanceof DataError) throw error;
      throw new RangeError(`Cannot read ${file}: ${(error as Error).message}`, { cause: error });
    }
  };
  let contents = 0;
  const told = (more: number) => checkContents(file, bytes.length, contents += more, options.limits);
  arrow.setCompressionCodec(0, { encode: null, decode: unpackedLz4 });
  arrow.setCompressionCodec(1, { encode: null, decode: (packed, size) => unzstd(packed, new Uint8Array(size)) });
  const table = named(() =>
    arrow.tableFromIPC(arrowChecked(bytes.byteOffset % 8 === 0 ? bytes : bytes.slice(), told), {
      useBigInt: true,
      useBigIntTimestamp: true,
      useDecimalInt: true,
    })
  );
  const { fields, endianness } = table.schema;
  if (endianness !== 0) throw new RangeError(`Cannot read ${file}: its numbers are big-endian`);
  const wanted = wantedColumns(fields.map(({ name, type }) => [name, kindOfColumn(type)]), options, file);
  const columns = wanted.map(({ name }) => table.getChildAt(fields.findIndex((field) => field.name === name)));
  // A wrong count would fill the memory: except for nulls, a row needs at least a bit.
  const isRoom = (batch: ArrowBatch) => batch.length <= 8 * ((batch.offsets ?? batch.values)?.byteLength ?? Infinity);
  if (columns.some(({ length, data }) => length !== columns[0].length || !data.every(isRoom))) {
    throw new RangeError(`Cannot read ${file}: a column has fewer values than rows`);
  }
  told(bytesOfCell * columns.reduce((sum, { length }) => sum + length, 0));
  const cells = named(() => columns.map((column) => [...column])).map((values, j) =>
    values.map((value, row) => wanted[j].cell(value, row))
  );
  return typedTable(wanted, cells, { file: options.file });
}

/** Types by their numbers in the format; -1 is flechette's number for a dictionary. */
function kindOfColumn({ typeId, precision, scale = 0, unit = 0, dictionary }: ArrowType): ColumnKind | string {
  switch (typeId) {
    case -1:
      return kindOfColumn(dictionary!);
    case 1: // nulls
    case 2: // whole numbers
    case 6: // truth values
    case 9: // times of a day, in their unit
    case 18: // durations, in their unit
      return { texts: false };
    case 3: // floats
      return precision === 1 ? { texts: false, read: (value) => shortest(Number(value)) } : { texts: false };
    case 5: // texts
    case 20: // long texts
    case 24: // views of texts
      return { texts: true };
    case 7:
      return { texts: false, read: (value) => decimalOf(BigInt(value as bigint), scale) };
    case 8:
      return { texts: true, read: (milliseconds) => dayText(Number(milliseconds) / 86_400_000) };
    case 10:
      if (!(unit >= 0 && unit <= 3)) return "times of an unknown unit";
      return { texts: true, read: (ticks) => timeText(ticks as bigint, 1000n ** BigInt(unit)) };
    default:
      return "bytes, lists or structures";
  }
}

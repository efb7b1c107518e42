import { joinedBytes } from "../tables/bytes.ts";
import { FlatTable } from "./flat_table.ts";

/**
 * A complete file or stream of Arrow IPC, in an order that flechette reads. In a file, dictionaries may come after the rows that
 * use them, as polars writes them; flechette would apply them to later rows, as in a stream. Flechette also trusts the counts in
 * a file, and a wrong one would fill the memory, so they are checked here.
 * Source: the IPC format, as Apache Arrow documents it.
 * @param told receives the bytes of unpacked contents, part by part
 * @throws {RangeError} if it is truncated, or continues after its end; without the name of the file
 */
export function arrowChecked(bytes: Uint8Array, told: Told): Uint8Array {
  return magicAt(bytes, 0) ? checkedFile(bytes, told) : checkedStream(bytes, told);
}

/** Receives the bytes of contents; throws if they are too many. */
type Told = (contents: number) => void;

function magicAt(bytes: Uint8Array, place: number): boolean {
  return [..."ARROW1"].every((letter, i) => bytes[place + i] === letter.charCodeAt(0));
}

/** Consecutive messages, each with its length, up to one of length 0. */
function checkedStream(bytes: Uint8Array, told: Told): Uint8Array {
  for (let at = 0;;) {
    const end = endOfMessage(bytes, at, told);
    if (end === undefined && at + 8 < bytes.length) throw new RangeError("something follows its end");
    if (end === undefined) return bytes;
    at = end;
  }
}

/** The end of the message at a place; undefined for the message of length 0. */
function endOfMessage(bytes: Uint8Array, place: number, told: Told): number | undefined {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength), start = place + 8;
  if (start > bytes.length) throw cutShort();
  if (view.getUint32(place, true) !== 0xffffffff) throw new RangeError(`there is no message at byte ${place}`);
  const length = view.getUint32(place + 4, true);
  if (length === 0) return undefined;
  if (start + length > bytes.length) throw cutShort();
  const message = FlatTable.root(bytes.subarray(start, start + length)), header = message.table(2);
  const kind = message.byte(1), end = start + length + message.long(3);
  if (!(end >= start + length && end <= bytes.length)) throw cutShort();
  if (kind === 1) checkSchema(header);
  if (kind === 2) checkRows(header?.table(1), bytes.subarray(start + length, end), told);
  if (kind === 3) checkRows(header, bytes.subarray(start + length, end), told);
  return end;
}

/** A file's footer has the places of the messages. */
function checkedFile(bytes: Uint8Array, told: Told): Uint8Array {
  const end = bytes.length - 10, length = end < 8 ? 0 : new DataView(bytes.buffer, bytes.byteOffset + end).getUint32(0, true);
  const footerStart = end - length;
  if (!magicAt(bytes, end + 4) || footerStart < 8) throw cutShort();
  const footer = FlatTable.root(bytes.subarray(footerStart, end));
  checkSchema(footer.table(1));
  const [dictionaries, rows] = [2, 3].map((field) =>
    footer.structs(field, 24).map((place) => {
      const from = footer.longAt(place), to = endOfMessage(bytes.subarray(0, footerStart), from, told);
      if (from < 8 || to === undefined) throw new RangeError(`there is no message at byte ${from}`);
      return { place, from, to };
    })
  );
  const firstRows = Math.min(...rows.map(({ from }) => from));
  if (dictionaries.every(({ from }) => from < firstRows)) return bytes;
  // Copies of the dictionaries come first, and the footer points to them.
  const copies = dictionaries.map(({ from, to }) => bytes.subarray(from, to));
  const ordered = joinedBytes([bytes.subarray(0, 8), ...copies, bytes.subarray(8)]), moved = ordered.length - bytes.length;
  const orderedFooter = FlatTable.root(ordered.subarray(footerStart + moved, end + moved));
  for (const { place, from } of rows) orderedFooter.setLongAt(place, from + moved);
  let at = 8;
  for (const { place, from, to } of dictionaries) {
    orderedFooter.setLongAt(place, at);
    at += to - from;
  }
  return ordered;
}

function checkSchema(schema: FlatTable | undefined): void {
  const check = (field: FlatTable): void => {
    const decimals = field.byte(2) === 7 ? field.table(3)?.int(1) ?? 0 : 0;
    if (Math.abs(decimals) > 76) throw new RangeError(`it says that decimals have ${decimals} digits after the point`);
    field.tables(6);
    field.tables(5).forEach(check);
  };
  schema?.tables(1).forEach(check);
  schema?.tables(2);
}

/** Checks the counts of rows or of a dictionary: columns, values, buffers, and text buffers. */
function checkRows(rows: FlatTable | undefined, body: Uint8Array, told: Told): void {
  if (rows === undefined) return;
  const view = new DataView(body.buffer, body.byteOffset, body.byteLength), isPacked = rows.table(3) !== undefined;
  const buffers = rows.structs(2, 16),
    sizes = buffers.map((place) => {
      const [at, length] = [rows.longAt(place), rows.longAt(place + 8)];
      if (!(at >= 0 && length >= 0 && at + length <= body.length)) throw new RangeError("its parts are not within it");
      return isPacked && length > 0 ? Math.max(length, Number(view.getBigInt64(at, true))) : length;
    });
  // Except for nulls, a value needs at least a bit; columns of only nulls may have some.
  const contents = sizes.reduce((sum, size) => sum + size, 0), most = Math.max(2 ** 20, 8 * contents);
  told(contents);
  const tooMany = [
    ...rows.structs(1, 16).filter((place) => !(rows.longAt(place) <= most)),
    ...rows.structs(4, 8).filter((place) => !(rows.longAt(place) <= buffers.length)),
  ];
  if (tooMany.length > 0) {
    throw new RangeError(`it claims ${rows.longAt(tooMany[0])} values, more than fit`);
  }
}

function cutShort(): RangeError {
  return new RangeError("it is cut short");
}

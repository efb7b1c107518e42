import { builtin } from "../builtin.ts";

/** Records as lines of JSON in a file that several processes may add to at once. */
export interface LinesFile<Item extends object> {
  /**
   * Adds a record; it is on the disk when this returns.
   * @throws {Error} if the disk does not take all of it
   */
  add(item: Item): void;
  /**
   * All records, in the file's order.
   * @throws the error that `refuse` makes for a damaged line
   */
  all(): readonly Item[];
}

/** How to read records. */
export interface Reading<Item extends object> {
  /** How the lines of older versions begin, to know those that were cut. */
  unchecked: string;
  /** Makes a record of JSON; throws if it is none. */
  parse: (json: unknown) => Item;
  /** The error for a damaged line, counted from 1. */
  refuse: (line: number) => Error;
}

/**
 * Opens a file of records, which need not exist.
 *
 * A record is one write to the file's end, which the system makes as a whole, so nobody waits for a lock or dies with it. The
 * write begins with the line end, so that a record never continues the line of a killed process. A record says its length and
 * the first digits of its SHA-256: a shorter line was cut before it was acknowledged, and is dropped; other damage is an error.
 * Lines without them, as older versions and people write them, are records, too. Network file systems may break all this.
 */
export async function linesFile<Item extends object>(
  path: string | URL,
  { unchecked, parse, refuse }: Reading<Item>,
): Promise<LinesFile<Item>> {
  const { closeSync, fstatSync, fsyncSync, openSync, readSync, writeSync } = await builtin("node:fs");
  const { createHash } = await builtin("node:crypto");
  const headOf = (text: string) => `{"check":"${text.length} ${createHash("sha256").update(text).digest("hex").slice(0, 8)}",`;
  /**
   * The JSON text in a line; `null` if the line was cut.
   * @throws if it is damaged
   */
  const textIn = (line: string): string | null => {
    const found = /^\{"check":"(\d+) [0-9a-f]{8}",/.exec(line);
    if (found === null) return ['{"check":"', unchecked].some((start) => isPart(line, start)) ? null : line;
    const [head, length] = found, text = `{${line.slice(head.length)}`, own = headOf(text);
    if (own === head) return text;
    if (text.length < Number(length) && own.slice(-10) !== head.slice(-10)) return null;
    throw new RangeError("damaged");
  };
  let file = "", size = 0, lines = 0, items: Item[] = [];
  const read = (opened: number): void => {
    const { dev, ino, size: whole } = fstatSync(opened), now = `${dev} ${ino}`;
    // Another file has taken the name, or somebody has cut this one.
    if (now !== file || whole < size) [file, size, lines, items] = [now, 0, 0, []];
    const bytes = new Uint8Array(whole - size);
    let end = 0;
    for (let more; (more = readSync(opened, bytes, end, bytes.length - end, size + end)) > 0;) end += more;
    const added = new TextDecoder().decode(bytes.subarray(0, end)).split("\n"), found: Item[] = [];
    for (const [i, line] of added.entries()) {
      try {
        const text = line === "" ? null : textIn(line);
        if (text !== null) found.push(parse(JSON.parse(text)));
        // Somebody may still be writing the last line: it will be read again.
        else if (i === added.length - 1) end = bytes.lastIndexOf(10, end - 1) + 1;
      } catch {
        throw refuse(lines + i + 1);
      }
    }
    [size, lines] = [size + end, lines + added.length - 1];
    for (const item of found) items.push(item);
  };
  return {
    add(item) {
      const text = JSON.stringify(item), bytes = new TextEncoder().encode(`\n${headOf(text)}${text.slice(1)}`);
      const opened = openSync(path, "a");
      try {
        const written = writeSync(opened, bytes);
        if (written < bytes.length) {
          throw new Error(`Cannot write to ${path}: it took ${written} of ${bytes.length} bytes; is the disk full?`);
        }
        fsyncSync(opened);
      } finally {
        closeSync(opened);
      }
    },
    all() {
      let opened: number;
      try {
        opened = openSync(path, "r");
      } catch (error) {
        if ((error as { code?: string }).code === "ENOENT") return [];
        throw error;
      }
      try {
        read(opened);
        return items;
      } finally {
        closeSync(opened);
      }
    },
  };
}

/** Whether a line is the beginning of a record that begins like this. */
function isPart(line: string, start: string): boolean {
  return !line.endsWith("}") && (line.startsWith(start) || start.startsWith(line));
}

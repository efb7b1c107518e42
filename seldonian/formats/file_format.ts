import { otherFormats } from "./other_formats.ts";

/** What files tables are read from. */
export type FileFormat = "csv" | "jsonl" | "parquet" | "arrow";

/** Bytes of a file's beginning that tell its format; more are not looked at. */
export const formatLength = 4096;

/**
 * The format of a file, by its first bytes, and of text by the end of its name: "jsonl" is also a file of one JSON array.
 * @param bytes the file, unpacked, or its beginning
 * @param file its name
 * @throws {RangeError} for a format that is not read, with the way to one that is
 */
export function formatOf(bytes: Uint8Array, file = "the file"): FileFormat {
  const fail = (why: string) => new RangeError(`Cannot read ${file}: ${why}`);
  if (bytes.length === 0) throw fail("it is empty; save or download it again");
  const head = String.fromCharCode(...bytes.subarray(0, formatLength)), name = file.toLowerCase().replace(/\.gz$/, "");
  const other = otherFormats.find(({ begins, at = 0, holds = "", binary = false }) =>
    begins.some((mark) => head.startsWith(mark, at)) && head.includes(holds) && !(binary && isText(head))
  );
  if (other !== undefined) throw fail(`it is ${other.is}; ${other.cure}`);
  // A text may begin with such letters too.
  if (name.endsWith(".parquet") || (head.startsWith("PAR1") && !isText(head))) return "parquet";
  if (head.startsWith("ARROW1\0") || head.startsWith("\xff\xff\xff\xff") || /\.(arrow|arrows|feather|ipc)$/.test(name)) {
    return "arrow";
  }
  // Without byte-order marks, and of UTF-16 every other byte.
  const text = head.replace(/^(\xef\xbb\xbf|\xff\xfe|\xfe\xff)/, "").replaceAll("\0", "").trimStart();
  if (/^<(!doctype html|html|head|body)\b/i.test(text)) {
    throw fail("it is a web page (HTML), perhaps an error page of the server; download the file itself");
  }
  if (/^<\?xml\b/i.test(text)) throw fail("it is XML; write its rows as CSV (UTF-8)");
  if (/\.(jsonl|ndjson|json)$/.test(name)) return "jsonl";
  return !/\.(csv|tsv)$/.test(name) && /^(\{\s*"|\[\s*\{)/.test(text) ? "jsonl" : "csv";
}

/** Whether there are no control characters but those that text has. */
function isText(head: string): boolean {
  // deno-lint-ignore no-control-regex
  return !/[\0-\x08\x0e-\x1f]/.test(head);
}

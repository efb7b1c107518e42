import { otherFormats } from "./other_formats.ts";

/** The supported file formats. */
export type FileFormat = "csv" | "jsonl" | "parquet" | "arrow";

/** The number of bytes that decide a file's format. */
export const formatLength = 4096;

/**
 * The format of a file, by its first bytes, and for text by the end of its name: "jsonl" includes a file of one JSON array.
 * @param bytes the file, unpacked, or its beginning
 * @param file its name
 * @throws {RangeError} for an unsupported format, with a way to a supported one
 */
export function formatOf(bytes: Uint8Array, file = "the file"): FileFormat {
  const fail = (why: string) => new RangeError(`Cannot read ${file}: ${why}`);
  if (bytes.length === 0) throw fail("it is empty; save or download it again");
  const head = String.fromCharCode(...bytes.subarray(0, formatLength)), name = file.toLowerCase().replace(/\.gz$/, "");
  const other = otherFormats.find(({ begins, at = 0, holds = "", binary = false }) =>
    begins.some((mark) => head.startsWith(mark, at)) && head.includes(holds) && !(binary && isText(head))
  );
  if (other !== undefined) throw fail(`it is ${other.is}; ${other.cure}`);
  // A text may begin with these letters too.
  if (name.endsWith(".parquet") || (head.startsWith("PAR1") && !isText(head))) return "parquet";
  if (head.startsWith("ARROW1\0") || head.startsWith("\xff\xff\xff\xff") || /\.(arrow|arrows|feather|ipc)$/.test(name)) {
    return "arrow";
  }
  // Without byte-order marks; from UTF-16, every other byte.
  const text = head.replace(/^(\xef\xbb\xbf|\xff\xfe|\xfe\xff)/, "").replaceAll("\0", "").trimStart();
  if (/^<(!doctype html|html|head|body)\b/i.test(text)) {
    throw fail("it is a web page (HTML), perhaps an error page of the server; download the file itself");
  }
  if (/^<\?xml\b/i.test(text)) throw fail("it is XML; write its rows as CSV (UTF-8)");
  if (/\.(jsonl|ndjson|json)$/.test(name)) return "jsonl";
  return !/\.(csv|tsv)$/.test(name) && /^(\{\s*"|\[\s*\{)/.test(text) ? "jsonl" : "csv";
}

/** Whether the only control characters are those of text. */
function isText(head: string): boolean {
  // deno-lint-ignore no-control-regex
  return !/[\0-\x08\x0e-\x1f]/.test(head);
}

import { nearestTo } from "../../autodiff/nearest.ts";
import { isGzip, joinedBytes, piecesOf } from "./bytes.ts";
import { DataError } from "../data/data_error.ts";
import { firstNotUtf8, wordAround, wordLength } from "./not_utf8.ts";
import { encodingNames, markedEncoding, unmarkedEncoding } from "./text_encoding.ts";

/** How to decode text. */
export interface DecodingOptions {
  /** The file's name, for errors. */
  file?: string;
  /** The character encoding, such as "windows-1252"; default: UTF-8, or UTF-16 if the first bytes show it. */
  encoding?: string;
}

/**
 * The text of a file's bytes, without a byte-order mark, and its encoding. UTF-8 and UTF-16 are recognised. In other encodings
 * every byte is some character, so a guess would never fail and often be wrong: the user must name them.
 * @throws {DataError} for bytes that are not UTF-8, if no encoding was given
 * @throws {RangeError} for bytes that are not in the encoding, for an unknown encoding, and for NUL characters outside UTF-16:
 * such a file is not text
 */
export function decoded(bytes: Uint8Array, options: DecodingOptions = {}): { text: string; encoding: string } {
  const decoding = new Decoding(bytes.subarray(0, headLength), options), pieces: string[] = [];
  // Decodes in pieces, so that a bad byte is searched for in only one of them.
  for (const piece of piecesOf(bytes, pieceLength)) pieces.push(decoding.read(piece));
  pieces.push(decoding.end());
  try {
    return { text: pieces.join(""), encoding: decoding.encoding };
  } catch (error) {
    const why = `it has ${bytes.length} bytes, more than a text can have; read it in pieces, with csvTables()`;
    throw new RangeError(`Cannot read ${options.file ?? "the file"}: ${why}`, { cause: error });
  }
}

/**
 * The same piece by piece. Pieces of text are passed on unchanged.
 * @throws as {@link decoded}, when the pieces are read
 */
export async function* decodedPieces(
  source: AsyncIterable<Uint8Array | string>,
  options: DecodingOptions = {},
): AsyncGenerator<string> {
  let decoding: Decoding | undefined, head = new Uint8Array(0), begun = false;
  const decode = function* (bytes: Uint8Array) {
    decoding ??= new Decoding(head, options);
    const text = decoding.read(bytes);
    if (text !== "") yield text;
  };
  for await (const piece of source) {
    if (typeof piece === "string") {
      if (decoding === undefined && head.length > 0) yield* decode(head);
      const text = begun ? piece : piece.replace(/^\uFEFF/, "");
      if (piece !== "") begun = true;
      if (text !== "") yield text;
    } else if (decoding !== undefined) yield* decode(piece);
    else {
      begun = true;
      head = joinedBytes([head, piece]);
      if (head.length >= headLength) yield* decode(head);
    }
  }
  if (decoding === undefined) yield* decode(head);
  const last = decoding!.end();
  if (last !== "") yield last;
}

/** The number of bytes that show the encoding, and of bytes to decode at once. */
const headLength = 4096, pieceLength = 2 ** 22;

/** Decodes the pieces of one file. */
class Decoding {
  readonly encoding: string;
  readonly #decoder: TextDecoder;
  readonly #file: string;
  /** The last bytes of the earlier pieces, in which an incomplete character may have begun. */
  #before: Uint8Array = new Uint8Array(0);
  #line = 1;
  #lastLetter = 0;
  #begun = false;

  constructor(head: Uint8Array, { file = "the file", encoding }: DecodingOptions) {
    this.#file = file;
    if (isGzip(head)) {
      throw this.#refused('it is packed by gzip; unpack it first, with source.pipeThrough(new DecompressionStream("gzip"))');
    }
    const seen = markedEncoding(head);
    if (seen?.startsWith("utf-32")) throw this.#refused(`it is in ${seen}; save it as UTF-8`);
    const asked = encoding === undefined ? undefined : this.#decoderOf(encoding).encoding;
    // "utf-16" lets the mark decide between the two.
    if (asked !== undefined && seen !== undefined && asked !== seen && encoding!.toLowerCase() !== "utf-16") {
      throw this.#refused(`encoding says ${asked}, and it begins with the byte-order mark of ${seen}; leave encoding out`);
    }
    this.encoding = seen ?? asked ?? unmarkedEncoding(head);
    this.#decoder = this.#decoderOf(this.encoding);
  }

  read(piece: Uint8Array): string {
    return this.#checked(piece, { stream: true });
  }

  end(): string {
    return this.#checked(new Uint8Array(0), {});
  }

  #checked(piece: Uint8Array, options: TextDecodeOptions): string {
    let text: string;
    try {
      text = this.#decoder.decode(piece, options);
    } catch {
      throw this.#notInEncoding(piece);
    }
    if (!this.#begun && text !== "") {
      text = text.replace(/^\uFEFF/, "");
      this.#begun = true;
    }
    if (!this.encoding.startsWith("utf-16") && text.includes("\0")) {
      this.#countLines(text.slice(0, text.indexOf("\0")));
      throw this.#refused(
        `it has a NUL character in line ${this.#line}, so it is not text, or was cut; save or download it again`,
      );
    }
    this.#countLines(text);
    this.#before = joinedBytes([this.#before, piece.subarray(-wordLength)]).slice(-wordLength);
    return text;
  }

  /** A line ends with \n, \r\n or \r, as in an editor. */
  #countLines(text: string): void {
    for (let i = 0; i < text.length; i++) {
      const letter = text.charCodeAt(i);
      if (letter === 13 || (letter === 10 && this.#lastLetter !== 13)) this.#line++;
      this.#lastLetter = letter;
    }
  }

  #notInEncoding(piece: Uint8Array): RangeError {
    const bytes = joinedBytes([this.#before, piece]);
    if (this.encoding !== "utf-8") {
      const text = new TextDecoder(this.encoding).decode(piece);
      this.#countLines(text.slice(0, Math.max(0, text.indexOf("\uFFFD"))));
      return this.#refused(`what follows in line ${this.#line} is not ${this.encoding}`);
    }
    const bad = firstNotUtf8(bytes, this.#before.length === wordLength),
      code = bytes[bad].toString(16).toUpperCase().padStart(2, "0");
    this.#countLines(new TextDecoder().decode(bytes.subarray(this.#before.length, Math.max(bad, this.#before.length))));
    return new DataError(
      `Cannot read ${this.#file}: byte 0x${code} in line ${this.#line} is not UTF-8; ` +
        `it would be ${JSON.stringify(wordAround(bytes, bad))} in windows-1252`,
      [{ when: "if that is right", option: "encoding", value: "windows-1252" }],
    );
  }

  #decoderOf(encoding: string): TextDecoder {
    try {
      return new TextDecoder(encoding, { fatal: true, ignoreBOM: true });
    } catch {
      const nearest = nearestTo(encoding, encodingNames) ?? `wanted one of the Encoding Standard, as ${encodingNames.join(", ")}`;
      throw this.#refused(`there is no encoding "${encoding}"; ${nearest}`);
    }
  }

  #refused(why: string): RangeError {
    return new RangeError(`Cannot read ${this.#file}: ${why}`);
  }
}

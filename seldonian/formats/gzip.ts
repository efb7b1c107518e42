import { type Gunzip, loadGunzip } from "../../deps.ts";
import { isGzip, joinedBytes, piecesOf } from "../tables/bytes.ts";
import { checkContents, type Limits, mostContents } from "../tables/limits.ts";
import { crc32 } from "./crc32.ts";

/**
 * The contents of a gzip file; for other files the bytes themselves. The unpacker (fflate) is loaded at the first use: in Deno
 * and in browsers, the platform's DecompressionStream refuses files with several members, as bgzip, cat and logs make them.
 * @param file its name, for errors
 * @throws {RangeError} if its checksums show that it was truncated or changed
 * @throws {DataError} for more contents than the limit
 */
export async function unpacked(bytes: Uint8Array, file?: string, limits?: Limits): Promise<Uint8Array> {
  if (!isGzip(bytes)) return bytes;
  const pieces: Uint8Array[] = [];
  let size = 0;
  // A piece becomes a thousand times as long at most.
  for await (const piece of unpackedPieces(piecesOf(bytes, 2 ** 14), file)) {
    size += piece.length;
    if (size > mostContents(bytes.length, limits)) {
      // The file ends with the length of its last member.
      const said = new DataView(bytes.buffer, bytes.byteOffset + bytes.length - 4).getUint32(0, true);
      checkContents(file ?? "the file", bytes.length, Math.max(size, said), limits);
    }
    pieces.push(piece);
  }
  return joinedBytes(pieces);
}

/**
 * The same piece by piece.
 * @throws as {@link unpacked}, when the pieces are read
 */
export async function* unpackedPieces(
  source: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
  file?: string,
): AsyncGenerator<Uint8Array> {
  let head: Uint8Array = new Uint8Array(0), unpacking: Unpacking | null | undefined;
  for await (const piece of source) {
    if (unpacking === null) yield piece;
    else if (unpacking !== undefined) yield* unpacking.read(piece);
    else {
      head = joinedBytes([head, piece]);
      if (head.length < 2) continue;
      unpacking = isGzip(head) ? new Unpacking(await loadGunzip(), file) : null;
      if (unpacking === null) yield head;
      else yield* unpacking.read(head);
    }
  }
  if (unpacking) yield* unpacking.read(new Uint8Array(0), true);
  else if (unpacking === undefined && head.length > 0) yield head;
}

/**
 * The number of recent bytes to keep: the end of a member, and the beginning of the next, whose header is at most about this
 * long.
 */
const recentLength = 2 ** 17;

/** Unpacks the members of one file, and compares each with its checksum: CRC-32 and length (RFC 1952). */
class Unpacking {
  readonly #gunzip: InstanceType<Gunzip>;
  #ready: Uint8Array[] = [];
  #sum = 0;
  #size = 0;
  #read = 0;
  #recent: Uint8Array = new Uint8Array(0);

  constructor(Gunzip: Gunzip, readonly file = "the file") {
    this.#gunzip = new Gunzip((piece) => {
      this.#sum = crc32(piece, this.#sum);
      this.#size += piece.length;
      this.#ready.push(piece);
    });
    this.#gunzip.onmember = (start) => this.#checkMember(start);
  }

  read(packed: Uint8Array, last = false): Uint8Array[] {
    this.#read += packed.length;
    this.#recent = joinedBytes([this.#recent.subarray(-recentLength), packed]);
    try {
      this.#gunzip.push(packed, last);
      if (last) this.#checkMember(this.#read);
    } catch (error) {
      throw new RangeError(`Cannot read ${this.file}: its gzip packing was cut short or changed (${(error as Error).message})`, {
        cause: error,
      });
    }
    const ready = this.#ready;
    this.#ready = [];
    return ready;
  }

  /** @param end the place after the member */
  #checkMember(end: number): void {
    const at = this.#recent.length - (this.#read - end) - 8, { buffer, byteOffset } = this.#recent;
    const view = at < 0 ? undefined : new DataView(buffer, byteOffset + at, 8);
    if (view?.getUint32(0, true) !== this.#sum || view.getUint32(4, true) !== this.#size % 2 ** 32) throw new Error("checksum");
    this.#sum = this.#size = 0;
  }
}

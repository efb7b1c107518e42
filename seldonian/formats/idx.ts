import { bytes as bytesKind, checkArgument } from "../../autodiff/options.ts";
import { claimedSize } from "../../autodiff/shape.ts";

/** An array of unsigned bytes from an IDX file. */
export interface Idx {
  /** The lengths of the axes. */
  shape: number[];
  /** The elements in row-major order. */
  values: Uint8Array;
}

/**
 * Reads an IDX file of unsigned bytes: two zero bytes, the type 8, the number of axes, each axis' length (4 bytes, big-endian),
 * then the values. Source: Y. LeCun, C. Cortes, C. J. C. Burges, The MNIST database.
 * @throws {RangeError} for another file, or a truncated one
 */
export function readIdx(bytes: Uint8Array, name: string): Idx {
  checkArgument("read an IDX file", "the file", bytes, bytesKind);
  const rank = bytes[3];
  if (bytes.length < 4 || bytes[0] !== 0 || bytes[1] !== 0 || bytes[2] !== 8) {
    throw new RangeError(
      `Cannot read ${name}: wanted an IDX file of unsigned bytes, which begins 0 0 8, found ${
        [...bytes.subarray(0, 3)].join(" ") || "nothing"
      }`,
    );
  }
  const start = 4 + 4 * rank;
  if (bytes.length < start) {
    throw new RangeError(`Cannot read ${name}: its header wants ${start} bytes, and it has ${bytes.length}; it is cut short`);
  }
  const header = new DataView(bytes.buffer, bytes.byteOffset, start);
  const shape = Array.from({ length: rank }, (_, axis) => header.getUint32(4 + 4 * axis));
  const fail = (why: string) => new RangeError(`Cannot read ${name}: ${why}`);
  const size = claimedSize(shape, fail), values = bytes.subarray(start);
  if (values.length !== size) {
    const why = values.length < size ? "it is cut short" : "something follows its end";
    throw fail(`[${shape.join(", ")}] wants ${size} bytes after the header, and it has ${values.length}; ${why}`);
  }
  return { shape, values };
}

/** Writes zip archives and NumPy's arrays, and lies about them. */
import { crc32, deflateRawSync } from "node:zlib";
import { joinedBytes } from "../../seldonian/tables/bytes.ts";
import { latin, utf8 } from "./bytes.ts";

/** The numbers of 2 and 4 bytes of a header, as [bytes, number]. */
function header(...numbers: readonly (readonly [bytes: 2 | 4, number: number])[]): Uint8Array {
  const view = new DataView(new ArrayBuffer(numbers.reduce((sum, [bytes]) => sum + bytes, 0)));
  let at = 0;
  for (const [bytes, number] of numbers) {
    if (bytes === 2) view.setUint16(at, number, true);
    else view.setUint32(at, number, true);
    at += bytes;
  }
  return new Uint8Array(view.buffer);
}

/** An archive of packed members. @param said the lengths that it says its contents have, if not the true ones */
export function zipOf(members: readonly (readonly [name: string, content: Uint8Array])[], said?: number): Uint8Array {
  const pieces: Uint8Array[] = [], directory: Uint8Array[] = [];
  let at = 0;
  for (const [name, content] of members) {
    const packed = deflateRawSync(content), letters = utf8(name);
    const common = [[2, 20], [2, 0], [2, 8], [4, 0], [4, crc32(content)], [4, packed.length], [
      4,
      said ?? content.length,
    ]] as const;
    const local = joinedBytes([header([4, 0x04034b50], ...common, [2, letters.length], [2, 0]), letters, packed]);
    const rest = [[2, letters.length], [2, 0], [2, 0], [2, 0], [2, 0], [4, 0], [4, at]] as const;
    directory.push(header([4, 0x02014b50], [2, 20], ...common, ...rest), letters);
    pieces.push(local);
    at += local.length;
  }
  const list = joinedBytes(directory), count = members.length;
  const end = header([4, 0x06054b50], [2, 0], [2, 0], [2, count], [2, count], [4, list.length], [4, at], [2, 0]);
  return joinedBytes([...pieces, list, end]);
}

/** An array of float32 as NumPy writes it. @param shape as its header has it, such as "2, 3" */
export function npyOf(values: readonly number[], shape = `${values.length},`): Uint8Array {
  const head = utf8(`{'descr': '<f4', 'fortran_order': False, 'shape': (${shape}), }\n`);
  const data = new Uint8Array(Float32Array.from(values).buffer);
  return joinedBytes([latin("\x93NUMPY\x02\0"), header([4, head.length]), head, data]);
}

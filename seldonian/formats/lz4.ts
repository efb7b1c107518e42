/**
 * Unpacks an LZ4 frame, as in Arrow files. No maintained package for it reports broken data.
 * Source: the LZ4 frame format 1.6 and the LZ4 block format, as the authors of LZ4 document them; checksums are ignored.
 * @param size of the contents
 * @throws {RangeError} for another format, or contents of another size
 */
export function unpackedLz4(frame: Uint8Array, size: number): Uint8Array {
  const view = new DataView(frame.buffer, frame.byteOffset, frame.byteLength);
  const flags = frame[4], hasBlockSums = flags & 16, hasSize = flags & 8, hasDictionary = flags & 1;
  // A byte gives at most 255; a greater size would fill the memory.
  if (view.getUint32(0, true) !== 0x184d2204 || flags >> 6 !== 1 || size > 255 * frame.length) throw broken();
  const to = new Uint8Array(size);
  let from = 7 + (hasSize ? 8 : 0) + (hasDictionary ? 4 : 0), at = 0;
  for (;;) {
    const head = view.getUint32(from, true), length = head & 0x7fffffff, stored = head !== length;
    if (head === 0) break;
    const block = frame.subarray(from + 4, from + 4 + length);
    if (block.length < length || (stored && at + length > size)) throw broken();
    if (stored) to.set(block, at);
    at = stored ? at + length : unpackBlock(block, to, at);
    from += 4 + length + (hasBlockSums ? 4 : 0);
  }
  if (at !== size) throw broken();
  return to;
}

/** Appends the contents of a block to those of earlier blocks; returns their end. */
function unpackBlock(block: Uint8Array, to: Uint8Array, at: number): number {
  let from = 0;
  const lengthFrom = (length: number) => {
    if (length < 15) return length;
    let more: number;
    do length += more = block[from++]; while (more === 255);
    return length;
  };
  while (from < block.length) {
    const token = block[from++], literals = lengthFrom(token >> 4);
    if (!(from + literals <= block.length && at + literals <= to.length)) throw broken();
    to.set(block.subarray(from, from + literals), at);
    from += literals;
    at += literals;
    if (from === block.length) break;
    const back = block[from] | block[from + 1] << 8;
    from += 2;
    const length = lengthFrom(token & 15) + 4;
    if (!(back > 0 && back <= at && at + length <= to.length)) throw broken();
    if (back >= length) to.copyWithin(at, at - back, at - back + length);
    else for (let i = at; i < at + length; i++) to[i] = to[i - back];
    at += length;
  }
  return at;
}

function broken(): RangeError {
  return new RangeError("its LZ4 packing is broken");
}

const table = Uint32Array.from({ length: 256 }, (_, value) => {
  for (let bit = 0; bit < 8; bit++) value = value & 1 ? (value >>> 1) ^ 0xedb88320 : value >>> 1;
  return value;
});

/** The CRC-32 of bytes that follow those with checksum `sum` (RFC 1952, section 8), as gzip, zip and Parquet have it. */
export function crc32(bytes: Uint8Array, sum = 0): number {
  sum = ~sum;
  for (let i = 0; i < bytes.length; i++) sum = (sum >>> 8) ^ table[(sum ^ bytes[i]) & 255];
  return ~sum >>> 0;
}

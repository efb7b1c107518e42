/**
 * The only file of the kit with `npm:` specifiers, each version pinned: a module imported from a URL sees no import map.
 * Heavy packages are functions that load them on use.
 * @module
 */
export { default as ndarray } from "npm:ndarray@1.0.19";
export { default as ndarrayOps } from "npm:ndarray-ops@1.2.2";
export { mersenne } from "npm:pure-rand@8.4.2/generator/mersenne";
export { uniformFloat64 } from "npm:pure-rand@8.4.2/distribution/uniformFloat64";
export { uniformInt } from "npm:pure-rand@8.4.2/distribution/uniformInt";
// One by one, so that bundlers leave out the rest; they are used by `import * as v from "deps.ts"`.
export {
  array,
  boolean,
  description,
  finite,
  gtValue,
  integer,
  length,
  literal,
  ltValue,
  minLength,
  minValue,
  nonEmpty,
  nullable,
  number,
  object,
  optional,
  parse,
  picklist,
  pipe,
  record,
  regex,
  safeInteger,
  safeParse,
  strictObject,
  string,
  transform,
  tuple,
  union,
  unknown,
  variant,
} from "npm:valibot@1.5.0";
export type { GenericSchema, InferInput, InferOutput } from "npm:valibot@1.5.0";

export { equalIntervalBreaks, median, modeFast, quantileSorted, sampleCorrelation } from "npm:simple-statistics@7.12.1";

/** Random numbers of pure-rand. */
export interface RandomGenerator {
  /** One that goes on from here by itself. */
  clone(): RandomGenerator;
  /** The next whole number, uniform from -2^31 to 2^31 - 1. */
  next(): number;
  /** What it goes on from. */
  getState(): readonly number[];
}

import { dsvFormat as untypedDsvFormat } from "npm:d3-dsv@3.0.1";

/** What the kit uses of d3-dsv, which has no types of its own. */
export const dsvFormat: (separator: string) => { parseRows(text: string): string[][] } = untypedDsvFormat;

/** What the kit uses of Observable Plot, whose own types need those of a browser's document. */
export interface PlotLibrary {
  plot(options: Record<string, unknown>): { innerHTML: string };
  lineY(data: readonly unknown[], options: Record<string, unknown>): unknown;
  rectY(data: readonly unknown[], options: Record<string, unknown>): unknown;
  ruleY(data: readonly unknown[], options: Record<string, unknown>): unknown;
  dot(data: readonly unknown[], options: Record<string, unknown>): unknown;
  text(data: readonly unknown[], options: Record<string, unknown>): unknown;
}

/** Observable Plot, and a document to draw in. */
export async function loadPlot(): Promise<{ Plot: PlotLibrary; document: unknown }> {
  const [Plot, { parseHTML }] = await Promise.all([
    import("npm:@observablehq/plot@0.6.17"),
    import("npm:linkedom@0.18.15"),
  ]);
  return {
    Plot: Plot as unknown as PlotLibrary,
    document: (parseHTML("<html></html>") as unknown as { document: unknown }).document,
  };
}

/** What the kit uses of cli-progress. */
export interface ProgressBar {
  start(total: number, value: number, payload: Record<string, string>): void;
  update(value: number, payload: Record<string, string>): void;
  stop(): void;
}

/** A progress bar on the terminal's standard error. */
export async function loadProgressBar(format: string): Promise<ProgressBar> {
  const { SingleBar, Presets } = (await import("npm:cli-progress@3.12.0")).default;
  return new SingleBar(
    { format, hideCursor: null, clearOnComplete: true, etaBuffer: 50 },
    Presets.shades_classic,
  ) as unknown as ProgressBar;
}

/** What the kit uses of hyparquet. */
export interface ParquetLibrary {
  parquetMetadataAsync(file: ParquetFile): Promise<{ num_rows: bigint }>;
  parquetReadObjects(
    options: {
      file: ParquetFile;
      metadata: unknown;
      compressors: unknown;
      rowStart: number;
      rowEnd: number;
      columns?: string[];
      parsers?: ParquetParsers;
    },
  ): Promise<Record<string, unknown>[]>;
  compressors: unknown;
}

/** What values become whose types are more than their bytes. */
export interface ParquetParsers {
  timestampFromMilliseconds(ticks: bigint): unknown;
  timestampFromMicroseconds(ticks: bigint): unknown;
  timestampFromNanoseconds(ticks: bigint): unknown;
  dateFromDays(days: number): unknown;
  stringFromBytes(bytes: Uint8Array | undefined): unknown;
}

/** Bytes that are read where they are needed. */
export interface ParquetFile {
  byteLength: number;
  slice(start: number, end?: number): Promise<ArrayBuffer> | ArrayBuffer;
}

/** Hyparquet with all compressions. */
export async function loadParquet(): Promise<ParquetLibrary> {
  const [{ parquetMetadataAsync, parquetReadObjects }, { compressors }] = await Promise.all([
    load("hyparquet", "1.31.5"),
    load("hyparquet-compressors", "1.1.2"),
  ]);
  return { parquetMetadataAsync, parquetReadObjects, compressors };
}

/** Unpacks a zip archive into its files. */
export async function loadUnzip(): Promise<(bytes: Uint8Array) => Record<string, Uint8Array>> {
  return (await load("fflate", "0.8.3")).unzipSync;
}

/** What the kit uses of fflate's reader of gzip. */
export type Gunzip = new (ready: (piece: Uint8Array) => void) => {
  push(packed: Uint8Array, last: boolean): void;
  /** Called where another member begins, after the one before was given. */
  onmember?: (start: number) => void;
};

/** Unpacks gzip piece by piece; it does not look at checksums. */
export async function loadGunzip(): Promise<Gunzip> {
  return (await load("fflate", "0.8.3")).Gunzip;
}

/** What the kit uses of flechette. */
export interface ArrowLibrary {
  tableFromIPC(bytes: Uint8Array, options: Readonly<Record<string, boolean>>): ArrowTable;
  setCompressionCodec(id: number, codec: { encode: null; decode(packed: Uint8Array, size: number): Uint8Array }): void;
}

/** A table as flechette has it. */
export interface ArrowTable {
  schema: { endianness: number; fields: { name: string; type: ArrowType }[] };
  getChildAt(place: number): Iterable<unknown> & { length: number; data: readonly ArrowBatch[] };
}

/** Rows of a column, and where their values are: of nulls nowhere. */
export interface ArrowBatch {
  length: number;
  values?: { byteLength: number };
  offsets?: { byteLength: number };
}

/** What is used of a column's type. */
export interface ArrowType {
  typeId: number;
  precision?: number;
  scale?: number;
  unit?: number;
  dictionary?: ArrowType;
}

/** Flechette, and a decompressor of Zstandard. Its 2.7.0 wants a package that the npm registry does not have. */
export async function loadArrow(): Promise<{ arrow: ArrowLibrary; unzstd: (packed: Uint8Array, to: Uint8Array) => Uint8Array }> {
  const [arrow, { decompress }] = await Promise.all([load("@uwdata/flechette", "2.6.0"), load("fzstd", "0.1.1")]);
  // A CommonJS package, as jsonc-parser.
  return { arrow: arrow.tableFromIPC === undefined ? arrow.default : arrow, unzstd: decompress };
}

/** What the kit uses of jsonc-parser: the places of a JSON text's parts. */
export interface JsonParser {
  parseTree(text: string, errors: { error: number; offset: number }[], options: Record<string, boolean>): JsonNode | undefined;
  findNodeAtLocation(root: JsonNode, path: (string | number)[]): JsonNode | undefined;
  printParseErrorCode(code: number): string;
}

/** A part of a JSON text. */
export interface JsonNode {
  offset: number;
}

/** Finds the places of a JSON text's parts. */
export async function loadJsonParser(): Promise<JsonParser> {
  const loaded = await load("jsonc-parser", "3.3.1");
  // It is a CommonJS package, whose names some runtimes give under `default`.
  return loaded.parseTree === undefined ? loaded.default : loaded;
}

/** The kernel compiler for graphics cards, with no build of its own: some runtimes would fetch a hundred packages besides. */
export function loadGpu(): Promise<unknown> {
  return load("gpu.js", "2.24.1");
}

/** Turns schemas of valibot into JSON Schema. */
export async function loadJsonSchema(): Promise<(schema: unknown, options: Record<string, string>) => Record<string, unknown>> {
  return (await load("@valibot/to-json-schema", "1.8.0")).toJsonSchema;
}

/**
 * Imports a package by a specifier that is put together, so that Deno fetches it at its first use, and not with the kit.
 * Elsewhere packages are installed beforehand, and have their plain names.
 */
// deno-lint-ignore no-explicit-any
function load(name: string, version: string): Promise<any> {
  return import("Deno" in globalThis ? `npm:${name}@${version}` : name);
}

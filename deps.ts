/**
 * The only file of the kit with `npm:` specifiers, with pinned versions: a module imported from a URL has no import map.
 * Heavy packages are loaded on use, by functions.
 * @module
 */
export { default as ndarray } from "npm:ndarray@1.0.19";
export { mersenne } from "npm:pure-rand@8.2.0/generator/mersenne";
export { uniformFloat64 } from "npm:pure-rand@8.2.0/distribution/uniformFloat64";
export { uniformInt } from "npm:pure-rand@8.2.0/distribution/uniformInt";
// Named exports, so that bundlers drop the rest; used with `import * as v from "deps.ts"`.
export {
  array,
  boolean,
  check,
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
import { type GenericSchema, record as ordinaryRecord, type RecordSchema } from "npm:valibot@1.5.0";

/** The library's record drops these names, which a group or a column may have. */
const dropped = ["__proto__", "prototype", "constructor"],
  mark = "\0",
  renamed = (given: object, named: (name: string) => string) =>
    Object.fromEntries(Object.entries(given).map(([name, value]) => [named(name), value]));

/** The schema of an object with any names, all of which are kept, in their order. */
export function record<Key extends GenericSchema<string>, Value extends GenericSchema>(
  key: Key,
  value: Value,
): RecordSchema<Key, Value, undefined> {
  const schema = ordinaryRecord(key, value), { "~run": run } = schema;
  return Object.assign(schema, {
    "~run"(...[dataset, config]: Parameters<typeof run>): ReturnType<typeof run> {
      const { value } = dataset;
      if (typeof value !== "object" || value === null || !dropped.some((name) => Object.hasOwn(value, name))) {
        return run.call(schema, dataset, config);
      }
      dataset.value = renamed(value, (name) => dropped.includes(name) ? mark + name : name);
      const found = run.call(schema, dataset, config), own = (name: string) => name.replace(mark, "");
      found.value = renamed(found.value as object, own);
      for (const { path } of found.issues ?? []) if (path) Object.assign(path[0], { key: own(`${path[0].key}`) });
      return found;
    },
  });
}

export { equalIntervalBreaks, median, modeFast, quantileSorted, sampleCorrelation } from "npm:simple-statistics@7.12.1";

/** A random number generator of pure-rand. */
export interface RandomGenerator {
  /** An independent copy with the same state. */
  clone(): RandomGenerator;
  /** The next whole number, uniform from -2^31 to 2^31 - 1. */
  next(): number;
  /** Its state. */
  getState(): readonly number[];
}

import { dsvFormat as untypedDsvFormat } from "npm:d3-dsv@3.0.1";

/** The part of d3-dsv that the kit uses; the package has no types. */
export const dsvFormat: (separator: string) => { parseRows(text: string): string[][] } = untypedDsvFormat;

/** The part of Observable Plot that the kit uses; the package's types need browser types. */
export interface PlotLibrary {
  plot(options: Record<string, unknown>): { innerHTML: string };
  areaY(data: readonly unknown[], options: Record<string, unknown>): unknown;
  lineY(data: readonly unknown[], options: Record<string, unknown>): unknown;
  rectY(data: readonly unknown[], options: Record<string, unknown>): unknown;
  ruleX(data: readonly unknown[], options: Record<string, unknown>): unknown;
  ruleY(data: readonly unknown[], options: Record<string, unknown>): unknown;
  dot(data: readonly unknown[], options: Record<string, unknown>): unknown;
  text(data: readonly unknown[], options: Record<string, unknown>): unknown;
}

/** Loads Observable Plot, and a document to draw in. */
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

/** The part of cli-progress that the kit uses. */
export interface ProgressBar {
  start(total: number, value: number, payload: Record<string, string>): void;
  update(value: number, payload: Record<string, string>): void;
  stop(): void;
}

/** Loads a progress bar for the terminal's standard error. */
export async function loadProgressBar(format: string): Promise<ProgressBar> {
  const { SingleBar, Presets } = (await import("npm:cli-progress@3.12.0")).default;
  return new SingleBar(
    { format, hideCursor: null, clearOnComplete: true, etaBuffer: 50 },
    Presets.shades_classic,
  ) as unknown as ProgressBar;
}

/** The part of hyparquet that the kit uses. */
export interface ParquetLibrary {
  parquetMetadataAsync(file: ParquetFile): Promise<{ num_rows: bigint } & Partial<ParquetMetadata>>;
  parquetRead(
    options: {
      file: ParquetFile;
      metadata: unknown;
      compressors: Compressors;
      rowStart: number;
      rowEnd: number;
      columns: string[];
      parsers: ParquetParsers;
      /** Receives values of some rows of one column. */
      onChunk(part: ParquetPart): void;
    },
  ): Promise<void>;
  compressors: Compressors;
}

/** Unpackers by the names of compressions; there is none for "UNCOMPRESSED". */
export type Compressors = Readonly<Record<string, (packed: Uint8Array, size: number) => Uint8Array>>;

/** Consecutive values of a column, those before and after the wanted rows included. */
export interface ParquetPart {
  columnName: string;
  columnData: ArrayLike<unknown>;
  /** The row of the first. */
  rowStart: number;
}

/** The part of a file's metadata that the kit uses. */
export interface ParquetMetadata {
  num_rows: bigint;
  /** Parts of the columns' tree, each before its children. */
  schema: readonly ParquetColumn[];
  row_groups: readonly ParquetRowGroup[];
}

/** The used parts of a schema's elements. */
export interface ParquetColumn {
  name: string;
  type?: string;
  converted_type?: string;
  logical_type?: { type: string };
  repetition_type?: string;
  scale?: number;
  num_children?: number;
}

/** The places of some rows' columns. */
export interface ParquetRowGroup {
  num_rows: bigint;
  columns: readonly {
    meta_data?: {
      path_in_schema?: readonly string[];
      /** The name of the compression. */
      codec: string;
      dictionary_page_offset?: bigint;
      data_page_offset: bigint;
      total_compressed_size: bigint;
    };
  }[];
}

/** Conversions of values with logical types. */
export interface ParquetParsers {
  timestampFromMilliseconds(ticks: bigint): unknown;
  timestampFromMicroseconds(ticks: bigint): unknown;
  timestampFromNanoseconds(ticks: bigint): unknown;
  dateFromDays(days: number): unknown;
  stringFromBytes(bytes: Uint8Array | undefined): unknown;
}

/** A file that is read in parts. */
export interface ParquetFile {
  byteLength: number;
  slice(start: number, end?: number): Promise<ArrayBuffer> | ArrayBuffer;
}

/** Loads hyparquet with all compressions. */
export async function loadParquet(): Promise<ParquetLibrary> {
  const [{ parquetMetadataAsync, parquetRead }, { compressors }] = await Promise.all([
    load("hyparquet", "1.31.5"),
    load("hyparquet-compressors", "1.1.2"),
  ]);
  return { parquetMetadataAsync, parquetRead, compressors };
}

/** A column to write to a Parquet file. */
export interface WrittenColumn {
  name: string;
  type: "STRING" | "INT32" | "DOUBLE" | "BOOLEAN";
  /** Whether values may be `null`. */
  nullable?: boolean;
  data: readonly unknown[];
}

/** Loads a function of hyparquet's writer, which writes columns as a Parquet file. */
export async function loadParquetWriter(): Promise<(options: { columnData: readonly WrittenColumn[] }) => ArrayBuffer> {
  return (await load("hyparquet-writer", "0.17.0")).parquetWriteBuffer;
}

/** The part of fflate's reader of zip archives that the kit uses. */
export type Unzip = (
  bytes: Uint8Array,
  options: { filter(member: { name: string; originalSize: number }): boolean },
) => Record<string, Uint8Array>;

/** Loads a function that unpacks a zip archive into its files. It does not check checksums. */
export async function loadUnzip(): Promise<Unzip> {
  return (await load("fflate", "0.8.3")).unzipSync;
}

/** Loads a function that packs files into a zip archive. */
export async function loadZip(): Promise<(files: Record<string, Uint8Array>, options: { level: 0 }) => Uint8Array> {
  return (await load("fflate", "0.8.3")).zipSync;
}

/** The part of fflate's gzip reader that the kit uses. */
export type Gunzip = new (ready: (piece: Uint8Array) => void) => {
  push(packed: Uint8Array, last: boolean): void;
  /** Called at the start of another member, after the previous one was delivered. */
  onmember?: (start: number) => void;
};

/** Loads a class that unpacks gzip piece by piece, without checking checksums. */
export async function loadGunzip(): Promise<Gunzip> {
  return (await load("fflate", "0.8.3")).Gunzip;
}

/** The part of flechette that the kit uses. */
export interface ArrowLibrary {
  tableFromIPC(bytes: Uint8Array, options: Readonly<Record<string, boolean>>): ArrowTable;
  setCompressionCodec(id: number, codec: { encode: null; decode(packed: Uint8Array, size: number): Uint8Array }): void;
}

/** A flechette table. */
export interface ArrowTable {
  schema: { endianness: number; fields: { name: string; type: ArrowType }[] };
  getChildAt(place: number): Iterable<unknown> & { length: number; data: readonly ArrowBatch[] };
}

/** Rows of a column, and the buffers of their values; nulls have none. */
export interface ArrowBatch {
  length: number;
  values?: { byteLength: number };
  offsets?: { byteLength: number };
}

/** The part of a column's type that the kit uses. */
export interface ArrowType {
  typeId: number;
  precision?: number;
  scale?: number;
  unit?: number;
  dictionary?: ArrowType;
}

/** Loads flechette and a Zstandard decompressor. Flechette 2.7.0 needs a package that is missing from the npm registry. */
export async function loadArrow(): Promise<{ arrow: ArrowLibrary; unzstd: (packed: Uint8Array, to: Uint8Array) => Uint8Array }> {
  const [arrow, { decompress }] = await Promise.all([load("@uwdata/flechette", "2.6.0"), load("fzstd", "0.1.1")]);
  // A CommonJS package, like jsonc-parser.
  return { arrow: arrow.tableFromIPC === undefined ? arrow.default : arrow, unzstd: decompress };
}

/** The part of jsonc-parser that the kit uses: positions of a JSON text's parts. */
export interface JsonParser {
  parseTree(text: string, errors: { error: number; offset: number }[], options: Record<string, boolean>): JsonNode | undefined;
  findNodeAtLocation(root: JsonNode, path: (string | number)[]): JsonNode | undefined;
  printParseErrorCode(code: number): string;
}

/** A part of a JSON text. */
export interface JsonNode {
  offset: number;
}

/** Loads a parser that finds positions of a JSON text's parts. */
export async function loadJsonParser(): Promise<JsonParser> {
  const loaded = await load("jsonc-parser", "3.3.1");
  // A CommonJS package: some runtimes put its names under `default`.
  return loaded.parseTree === undefined ? loaded.default : loaded;
}

/** Loads gpu.js, the kernel compiler for graphics cards. It is not a dependency: it brings a hundred packages. */
export function loadGpu(): Promise<unknown> {
  return load("gpu.js", "2.24.1");
}

/** The part of node-postgres that the kit uses: connections that are made on use. */
export interface PostgresPool {
  query(text: string, values?: readonly unknown[]): Promise<{ rows: Record<string, unknown>[] }>;
  connect(): Promise<PostgresClient>;
  on(event: "error", hear: (error: Error) => void): void;
  on(event: "connect", hear: (client: { on(event: "error", hear: () => void): void }) => void): void;
  end(): Promise<void>;
}

/** One connection of a pool, which `release` gives back; with an error, it is ended. */
export interface PostgresClient {
  query(text: string, values?: readonly unknown[]): Promise<{ rows: Record<string, unknown>[] }>;
  release(error?: Error): void;
}

/** Loads node-postgres. It is not a dependency, like all that talks to servers: few need it. */
export async function loadPostgres(): Promise<new (options: Record<string, unknown>) => PostgresPool> {
  return (await load("pg", "8.23.1")).default.Pool;
}

/** The part of ioredis that the kit uses. */
export interface RedisConnection {
  connect(): Promise<void>;
  on(event: "error", hear: (error: Error) => void): void;
  disconnect(): void;
}

/** Loads ioredis, the client of Redis that BullMQ is made for. */
export async function loadRedis(): Promise<new (url: string, options: Record<string, unknown>) => RedisConnection> {
  return (await load("ioredis", "6.0.0")).Redis;
}

/** The part of BullMQ that the kit uses: queues of jobs in Redis or Postgres. */
export interface QueueLibrary {
  Queue: new (...place: QueuePlace) => JobQueue;
  QueueEvents: new (...place: QueuePlace) => QueuePart;
  Worker: new (name: string, work: (job: { data: unknown }) => Promise<string>, ...rest: unknown[]) => QueuePart;
  runMigrations(client: unknown): Promise<unknown>;
  createPostgresBackend: unknown;
}

/** A queue's name, its connection, and what it is kept in. */
export type QueuePlace = [name: string, options: { connection: unknown }, backend?: unknown];

/** A part of a queue. */
export interface QueuePart {
  on(event: "error", hear: (error: Error) => void): void;
  waitUntilReady(): Promise<unknown>;
  close(): Promise<void>;
}

/** A queue of jobs. */
export interface JobQueue extends QueuePart {
  setMaxListeners(most: number): void;
  add(name: string, data: unknown, options: Record<string, unknown>): Promise<QueueJob>;
}

/** A job in a queue. */
export interface QueueJob {
  waitUntilFinished(events: QueuePart, milliseconds: number): Promise<string>;
  isFailed(): Promise<boolean>;
  remove(): Promise<void>;
}

/** Loads BullMQ. */
export function loadQueue(): Promise<QueueLibrary> {
  return load("bullmq", "6.7.0");
}

/** The part of ONNX Runtime that the kit uses: onnxruntime-web, which onnxruntime-node is like. */
export interface OnnxRuntime {
  env: { wasm: { numThreads?: number } };
  InferenceSession: {
    create(file: Uint8Array): Promise<{
      run(
        inputs: Record<string, unknown>,
      ): Promise<Record<string, { data: ArrayLike<number | bigint>; dims: readonly number[] }>>;
      release(): Promise<void>;
    }>;
  };
  Tensor: new (type: string, data: unknown, dims: readonly number[]) => unknown;
}

/** Loads ONNX Runtime for the web, which runs on servers too. It is not a dependency: it has 130 MB. */
export async function loadOnnxRuntime(): Promise<OnnxRuntime> {
  const runtime = await load("onnxruntime-web", "1.30.0");
  // Threads would need permissions, and small models do not gain by them.
  runtime.env.wasm.numThreads = 1;
  return runtime;
}

/** The part of Hono that the kit uses: it finds the handler of a request by method and path. */
export interface HttpRouter {
  on(method: string, path: string, handle: (context: { req: { raw: Request } }) => Response | Promise<Response>): unknown;
  all(path: string, handle: (context: { req: { raw: Request } }) => Response | Promise<Response>): unknown;
  notFound(handle: () => Response): unknown;
  onError(handle: (error: Error) => Response): unknown;
  fetch(request: Request): Response | Promise<Response>;
}

/** Loads Hono. */
export async function loadHttp(): Promise<new () => HttpRouter> {
  return (await load("hono", "4.13.19")).Hono;
}

/** Loads a function that turns valibot schemas into JSON Schema. */
export async function loadJsonSchema(): Promise<(schema: unknown, options: Record<string, string>) => Record<string, unknown>> {
  return (await load("@valibot/to-json-schema", "1.8.0")).toJsonSchema;
}

/**
 * Imports a package by a computed specifier, so that Deno fetches it on first use, not with the kit. Other runtimes have
 * installed packages with plain names.
 */
// deno-lint-ignore no-explicit-any
function load(name: string, version: string): Promise<any> {
  return import("Deno" in globalThis ? `npm:${name}@${version}` : name);
}

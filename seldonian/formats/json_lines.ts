import { checkArgument, checkOptions, text as aText } from "../../autodiff/options.ts";
import { name, names } from "../data/data_kinds.ts";
import { bytesOfCell, checkColumnCount, checkContents, type Limits, limitsKind } from "../tables/limits.ts";
import { repeatedName } from "../../autodiff/repeated_name.ts";
import { JsonColumn, JsonObject, shownJson } from "./json_column.ts";
import { Table } from "../tables/table.ts";

/** How to read JSON. */
export interface JsonLinesOptions {
  /** Columns of numbers or truth values to read as texts, with their spelling. */
  text?: readonly string[];
  /** The file's name, for errors. */
  file?: string;
  /** What reading may cost. */
  limits?: Limits;
}

/**
 * Reads JSON Lines, one object a line, or one JSON array of objects. Numbers and texts are kept, truth values become 0 and 1.
 * Null values, and properties that an object lacks, are missing: a number NaN, a text "".
 * @throws {RangeError} for a line that is not an object, nested objects, and a file without rows, with the line
 * @throws {DataError} for a column of numbers and texts, and for integers beyond 2^53
 */
export function jsonLines(content: string, options: JsonLinesOptions = {}): Table {
  checkArgument("read JSON lines", "the text", content, aText);
  const known = { text: names, file: name, limits: limitsKind };
  const { text = [], file = "the file", limits } = checkOptions("read JSON lines", options, known), asText = new Set(text);
  const columns = new Map<string, JsonColumn>();
  let rows = 0;
  for (const object of content.trimStart().startsWith("[") ? partsOf(content, file) : linesOf(content)) {
    for (const [name, value] of Object.entries(objectIn(object, file))) {
      let column = columns.get(name);
      if (column === undefined) columns.set(name, column = new JsonColumn(name, asText, file));
      column.set(rows, value, object);
    }
    rows++;
  }
  checkColumnCount(file, columns.size, limits);
  // A row may lack properties of other rows.
  checkContents(file, content.length, bytesOfCell * rows * columns.size, limits);
  if (rows === 0) throw new RangeError(`Cannot read ${file}: there are no rows`);
  const unknown = text.find((name) => !columns.has(name));
  if (unknown !== undefined) {
    const known = [...columns.keys()].map((name) => `"${name}"`).join(", ");
    throw new RangeError(`Cannot find the column "${unknown}" of text: there are ${known}`);
  }
  return new Table(new Map(Array.from(columns, ([name, column]) => [name, column.values(rows)])));
}

function* linesOf(content: string): Generator<JsonObject> {
  let line = 0;
  for (const json of content.split("\n")) {
    line++;
    if (json.trim() !== "") yield new JsonObject(json, line);
  }
}

/** The elements of an array: the parts between its commas, outside texts and nested parts. */
function* partsOf(content: string, file: string): Generator<JsonObject> {
  let depth = 0, start = content.indexOf("[") + 1, line = linesIn(content.slice(0, start)), isFirst = true;
  for (const { 0: token, index } of content.matchAll(/"[^"\\]*(?:\\.[^"\\]*)*"|[[\]{},]/g)) {
    if (depth === 1 && (token === "," || token === "]")) {
      const json = content.slice(start, index), isEmpty = json.trim() === "" && isFirst && token === "]";
      if (!isEmpty) yield new JsonObject(json, line + linesIn(json.slice(0, json.search(/\S|$/))) - 1);
      line += linesIn(json) - 1;
      start = index + 1;
      isFirst = false;
    }
    if (token === "[" || token === "{") depth++;
    if (token === "]" || token === "}") depth--;
    if (depth > 0) continue;
    if (content.slice(start).trim() === "") return;
    throw new RangeError(`Cannot read ${file}: something follows the array that ends in line ${line}`);
  }
  throw new RangeError(`Cannot read ${file}: the array has no end`);
}

function linesIn(text: string): number {
  return text.split("\n").length;
}

function objectIn({ json, line }: JsonObject, file: string): Record<string, unknown> {
  let value: unknown;
  try {
    value = JSON.parse(json);
  } catch (error) {
    throw new RangeError(`Cannot read ${file}: line ${line} is not a JSON object (${(error as Error).message})`, {
      cause: error,
    });
  }
  const twice = repeatedName(json);
  if (twice !== undefined) throw new RangeError(`Cannot read ${file}: line ${line} has "${twice.name}" twice`);
  if (typeof value === "object" && value !== null && !Array.isArray(value)) return value as Record<string, unknown>;
  throw new RangeError(`Cannot read ${file}: line ${line} has ${shownJson(value)}; wanted an object, such as {"age": 30}`);
}

import { parseArgs } from "node:util";
import { nearestTo } from "../../autodiff/nearest.ts";
import { flagged } from "../data/data_error.ts";
import type { ReadOptions } from "../formats/read_options.ts";
import { readTable } from "../formats/read_table.ts";
import type { Table } from "../tables/table.ts";
import { usage } from "./usage.ts";

/** The reading options that a command takes as flags, for a table without a spec. */
export const readFlags: readonly string[] = [...flagged];

/** Reads a table with the options in flags. */
export function tableAt(file: string, bytes: Uint8Array, values: Readonly<Record<string, string | undefined>>): Promise<Table> {
  const said = readFlags.flatMap((name) => values[name] === undefined ? [] : [[name, optionOf(name, values[name])]]);
  return readTable(bytes, { file, ...Object.fromEntries(said) as ReadOptions });
}

/** A tab is written as \t, lists with commas. */
function optionOf(name: string, text: string): string | string[] | number[] {
  if (name === "skipLines") return text.split(",").map(Number);
  if (name === "text" || name === "header") return text.split(",");
  return text === "\\t" ? "\t" : text;
}

/**
 * Flags by name, and exactly one further argument.
 * @throws {TypeError} as {@link checkedFlags}, and with `otherwise` for another number of arguments
 */
export function parsedFlags(
  args: string[],
  flags: readonly string[],
  otherwise = usage,
): { file: string; values: Record<string, string | undefined>; quiet: boolean } {
  const options = Object.fromEntries(
    flags.map((flag) => [flag, { type: flag === "quiet" ? "boolean" as const : "string" as const }]),
  );
  const { values, positionals } = parseArgs({ args: checkedFlags(args, flags), options, allowPositionals: true });
  if (positionals.length !== 1) throw new TypeError(otherwise);
  const { quiet = false, ...texts } = values;
  return { file: positionals[0], values: texts as Record<string, string | undefined>, quiet: quiet === true };
}

/**
 * The same arguments.
 * @throws {TypeError} for an unknown flag, with the nearest, for one without a value, and for one that is given twice
 */
export function checkedFlags(args: readonly string[], flags: readonly string[]): string[] {
  const seen = new Set<string>();
  for (const [i, arg] of args.entries()) {
    if (arg === "--") break;
    if (!arg.startsWith("--")) continue;
    const [name, value = args[i + 1]] = arg.slice(2).split("=");
    if (!flags.includes(name)) {
      const known = flags.length === 0 ? "it takes none" : `there are ${flags.map((flag) => `--${flag}`).join(", ")}`;
      throw new TypeError(`Cannot read the flag --${name}: ${nearestTo(name, flags)?.replace('"', '"--') ?? known}`);
    }
    if (name !== "quiet" && (value === undefined || value.startsWith("--"))) {
      throw new TypeError(`Cannot read --${name}: it has no value`);
    }
    if (seen.has(name)) throw new TypeError(`Cannot read --${name}: it is given twice`);
    seen.add(name);
  }
  return [...args];
}

/**
 * The number of a flag.
 * @throws {RangeError} for another text
 */
export function numberIn(flag: string, text: string): number {
  const value = Number(text);
  if (text.trim() !== "" && Number.isFinite(value)) return value;
  throw new RangeError(`Cannot read --${flag} ${text}: wanted a number`);
}

/**
 * The two numbers of a range.
 * @throws {RangeError} for another text
 */
export function rangeIn(text: string): readonly [number, number] {
  const [low, high, ...more] = text.split(",").map((part) => part.trim() === "" ? NaN : Number(part));
  if (low < high && more.length === 0) return [low, high];
  throw new RangeError(`Cannot read --range ${text}: wanted the least and the greatest possible value, as in --range 0,1`);
}

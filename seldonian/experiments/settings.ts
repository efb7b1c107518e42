import { Tensor } from "../../autodiff/mod.ts";
import { mersenne } from "../../deps.ts";
import { Parameter } from "../../nn/parameter.ts";
import { digestOf, sha256 } from "../data/digest.ts";
import { DataSet } from "../data/data_set.ts";

/**
 * A digest of settings: numbers and texts count by value, functions by their text and properties, data by its rows, parameters
 * without values by what their initializer draws, and other objects by class and fields.
 */
export async function settingsDigest(settings: unknown): Promise<string> {
  return await sha256(JSON.stringify(await plain(settings, new Set())));
}

async function plain(value: unknown, above: Set<unknown>): Promise<unknown> {
  if (typeof value === "function") {
    const fields = Object.entries(value);
    return { function: `${value}`, ...fields.length > 0 && { fields: await plain({ ...value }, new Set([...above, value])) } };
  }
  if (typeof value === "bigint" || typeof value === "symbol") return { [typeof value]: String(value) };
  if (typeof value === "number") {
    return Object.is(value, -0) || !Number.isFinite(value) ? { number: Object.is(value, -0) ? "-0" : `${value}` } : value;
  }
  if (typeof value !== "object" || value === null) return value;
  // A circle says nothing new.
  if (above.has(value)) return "above";
  if (value instanceof DataSet) return { data: await digestOf(value) };
  if (value instanceof Parameter && !value.filled) {
    const { shape, requiresGrad, initial } = value, random = mersenne(0);
    return { parameter: [shape, requiresGrad, Array.from({ length: 4 }, (_, place) => initial(random, place))] };
  }
  // A frozen parameter is not trained.
  if (value instanceof Tensor) return { tensor: [value.shape, value.dtype, value.requiresGrad, [...value.data]] };
  // These have no fields.
  if (value instanceof RegExp) return { pattern: `${value}` };
  if (value instanceof Date || value instanceof URL) return { text: value.toJSON() };
  if (value instanceof ArrayBuffer) return { bytes: [...new Uint8Array(value)] };
  const inside = new Set([...above, value]);
  if (ArrayBuffer.isView(value) || Array.isArray(value)) {
    return await Promise.all(Array.from(value as unknown as ArrayLike<unknown>, (one) => plain(one, inside)));
  }
  const made = Object.getPrototypeOf(value)?.constructor?.name ?? "";
  if (value instanceof Map || value instanceof Set) return { [made]: await plain([...value], inside) };
  const fields = await Promise.all(
    Object.entries(value).map(async ([name, one]) => [`${name}`, await plain(one, inside)] as const),
  );
  return { [made]: Object.fromEntries(fields.toSorted(([a], [b]) => a < b ? -1 : a > b ? 1 : 0)) };
}

/** Settings as a short text for readers: functions by their name, models and data by their class. */
export function shownSettings(settings: unknown): string {
  const above: unknown[] = [];
  return JSON.stringify(settings, function (this: unknown, _, value) {
    // What holds this value is the last of those above that are not closed.
    above.length = above.indexOf(this) + 1;
    if (above.includes(value)) return "above";
    above.push(value);
    if (typeof value === "function") return value.name || "a function";
    if (typeof value === "bigint") return `${value}`;
    const made = typeof value === "object" && value !== null ? Object.getPrototypeOf(value)?.constructor?.name : undefined;
    return made === undefined || made === "Object" || made === "Array" ? value : made;
  }) ?? "not told";
}

import { nearestTo } from "./nearest.ts";

/*
 * What functions may be told. Types say it to a program that is checked; of another a message must, before a misspelt option is ignored,
 * or a value of another kind fails where nobody knows its name.
 */

/** What a value may be. */
export interface Kind {
  /** In words. */
  readonly wanted: string;
  /** What `typeof` says of it, where that is one thing. */
  readonly type?: "boolean" | "function" | "number" | "object" | "string";
  /** Whether it may be this one; default: any of the type. */
  holds?(value: unknown, given: object): boolean;
  /** The texts that it may be. */
  readonly names?: readonly string[];
  /** Whether there is no default. */
  readonly needed?: boolean;
}

/** What each option of an interface may be. The compiler compares it with the interface. */
export type Known<Options> = { readonly [Name in keyof Options]-?: Kind };

/** What is looked at where it is used. */
export const anything: Kind = { wanted: "something" };

/** Options that may come along and are not looked at. */
export function ignored(known: Readonly<Record<string, unknown>>): Record<string, Kind> {
  return Object.fromEntries(Object.keys(known).map((name) => [name, anything]));
}
/** True or false. */
export const truth: Kind = { type: "boolean", wanted: "true or false" };
/** Any number, be it NaN. */
export const number: Kind = { type: "number", wanted: "a number" };
/** A finite number. */
export const finite: Kind = { type: "number", wanted: "a finite number", holds: Number.isFinite };
/** A text. */
export const text: Kind = { type: "string", wanted: "a text" };
/** A function, no class. */
export const callable: Kind = { type: "function", wanted: "a function", holds: isFunction };
/** A list. */
export const list: Kind = { type: "object", wanted: "a list", holds: Array.isArray };
/** Values by name. */
export const record: Kind = { type: "object", wanted: "an object", holds: isRecord };
/** A list or a typed array. */
export const numbers: Kind = {
  type: "object",
  wanted: "a list of numbers",
  holds: (value) => Array.isArray(value) || ArrayBuffer.isView(value),
};
/** The ends of a range. */
export const interval: Kind = {
  type: "object",
  wanted: "a list of two numbers, the least and the greatest",
  holds: (value) => Array.isArray(value) && value.length === 2 && value.every((end) => typeof end === "number"),
};
/** The bytes of a file. */
export const bytes: Kind = { type: "object", wanted: "its bytes, a Uint8Array", holds: (value) => value instanceof Uint8Array };
/** Where random numbers come from. */
export const generator: Kind = {
  type: "object",
  wanted: "random numbers, an object with next() as pure-rand makes it",
  holds: (value) => typeof (value as { next?: unknown } | null)?.next === "function",
};
/** What has a value for each row. */
export const perRow: Kind = {
  type: "object",
  wanted: "a list with a value for each row, as table.column(…) gives",
  holds: (value) => value !== null && "length" in (value as object),
};
/** A number above 0. */
export const positive: Kind = { type: "number", wanted: "a number above 0", holds: (value) => (value as number) > 0 };
/** A number from 0 on. */
export const notNegative: Kind = { type: "number", wanted: "a number from 0", holds: (value) => (value as number) >= 0 };

/** A number between 0 and 1. */
export const fraction: Kind = {
  type: "number",
  wanted: "a number between 0 and 1",
  holds: (value) => (value as number) > 0 && (value as number) < 1,
};

/** A whole number, from `least` on. */
export function whole(least = -Infinity): Kind {
  return {
    type: "number",
    wanted: least === -Infinity ? "a whole number" : `a whole number from ${least}`,
    holds: (value) => Number.isInteger(value) && (value as number) >= least,
  };
}

/** One of some texts. */
export function oneOf(...names: string[]): Kind {
  const quoted = names.map((name) => JSON.stringify(name)), last = quoted.length - 1;
  return {
    type: "string",
    names,
    wanted: last === 0 ? quoted[0] : `${quoted.slice(0, last).join(", ")} or ${quoted[last]}`,
    holds: (value) => names.includes(value as string),
  };
}

/** The same without a default. */
export function needed(kind: Kind): Kind {
  return { ...kind, needed: true };
}

/**
 * Options as they were given, if they are what they may be; `undefined` stands for the default.
 * @param action what the function does, as in "split data"
 * @param of what has the options as a part of it, as in "optimizer"
 * @throws {TypeError} for an option that there is not, with the nearest name, and for a value of another type
 * @throws {RangeError} for another number or text
 */
export function checkOptions<Options extends object>(action: string, given: Options, known: Known<Options>, of = ""): Options {
  checkNames(action, given, Object.keys(known), of);
  for (const name in known) {
    checkValue(action, of === "" ? name : `${of}.${name}`, given[name], known[name], known[name].needed === true, given);
  }
  return given;
}

/** The same of an argument, which has no default. */
export function checkArgument(action: string, name: string, value: unknown, kind: Kind): void {
  checkValue(action, name, value, kind, true, {});
}

function checkValue(action: string, name: string, value: unknown, kind: Kind, needed: boolean, given: object): void {
  const { type, names, wanted } = kind, ofType = type === undefined || typeof value === type;
  if (value === undefined ? !needed : ofType && (kind.holds?.(value, given) ?? true)) return;
  const found = value === undefined ? "missing" : shown(value);
  const near = typeof value === "string" && names !== undefined ? nearestTo(value, names) : undefined;
  const message = `Cannot ${action}: ${name} is ${found}; ${near ?? `wanted ${wanted}`}`;
  throw ofType && ["number", "string"].includes(typeof value) ? new RangeError(message) : new TypeError(message);
}

/** Numbers of things, by what they are called. @throws {RangeError} for none */
export function checkCounts(action: string, counts: Readonly<Record<string, unknown>>): void {
  for (const [name, count] of Object.entries(counts)) checkArgument(action, name, count, oneOrMore);
}

const oneOrMore = whole(1);

/**
 * Refuses properties that a function does not read, so that a misspelt option is not ignored.
 * @param what the action, as in "split data"
 * @param given what the user wrote
 * @param known the properties that are read
 * @param of what has them as a part of it, as in "optimizer"
 * @throws {TypeError} with the nearest known name, and for what has no properties
 */
export function checkNames(what: string, given: unknown, known: readonly string[], of = ""): void {
  const some = () => `${known.length > 1 ? "some of " : ""}${known.join(", ")}`;
  if (!isRecord(given)) {
    const found = of === "" ? `the options are ${shown(given)}` : `${of} is ${shown(given)}`;
    throw new TypeError(`Cannot ${what}: ${found}; wanted an object with ${some()}`);
  }
  const unknown = Object.keys(given).find((name) => !known.includes(name));
  if (unknown === undefined) return;
  const cure = nearestTo(unknown, known) ?? `wanted ${some()}`;
  throw new TypeError(`Cannot ${what}: there is no option "${of === "" ? "" : `${of}.`}${unknown}"; ${cure}`);
}

/** A promise that is not awaited has no properties either. */
export function isRecord(value: unknown): value is object {
  return typeof value === "object" && value !== null && !Array.isArray(value) && !(value instanceof Promise);
}

/** A function, and no class, which cannot be called. */
export function isFunction(value: unknown): boolean {
  return typeof value === "function" && !isClass(value);
}

function isClass(value: unknown): boolean {
  return /^class\b/.test(Function.prototype.toString.call(value));
}

/** A value in a message. */
export function shown(value: unknown): string {
  if (typeof value === "string") return JSON.stringify(value.length > 60 ? `${value.slice(0, 60)}…` : value);
  if (typeof value === "function") return isClass(value) ? `the class ${value.name}` : "a function";
  if (typeof value !== "object" || value === null) return String(value);
  if (Array.isArray(value)) return "a list";
  if (value instanceof Promise) return "a promise, which is to be awaited";
  const made = Object.getPrototypeOf(value)?.constructor;
  if (typeof made !== "function" || made === Object) return `an object with ${Object.keys(value).join(", ") || "nothing"}`;
  return `${/^[AEIO]/.test(made.name) ? "an" : "a"} ${made.name}`;
}

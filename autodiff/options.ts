import { nearestName, nearestTo } from "./nearest.ts";

/*
 * Checks of options and arguments at run time, for programs without type checks: a misspelt option must not be ignored, and a
 * wrong value must not fail deep inside, where its name is unknown.
 */

/** The values that are allowed. */
export interface Kind {
  /** Their description in messages. */
  readonly wanted: string;
  /** Their `typeof`, if they share one. */
  readonly type?: "boolean" | "function" | "number" | "object" | "string";
  /** Whether a value of this type is allowed; default: all are. */
  holds?(value: unknown, given: object): boolean;
  /** The allowed strings. */
  readonly names?: readonly string[];
  /** Whether the option is required. */
  readonly needed?: boolean;
  /** Names of the options within, to say where one belongs that stands outside. */
  readonly within?: readonly string[];
}

/** The kind of each option of an interface. The compiler checks that none is missing. */
export type Known<Options> = { readonly [Name in keyof Options]-?: Kind };

/** Any value; checked where it is used. */
export const anything: Kind = { wanted: "something" };

/** Options that are allowed but not checked. */
export function ignored(known: Readonly<Record<string, unknown>>): Record<string, Kind> {
  return Object.fromEntries(Object.keys(known).map((name) => [name, anything]));
}

/** The kinds of some options without those that are not allowed. */
export function without<Options extends object, Name extends keyof Options>(
  known: Options,
  ...names: readonly Name[]
): Omit<Options, Name> {
  return Object.fromEntries(Object.entries(known).filter(([name]) => !(names as readonly string[]).includes(name))) as Omit<
    Options,
    Name
  >;
}

/** True or false. */
export const truth: Kind = { type: "boolean", wanted: "true or false" };
/** Any number, including NaN. */
export const number: Kind = { type: "number", wanted: "a number" };
/** A finite number. */
export const finite: Kind = { type: "number", wanted: "a finite number", holds: Number.isFinite };
/** A string. */
export const text: Kind = { type: "string", wanted: "a string" };
/** A function, not a class. */
export const callable: Kind = { type: "function", wanted: "a function", holds: isFunction };
/** A list. */
export const list: Kind = { type: "object", wanted: "a list", holds: Array.isArray };
/** An object with values by name. */
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
/** What stops work that has begun. */
export const signal: Kind = {
  type: "object",
  wanted: "an AbortSignal, as controller.signal",
  holds: (value) => "aborted" in Object(value),
};
/** The bytes of a file. */
export const bytes: Kind = { type: "object", wanted: "its bytes, a Uint8Array", holds: (value) => value instanceof Uint8Array };
/** A random number generator. */
export const generator: Kind = {
  type: "object",
  wanted: "a random number generator, an object with next() as in pure-rand",
  holds: (value) => typeof (value as { next?: unknown } | null)?.next === "function",
};
/** One value per row. */
export const perRow: Kind = {
  type: "object",
  wanted: "a list with a value for each row, such as table.column(…)",
  holds: (value) => value !== null && "length" in (value as object),
};
/** A number above 0. */
export const positive: Kind = { type: "number", wanted: "a number above 0", holds: (value) => (value as number) > 0 };
/** A number of at least 0. */
export const notNegative: Kind = { type: "number", wanted: "a number of at least 0", holds: (value) => (value as number) >= 0 };

/** A number between 0 and 1. */
export const fraction: Kind = {
  type: "number",
  wanted: "a number between 0 and 1",
  holds: (value) => (value as number) > 0 && (value as number) < 1,
};

/** A whole number, at least `least`. */
export function whole(least = -Infinity): Kind {
  return {
    type: "number",
    wanted: least === -Infinity ? "a whole number" : `a whole number from ${least}`,
    holds: (value) => Number.isInteger(value) && (value as number) >= least,
  };
}

/** One of these strings. */
export function oneOf(...names: string[]): Kind {
  const quoted = names.map((name) => JSON.stringify(name)), last = quoted.length - 1;
  return {
    type: "string",
    names,
    wanted: last === 0 ? quoted[0] : `${quoted.slice(0, last).join(", ")} or ${quoted[last]}`,
    holds: (value) => names.includes(value as string),
  };
}

/** The same kind, required. */
export function needed(kind: Kind): Kind {
  return { ...kind, needed: true };
}

/**
 * Returns the given options if all are valid; `undefined` stands for the default.
 * @param action what the function does, as in "split data"
 * @param of the option that contains these, as in "optimizer"
 * @throws {TypeError} for an unknown option, with the nearest name, and for a value of the wrong type
 * @throws {RangeError} for a number or string that is not allowed
 */
export function checkOptions<Options extends object>(action: string, given: Options, known: Known<Options>, of = ""): Options {
  checkNames(action, given, Object.keys(known), of, (unknown) => placeIn(known, unknown));
  for (const name in known) {
    checkValue(action, of === "" ? name : `${of}.${name}`, given[name], known[name], known[name].needed === true, given);
  }
  return given;
}

/** Where an option belongs that is one of another option's. */
function placeIn(known: Readonly<Record<string, Kind>>, unknown: string): string | undefined {
  for (const [outer, { within = [] }] of Object.entries(known)) {
    const near = nearestName(unknown, within);
    if (near !== undefined) return `"${near}" belongs in ${outer}`;
  }
  return undefined;
}

/** The same for a required argument. */
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

/** Checks counts by name. @throws {RangeError} for a count below 1 */
export function checkCounts(action: string, counts: Readonly<Record<string, unknown>>): void {
  for (const [name, count] of Object.entries(counts)) checkArgument(action, name, count, oneOrMore);
}

const oneOrMore = whole(1);

/**
 * Rejects properties that a function does not read, so that a misspelt option is not ignored.
 * @param what the action, as in "split data"
 * @param given the user's object
 * @param known the properties that are read
 * @param of the option that contains these, as in "optimizer"
 * @param place where an unknown property belongs, if anywhere
 * @throws {TypeError} for an unknown property, with the nearest known name, and for a value that is not an object
 */
export function checkNames(
  what: string,
  given: unknown,
  known: readonly string[],
  of = "",
  place: (unknown: string) => string | undefined = () => undefined,
): void {
  const some = () => `${known.length > 1 ? "some of " : ""}${known.join(", ")}`;
  if (!isRecord(given)) {
    const found = of === "" ? `the options are ${shown(given)}` : `${of} is ${shown(given)}`;
    throw new TypeError(`Cannot ${what}: ${found}; wanted an object with ${some()}`);
  }
  const unknown = Object.keys(given).find((name) => !known.includes(name));
  if (unknown === undefined) return;
  const cure = nearestTo(unknown, known) ?? place(unknown) ?? `wanted ${some()}`;
  throw new TypeError(`Cannot ${what}: there is no option "${of === "" ? "" : `${of}.`}${unknown}"; ${cure}`);
}

/** Whether a value is a plain object with options: no list, no map, and no promise that was not awaited. */
export function isRecord(value: unknown): value is object {
  return typeof value === "object" && value !== null && ![Array, Promise, Map, Set].some((kind) => value instanceof kind);
}

/** Whether a value can be called: a function, not a class. */
export function isFunction(value: unknown): boolean {
  return typeof value === "function" && !isClass(value);
}

function isClass(value: unknown): boolean {
  return /^class\b/.test(Function.prototype.toString.call(value));
}

/** A value's description in a message. */
export function shown(value: unknown): string {
  if (typeof value === "string") return JSON.stringify(value.length > 60 ? `${value.slice(0, 60)}…` : value);
  if (typeof value === "function") return isClass(value) ? `the class ${value.name}` : "a function";
  if (typeof value !== "object" || value === null) return String(value);
  if (Array.isArray(value)) return "a list";
  if (value instanceof Promise) return "a promise that was not awaited";
  const made = Object.getPrototypeOf(value)?.constructor;
  if (typeof made !== "function" || made === Object) return `an object with ${Object.keys(value).join(", ") || "nothing"}`;
  return `${/^[AEIO]/.test(made.name) ? "an" : "a"} ${made.name}`;
}

import { loadJsonParser } from "../../deps.ts";
import * as v from "../../deps.ts";
import { nearestTo } from "../../autodiff/nearest.ts";
import { repeatedName } from "../../autodiff/repeated_name.ts";

/**
 * Reads a JSON text that a person wrote.
 * @param file its name, for messages
 * @throws {RangeError} for text that is not JSON or does not fit the schema, and for a name that stands twice in an object: with
 * file, line, column and field
 */
export async function readJson<S extends v.GenericSchema>(text: string, schema: S, file: string): Promise<v.InferOutput<S>> {
  const { parseTree, findNodeAtLocation, printParseErrorCode } = await loadJsonParser();
  const placeOf = (offset: number) => {
    const lines = text.slice(0, offset).split("\n");
    return `${file}, line ${lines.length}, column ${lines[lines.length - 1].length + 1}`;
  };
  const errors: { error: number; offset: number }[] = [],
    tree = parseTree(text, errors, { allowTrailingComma: false, disallowComments: true });
  if (errors.length > 0 || tree === undefined) {
    const [{ error, offset } = { error: 0, offset: 0 }] = errors;
    throw new RangeError(
      `${placeOf(offset)}: this is not JSON (${text.trim() === "" ? "there is nothing" : inWords(printParseErrorCode(error))})`,
    );
  }
  const twice = repeatedName(text);
  if (twice !== undefined) {
    throw new RangeError(`${placeOf(twice.offset)}: ${JSON.stringify(twice.name)} is given twice in one object; leave one out`);
  }
  const json = JSON.parse(text, (name, value) => {
    // The check of records drops them.
    if (!unusable.includes(name)) return value;
    throw new RangeError(`${file}: nothing can be named ${JSON.stringify(name)} here; name it in a program`);
  });
  const { success, output, issues } = v.safeParse(schema, json);
  if (success) return output;
  const { path, expected, received, message } = deepest(issues), keys = (path ?? []).map(({ key }) => key as string | number);
  // For a missing field, the place of its parent.
  let node;
  for (let depth = keys.length; node === undefined && depth >= 0; depth--) node = findNodeAtLocation(tree, keys.slice(0, depth));
  const field = keys.map((key) => typeof key === "number" ? `[${key}]` : `.${key}`).join("").replace(/^\./, "") || "it";
  const why = expected === "never"
    ? `there is no field "${field}"; ${known(schema, keys)}`
    : `"${field}" is ${received === "undefined" ? "missing" : `${received}; wanted ${plain(expected ?? message)}`}`;
  throw new RangeError(`${placeOf(node?.offset ?? 0)}: ${why}`);
}

const unusable: readonly string[] = ["__proto__", "constructor", "prototype"];

/** "comma expected" for CommaExpected. */
function inWords(code: string): string {
  return code.replace(/[A-Z]/g, (letter, at) => `${at === 0 ? "" : " "}${letter.toLowerCase()}`);
}

interface Issue {
  path?: { key: unknown }[];
  expected: string | null;
  received: string;
  message: string;
  issues?: [Issue, ...Issue[]];
}

/** Of the errors for several alternatives, the one at the deepest place. */
function deepest(issues: readonly unknown[]): Issue {
  const [issue] = issues as Issue[];
  if (issue.issues === undefined) return issue;
  const inner = issue.issues.map((one) => deepest([one])), length = ({ path }: Issue) => path?.length ?? 0;
  const found = inner.reduce((a, b) => length(b) > length(a) ? b : a);
  return length(found) > length(issue) ? found : issue;
}

/** The allowed fields of an object. */
function known(schema: unknown, keys: readonly (string | number)[]): string {
  let at = schema as Record<string, unknown> | undefined;
  for (const key of keys.slice(0, -1)) {
    at = unwrapped(at);
    at = (at?.entries as Record<string, Record<string, unknown>> | undefined)?.[key] ??
      at?.item as Record<string, unknown> | undefined;
  }
  const entries = unwrapped(at)?.entries as object | undefined;
  if (entries === undefined) return "leave it out";
  const names = Object.keys(entries),
    name = `${keys[keys.length - 1]}`,
    root = unwrapped(schema as Record<string, unknown>)?.entries;
  if (keys.length > 1 && Object.hasOwn(root as object ?? {}, name)) return `it belongs beside "${keys[0]}", not in it`;
  return nearestTo(name, names) ?? `wanted some of ${names.join(", ")}`;
}

/** The schema inside `optional` and `pipe`. */
function unwrapped(schema: Record<string, unknown> | undefined): Record<string, unknown> | undefined {
  if (schema?.wrapped !== undefined) return unwrapped(schema.wrapped as Record<string, unknown>);
  return Array.isArray(schema?.pipe) && schema.pipe[0] !== schema ? unwrapped(schema.pipe[0]) : schema;
}

/** Valibot's expectation, without the parentheses of its unions. */
function plain(expected: string): string {
  return expected.replace(/[()]/g, "").replaceAll(" | ", " or ").replaceAll("Object", "an object").replaceAll("Array", "a list");
}

import { shown } from "../../autodiff/options.ts";
import type { Source } from "./data_set.ts";

/*
 * Checks that data is data. The compiler does so for TypeScript; other programs should get a message before a missing method is
 * called.
 */

/**
 * Checks data for `train()`: whole, or in two parts.
 * @param name of another data set; left out: the main one
 * @throws {TypeError} for anything else
 */
export function checkGiven(data: unknown, name?: string): void {
  const has = (part: string) => isObject(data) && data[part] !== undefined;
  if (!has("candidate") && !has("safety")) {
    return checkWhole(data, nameOf(name), `${parts}, or { candidate, safety } such as split() returns`);
  }
  const given = data as Record<string, unknown>;
  for (const [part, other] of [["candidate", "safety"], ["safety", "candidate"]]) {
    if (has(part)) {
      checkWhole(given[part], `the ${part} part of ${nameOf(name)}`, parts);
      continue;
    }
    throw new TypeError(
      `Cannot use ${nameOf(name)}: there is a ${other} part and no ${part} part; ` +
        "wanted both, such as split() returns, or the data whole, to be split here",
    );
  }
}

/**
 * Checks data for a test or for candidate selection, which do not split.
 * @param name of another data set; left out: the main one
 * @throws {TypeError} for anything else
 */
export function checkSource(data: unknown, name?: string): void {
  if (!isSource(data)) throw notData(data, nameOf(name), "a DataSet or a stream, such as new DataSet({ features, labels })");
}

const parts = "a DataSet or a stream, { features, labels } or { items, labels }";

function checkWhole(data: unknown, what: string, wanted: string): void {
  if (!isSource(data) && !(isObject(data) && ("features" in data || "items" in data))) throw notData(data, what, wanted);
}

function isSource(data: unknown): data is Source {
  return isObject(data) && typeof data.chunks === "function";
}

function isObject(data: unknown): data is Record<string, unknown> {
  return typeof data === "object" && data !== null;
}

function nameOf(name: string | undefined): string {
  return name === undefined ? "the data" : `the data set "${name}" of others`;
}

function notData(data: unknown, what: string, wanted: string): TypeError {
  return new TypeError(`Cannot use ${what}: it is ${shown(data)}; wanted ${wanted}`);
}

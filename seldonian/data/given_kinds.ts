import { shown } from "../../autodiff/options.ts";
import type { Source } from "./data_set.ts";

/*
 * Whether what stands in the place of data is data. Types tell that of programs that are checked; of others a message should, before
 * something is asked of it that it does not have.
 */

/**
 * Data for `train()`: whole, or in both parts.
 * @param name of another data set; left out: the main one
 * @throws {TypeError} for anything else
 */
export function checkGiven(data: unknown, name?: string): void {
  const has = (part: string) => isObject(data) && data[part] !== undefined;
  if (!has("candidate") && !has("safety")) {
    return checkWhole(data, nameOf(name), `${parts}, or { candidate, safety } as split() makes them`);
  }
  const given = data as Record<string, unknown>;
  for (const [part, other] of [["candidate", "safety"], ["safety", "candidate"]]) {
    if (has(part)) {
      checkWhole(given[part], `the ${part} part of ${nameOf(name)}`, parts);
      continue;
    }
    throw new TypeError(
      `Cannot use ${nameOf(name)}: there is a ${other} part and no ${part} part; ` +
        "wanted both, as split() makes them, or the data whole, to be split here",
    );
  }
}

/**
 * Data for a test or for candidate selection, which split nothing.
 * @param name of another data set; left out: the main one
 * @throws {TypeError} for anything else
 */
export function checkSource(data: unknown, name?: string): void {
  if (!isSource(data)) throw notData(data, nameOf(name), "a DataSet or a stream, as new DataSet({ features, labels })");
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

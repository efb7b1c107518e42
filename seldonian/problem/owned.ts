import { promiseOptions } from "./promise_kinds.ts";

const read = [...Object.keys(promiseOptions), "optimizer", "space"];

/** The options with copies of what is read again later, so that no change by the caller reaches a run. */
export function owned<Options extends object>(options: Options): Options {
  const copies = Object.entries(options).flatMap(([name, value]) =>
    read.includes(name) ? [[name, copied(value)]] : name === "tune" && value ? [[name, owned(value)]] : []
  );
  return { ...options, ...Object.fromEntries(copies) };
}

/** A copy of lists and plain objects. What has functions, such as a bound or a measure, is known by its identity. */
function copied(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(copied);
  if (typeof value !== "object" || value === null || ![Object.prototype, null].includes(Object.getPrototypeOf(value))) {
    return value;
  }
  const entries = Object.entries(value);
  if (entries.some(([, one]) => typeof one === "function")) return value;
  return Object.fromEntries(entries.map(([name, one]) => [name, copied(one)]));
}

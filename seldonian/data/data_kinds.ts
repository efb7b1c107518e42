import { isRecord, type Kind } from "../../autodiff/options.ts";

/* The allowed values of single data options. */

/** Whether it is a text. */
export const isText = (value: unknown): value is string => typeof value === "string";
/** Whether it is a list of texts. */
export const isTexts = (value: unknown) => Array.isArray(value) && value.every(isText);
/** Whether it is a value of a table. */
export const isCell = (value: unknown): value is number | string => isText(value) || typeof value === "number";
/** Whether it is a record whose values all satisfy `holds`. */
export const hasAll = (value: unknown, holds: (of: unknown) => boolean) => isRecord(value) && Object.values(value).every(holds);

/** The name of a column, or of a file. */
export const name: Kind = { type: "string", wanted: "a name" };
/** Names of columns. */
export const names: Kind = { type: "object", wanted: "a list of names", holds: isTexts };
/** A text with nothing before or after it. */
export const content: Kind = { type: "string", wanted: "a text" };
/** A source to read piece by piece. */
export const pieces: Kind = {
  type: "object",
  wanted: "a stream, or what is read by for await",
  holds: (value) => value !== null && Symbol.asyncIterator in (value as object),
};
/** Row numbers. */
export const rowNumbers: Kind = {
  type: "object",
  wanted: "a list of row numbers",
  holds: (value) => value !== null && typeof (value as ArrayLike<number>).length === "number",
};

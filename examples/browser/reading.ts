import type { Cure, Encoding } from "../../mod.ts";
import { missingTexts } from "../../seldonian/tables/cells.ts";
import type { ReadOptions } from "../../seldonian/formats/read_options.ts";
import { checked, element } from "./dom.ts";
import { byColumn, listed, pairs, written } from "./written.ts";

/** The options that have a field; messages use their names. */
const names = [
  "separator",
  "decimal",
  "thousands",
  "encoding",
  "skipLines",
  "header",
  "text",
  "exclude",
  "missingValues",
  "replace",
]
  .concat("missing", "maxLevels", "trim", "groupBy");
/** Options that a cure extends instead of replacing. */
const lists = ["skipLines", "text", "exclude"], lines = ["missingValues", "replace"];

const field = (name: string) => element<HTMLInputElement | HTMLSelectElement | HTMLTextAreaElement>(`reading-${name}`);
const value = (name: string) => field(name).value.trim();

/** The options for reading the file. @param columns the names known so far */
export function readOptions(columns: readonly string[]): ReadOptions {
  const said: ReadOptions = {};
  for (const name of ["separator", "thousands", "encoding"] as const) {
    if (field(name).value !== "") said[name] = field(name).value;
  }
  if (value("decimal") !== "") said.decimal = value("decimal") as "." | ",";
  if (value("skipLines") !== "") said.skipLines = listed(value("skipLines")).map(Number);
  if (value("header") !== "") said.header = listed(value("header"));
  if (value("text") !== "") said.text = listed(value("text"));
  if (!(field("trim") as HTMLInputElement).checked) said.trim = false;
  const replace = Array.from(byColumn(value("replace")), ([column, cells]) => [column, pairs(cells)] as const);
  if (replace.length > 0) said.replace = Object.fromEntries(replace);
  const missing = byColumn(value("missingValues")), common = listed(missing.get("") ?? "");
  missing.delete("");
  if (missing.size === 0) return { ...said, ...(common.length > 0 && { missingValues: [...missingTexts, ...common] }) };
  const every = common.length > 0 ? [...columns, ...missing.keys()] : [...missing.keys()];
  const of = (column: string) => [...common, ...listed(missing.get(column) ?? "")];
  return { ...said, missingValues: Object.fromEntries(every.map((column) => [column, of(column)])) };
}

/** The options for encoding the columns. */
export function encodingSaid(): Pick<Encoding, "missing" | "maxLevels"> {
  const missing = value("missing"), most = value("maxLevels");
  return {
    ...(missing !== "" && { missing: missing === "drop" ? missing : { impute: missing as "mean" } }),
    ...(most !== "" && { maxLevels: Number(most) }),
  };
}

/** The column whose equal values are one observation, if given. */
export const groupBy = () => value("groupBy") || undefined;

/** The columns under `exclude`, which the model does not see. */
export const excluded = {
  get: () => listed(field("exclude").value),
  set: (columns: string[]) => field("exclude").value = written(columns),
};

/** Sets all fields to their defaults. */
export function forgetReading(): void {
  for (const name of names) {
    const one = field(name);
    if (one instanceof HTMLSelectElement) one.selectedIndex = 0;
    else if (one.type === "checkbox") (one as HTMLInputElement).checked = true;
    else one.value = "";
  }
}

/** The text that a cure puts into a field; undefined if only the user knows it, or there is no field. */
export function cureText({ option, value }: Cure): string | undefined {
  const known = option === "missing" && typeof value === "object" ? (value as { impute: unknown }).impute : value,
    text = written(known);
  return names.includes(option) && !text.includes("…") ? text : undefined;
}

/** Applies cures to fields, keeping entries of lists. */
export function apply(cures: readonly Cure[]): void {
  const fields = cures.map((cure) => set(cure));
  // One event after all fields are set, so that the file is read once.
  fields[fields.length - 1].dispatchEvent(new Event("change", { bubbles: true }));
}

function set(cure: Cure): HTMLElement {
  const { option } = cure, text = cureText(cure)!, of = field(option), before = of.value.trim();
  if (of instanceof HTMLSelectElement && !Array.from(of.options).some((one) => one.value === text)) of.add(new Option(text));
  of.value = before === "" || !(lists.includes(option) || lines.includes(option))
    ? text
    : lists.includes(option)
    ? written([...new Set([...listed(before), ...listed(text)])])
    : `${before}\n${text}`;
  return of;
}

/** Shows errors of the fields, and lists the fields that are set. @returns whether all are valid */
export function checkReading(): boolean {
  for (const name of lines) tidied(field(name) as HTMLTextAreaElement);
  const good = names.map((name) => checked(field(name))).every(Boolean);
  const set = names.filter((name) =>
    name === "trim" ? !(field(name) as HTMLInputElement).checked : name !== "exclude" && value(name) !== ""
  );
  element("reading-set").textContent = set.length === 0 ? "" : `: ${set.join(", ")} set`;
  if (!good) element<HTMLDetailsElement>("reading").open = true;
  return good;
}

/** Turns JSON, as in programs and messages, into lines. */
function tidied(area: HTMLTextAreaElement): void {
  area.setCustomValidity("");
  if (!area.value.trim().startsWith("{")) return;
  try {
    area.value = written(JSON.parse(area.value));
  } catch (error) {
    area.setCustomValidity(`This starts like JSON but is invalid: ${(error as Error).message}`);
  }
}

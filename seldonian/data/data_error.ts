/**
 * The user's environment, which decides the words of an error: a program, a spec for the command line, its flags without a spec,
 * or a form on a page.
 */
export type Setting = "code" | "spec" | "flags" | "page";

/** A way to fix refused data. */
export interface Cure {
  /** When this cure is right, as in "if the column is of text". */
  when?: string;
  /** An option of reading or encoding; with its value, such as `missing` and `"drop"`. */
  option: string;
  /** The value as JSON; a text such as `…` stands for something that only the user knows. */
  value: unknown;
}

/**
 * Refused data, whose meaning would have to be guessed. The problem names file, line, column and cell. The cures use the words of
 * the user's environment: the error's message is for programs, {@link DataError.worded} is for other settings.
 */
export class DataError extends RangeError {
  /** What was wanted, what was found, and where. */
  readonly problem: string;
  /** The possible cures, the likeliest first. */
  readonly cures: readonly Cure[];

  /** An error with a message for programs. */
  constructor(problem: string, cures: readonly Cure[] = []) {
    super(worded(problem, cures, "code"));
    this.problem = problem;
    this.cures = cures;
  }

  /** The message for a setting. */
  worded(setting: Setting): string {
    return worded(this.problem, this.cures, setting);
  }
}

/** A cure's value combined with the given one, so that applying the cure loses nothing. */
export function added(given: unknown, more: unknown): unknown {
  if (given === undefined || given === null) return more;
  if (Array.isArray(given)) return [...new Set([...given, ...Array.isArray(more) ? more : Object.values(more as object).flat()])];
  if (typeof given !== "object" || typeof more !== "object") return more;
  const all = { ...given } as Record<string, unknown>;
  for (const [name, value] of Object.entries(more as object)) all[name] = added(all[name], value);
  return all;
}

/** An error's message for a setting; without cures it is the same everywhere. */
export function messageIn(setting: Setting, error: unknown): string {
  if (error instanceof DataError) return error.worded(setting);
  return error instanceof Error ? error.message : `${error}`;
}

function worded(problem: string, cures: readonly Cure[], setting: Setting): string {
  const said = cures.map((cure) => {
    const { when } = cure;
    return `${when === undefined ? "" : /,$|(^| )(or|and)$/.test(when) ? `${when} ` : `${when}, `}${cureText(cure, setting)}`;
  });
  return [problem, ...said].join("; ");
}

function cureText({ option, value }: Cure, setting: Setting): string {
  switch (setting) {
    case "code":
      return `give ${option}: ${inCode(value)}`;
    case "spec":
      return `say "${option}": ${JSON.stringify(value)} ${splitting.has(option) ? "beside" : "in"} "data"`;
    case "flags":
      return flagged.has(option)
        ? `say --${option} ${inShell(value)}`
        : `${cureText({ option, value }, "spec")}${splitting.has(option) ? "" : " of a spec"}`;
    case "page":
      return onPage(option, value);
  }
}

/** The options with command-line flags. */
export const flagged: ReadonlySet<string> = new Set([
  "separator",
  "decimal",
  "thousands",
  "encoding",
  "skipLines",
  "text",
  "header",
]);

/** A value in shell syntax. */
function inShell(value: unknown): string {
  const text = Array.isArray(value) ? value.join(",") : `${value}`;
  if (text === "\t") return '"\\t"';
  return /^[\w.,-]+$/.test(text) ? text : `"${text.replace(/["\\$`]/g, "\\$&")}"`;
}

/** A spec puts options of the split next to its data. */
const splitting: ReadonlySet<string> = new Set(["safetyFraction", "seed", "stratify", "groupBy"]);

/** An option as a form shows it, whose fields take a value, a list, or lines of "name: value". */
function onPage(option: string, value: unknown): string {
  if (option === "features" || option === "exclude") {
    return `${option === "features" ? "tick" : "untick"} ${
      (value as string[]).filter((name) => name !== "…").join(", ") || "columns"
    } in the table of columns`;
  }
  if (option === "limits") return "read it in a program";
  if (option === "label") return "choose the label and its class 1";
  if (option === "missing") {
    return `set “missing” to ${typeof value === "string" ? value : `impute: ${(value as { impute: string }).impute}`}`;
  }
  if (value === "\t" || value === " ") return `set “${option}” to a ${value === " " ? "blank" : "tab"}`;
  if (Array.isArray(value)) return `add ${value.join(", ")} to “${option}”`;
  if (typeof value !== "object" || value === null) return `set “${option}” to ${value}`;
  const lines = Object.entries(value).map(([name, of]) => {
    if (Array.isArray(of)) return `${name}: ${of.join(", ")}`;
    return `${name}: ${Object.entries(of as Record<string, string>).map(([from, to]) => `${from} = ${to}`).join(", ")}`;
  });
  return `add “${lines.join("; ")}” to “${option}”`;
}

/** A value in program syntax: property names without quotes where possible. */
function inCode(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(inCode).join(", ")}]`;
  if (typeof value !== "object" || value === null) return JSON.stringify(value);
  const entries = Object.entries(value).map(([name, of]) =>
    `${/^[A-Za-z_$][\w$]*$/.test(name) ? name : JSON.stringify(name)}: ${inCode(of)}`
  );
  return `{ ${entries.join(", ")} }`;
}

import { DataError, describe, Description, type Encoding, type Note, type Table } from "../../mod.ts";
import { checkTable } from "../../seldonian/preparation/encoder.ts";
import { levelsOf, likelyLabel } from "./columns.ts";
import { read } from "./data.ts";
import { checked, element, fill, say, select } from "./dom.ts";
import { groupColumns } from "./groups.ts";
import { notesShown } from "./notes.ts";
import { offer } from "./promises.ts";
import { encodingSaid, excluded } from "./reading.ts";
import { showColumns, showPreview, showRoles } from "./report.ts";
import { switchColumn, whyOut } from "./switches.ts";
import { ended, showSplit } from "./training.ts";

let table: Table | null = null, reads = 0;
/** The description of the table alone, with the likely use of its columns. */
let plain: Description;
/** The most classes of a label. */
const mostClasses = 20;

/** The current table, if any. */
export const chosenTable = () => table;

/** Reads the file and shows the result. @param wished an example's label and class 1 @returns whether it could be read */
export async function show(wished: { label?: string; positive?: string } = {}): Promise<boolean> {
  const mine = ++reads, found = await read();
  if (mine !== reads) return false;
  table = found;
  element("report").hidden = found === null;
  // A running or finished training is for the previous table.
  ended("");
  element("result").hidden = true;
  showSplit(found?.size ?? null);
  if (found === null) return false;
  plain = describe(found);
  const labels = found.names.filter((name) => (levelsOf(found, name, mostClasses)?.length ?? 0) > 1),
    before = select("label").value;
  fill(select("label"), labels, wished.label ?? (labels.includes(before) ? before : likelyLabel(labels)));
  select("label").setCustomValidity(labels.length > 0 ? "" : `No column has 2 to ${mostClasses} different values.`);
  checked(select("label"));
  showColumns(plain, (name, seen) => {
    switchColumn(name, seen);
    showUse();
  });
  showPreview(found);
  chooseLabel(wished.positive);
  return true;
}

/** Offers the classes of the chosen label. */
export function chooseLabel(wished?: string): void {
  const levels = classes().map(String), before = select("positive").value;
  fill(select("positive"), levels, wished ?? (levels.includes(before) ? before : levels[levels.length - 1]));
  choosePositive();
}

/** Offers promises about the chosen class 1. */
export function choosePositive(): void {
  const label = select("label").value, count = classes().length;
  offer({
    description: plain,
    predicted: { label, positive: select("positive").value, ...(count > 2 && { index: count - 1 }) },
    columns: groupColumns(table!, plain, label),
  });
  showUse();
}

/** The label's values. */
function classes(): (string | number)[] {
  return select("label").value === "" ? [] : levelsOf(table!, select("label").value, mostClasses)!;
}

/** The encoding that the user chose. */
export function chosenEncoding(): Encoding & { features: string[]; label: { column: string; classes: (string | number)[] } } {
  const column = select("label").value, isPositive = (level: string | number) => `${level}` === select("positive").value;
  return {
    // Class 1 is the last one.
    label: { column, classes: classes().sort((a, b) => Number(isPositive(a)) - Number(isPositive(b))) },
    features: plain.columns.map(({ name }) => name).filter((name) =>
      name !== column && whyOut(name, plain, table!) === undefined
    ),
    ...encodingSaid(),
  };
}

/** Shows how the columns are used, with notes. */
export function showUse(): void {
  const label = select("label").value, encoding = chosenEncoding();
  excluded.set(plain.columns.map(({ name }) => name).filter((name) => name !== label && !encoding.features.includes(name)));
  showRoles(plain, (name) => {
    if (name === label) return { role: "label" };
    const why = whyOut(name, plain, table!);
    return { role: why === undefined ? "feature" : `left out: ${why}`, seen: why === undefined };
  });
  element("columns-error").textContent = "";
  element("notes").replaceChildren(...notesShown(label === "" ? plain.notes : notesOf(encoding), () => {
    say("The field under Reading is set.");
    element("columns-title").focus();
  }));
}

/** Switches these columns off, and all others on. */
export function leaveOut(names: readonly string[]): void {
  for (const { name } of plain.columns) switchColumn(name, !names.includes(name));
  showUse();
}

/** Notes on how each column was read, seen or not, on its use, and on problems that would stop training. */
function notesOf(encoding: Encoding): readonly Note[] {
  const { rows, columns, notes: used } = describe(table!, encoding), key = ({ column, text }: Note) => `${column} ${text}`;
  const known = new Set(plain.notes.map(key)), notes = [...plain.notes, ...used.filter((note) => !known.has(key(note)))];
  try {
    checkTable(table!, encoding);
  } catch (error) {
    if (!(error instanceof DataError)) throw error;
    const { message: text } = error;
    if (notes.every((note) => note.text !== text)) notes.push({ kind: "problem", text, error });
  }
  return new Description({ rows, columns, notes }).notes;
}

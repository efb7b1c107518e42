import { sampleCorrelation } from "../../deps.ts";
import type { Note } from "../data/description.ts";

/** The most columns and rows to compare. */
const columnsCompared = 60, rowsCompared = 1000;

/** Columns with the same content: equal ones, numbers in other units, and names that differ only by capitals. */
export function sameColumns(columns: ReadonlyMap<string, Float64Array | readonly string[]>): Note[] {
  const notes: Note[] = [], known = new Map<string, string>();
  for (const name of columns.keys()) {
    const other = known.get(name.toLowerCase());
    if (other === undefined) known.set(name.toLowerCase(), name);
    else notes.push({ kind: "note", column: name, text: `its name differs from "${other}" only by capitals` });
  }
  const some = [...columns].slice(0, columnsCompared).map(([name, values]) => [name, values.slice(0, rowsCompared)] as const);
  some.forEach(([name, values], i) => {
    for (const [other, known] of some.slice(0, i)) {
      const how = sameAs(values, known);
      if (how === undefined) continue;
      notes.push({ kind: "note", column: name, text: `the same as "${other}"${how}` });
      break;
    }
  });
  return notes;
}

/** What to add to "the same as …"; undefined for columns that differ. */
function sameAs(a: Float64Array | readonly string[], b: Float64Array | readonly string[]): string | undefined {
  const numbers = a instanceof Float64Array && b instanceof Float64Array;
  if (a instanceof Float64Array !== b instanceof Float64Array || a.length < 20) return undefined;
  // Most columns differ in the first rows, so this is fast.
  let equal = true;
  for (let i = 0; i < a.length && equal; i++) equal = Object.is(a[i], b[i]) || (a[i] as number) === (b[i] as number);
  const levels = new Set<number | string>(a.slice(0, 200) as readonly string[]).size;
  if (levels < 3) return undefined;
  if (equal) return "";
  if (!numbers || a.some(Number.isNaN) || b.some(Number.isNaN)) return undefined;
  const correlation = sampleCorrelation([...a], [...b]);
  return Math.abs(correlation) > 1 - 1e-7 ? ", in other units" : undefined;
}

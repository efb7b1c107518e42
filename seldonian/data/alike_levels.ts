import { edits } from "../nearest.ts";
import type { Note } from "./description.ts";

/** A rare level is told where another one is as many times as frequent. */
const frequent = 10;

/** Levels that differ by case, white space or the form of a letter alone, and rare ones that are a letter away from a frequent one. */
export function alikeLevels(levels: readonly (readonly [level: string, times: number])[]): Note[] {
  const known = new Map<string, string>(), notes: Note[] = [];
  for (const [level] of levels) {
    const same = known.get(plain(level));
    if (same === undefined) known.set(plain(level), level);
    else {
      notes.push({
        kind: "warning",
        text: `${shown(same)} and ${shown(level)} differ by case, white space or signs alone, and are two levels here`,
      });
    }
  }
  for (const [rare, times] of levels) {
    // Short codes and numbered levels are a letter apart by design.
    if (rare.length < 4 || /\d/.test(rare)) continue;
    const near = levels.find(([level, more]) =>
      more >= frequent * times && Math.abs(level.length - rare.length) <= 1 && plain(level) !== plain(rare) &&
      edits(plain(level), plain(rare)) === 1
    );
    if (near === undefined) continue;
    notes.push({
      kind: "warning",
      text: `${shown(rare)}, in ${times.toLocaleString("en")} row${times === 1 ? "" : "s"}, is one letter away from ${
        shown(near[0])
      }, and another level here`,
    });
  }
  return notes;
}

function plain(text: string): string {
  return text.normalize("NFKD").replace(/[\p{M}\p{P}\s_]+/gu, "").toLowerCase();
}

/** A level in quotes; signs that cannot be seen by their numbers. */
function shown(text: string): string {
  return JSON.stringify(text).replace(
    /[^\x20-\x7e\p{L}\p{N}\p{P}\p{S}]/gu,
    (sign) => `\\u${sign.codePointAt(0)!.toString(16).padStart(4, "0")}`,
  );
}

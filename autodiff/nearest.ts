/** The second half of a message, with a name at most two edits away; undefined if there is none. */
export function nearestTo(name: string, known: readonly string[]): string | undefined {
  const nearest = nearestName(name, known);
  return nearest === undefined ? undefined : `the nearest is "${nearest}"`;
}

/** The name with the fewest edits: at most two, for a short name one. Case, hyphens and white space do not count. */
export function nearestName(name: string, known: readonly string[]): string | undefined {
  const plain = (word: string) => word.toLowerCase().replace(/[-_\s]/g, "");
  // A longer name has more edits than any can have.
  if (name.length > 1000) return undefined;
  const [nearest] = known.map((word) => ({ word, edits: edits(plain(name), plain(word)) }))
    .sort((a, b) => a.edits - b.edits || edits(name, a.word) - edits(name, b.word));
  return nearest !== undefined && nearest.edits <= (name.length > 6 ? 2 : name.length > 2 ? 1 : 0) ? nearest.word : undefined;
}

/**
 * The fewest letters to insert, delete or replace, or neighbours to swap, to turn `a` into `b` (F. J. Damerau, 1964). No letter is
 * changed twice.
 */
export function edits(a: string, b: string): number {
  let before: number[] = [], row = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      next.push(Math.min(row[j] + 1, next[j - 1] + 1, row[j - 1] + (a[i - 1] === b[j - 1] ? 0 : 1)));
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) next[j] = Math.min(next[j], before[j - 2] + 1);
    }
    [before, row] = [row, next];
  }
  return row[b.length];
}

/** An unfinished word and its possible completions. */
export interface Completion {
  start: number;
  end: number;
  words: string[];
}

/** The completions at a position of a constraint's text: columns within brackets, measures and functions elsewhere. */
export function completionsAt(
  text: string,
  at: number,
  known: { measures: string[]; functions: string[]; columns: string[] },
): Completion {
  const before = text.slice(0, at), word = /[\w.]*$/.exec(before)![0], start = at - word.length;
  const inBrackets = before.lastIndexOf("[") > before.lastIndexOf("]"),
    words = inBrackets ? known.columns : [...known.measures, ...known.functions];
  return {
    start,
    end: at,
    words: word === "" ? [] : words.filter((one) => one.toLowerCase().startsWith(word.toLowerCase()) && one !== word),
  };
}

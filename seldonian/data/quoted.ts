/** A text in quotes; invisible characters as their numbers. */
export function quoted(text: string): string {
  return visible(JSON.stringify(text.length > 40 ? `${text.slice(0, 40)}…` : text));
}

/** A text; invisible characters as their numbers, including control characters of terminals. */
export function visible(text: string): string {
  return text.replace(hidden, numbered);
}

function numbered(sign: string): string {
  return `\\u${sign.codePointAt(0)!.toString(16).padStart(4, "0")}`;
}

/** Whether a text has invisible characters. */
export function hasHidden(text: string): boolean {
  return visible(text) !== text;
}

/** Everything except letters, numbers and visible signs. */
const hidden = /[^\x20-\x7e\p{L}\p{N}\p{P}\p{S}\p{M}]/gu;

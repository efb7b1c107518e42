/** A text in quotes, what cannot be seen of it by its number. */
export function quoted(text: string): string {
  return visible(JSON.stringify(text.length > 40 ? `${text.slice(0, 40)}…` : text));
}

/** A text, what cannot be seen of it by its number: signs that control terminals among it. */
export function visible(text: string): string {
  return text.replace(hidden, (sign) => `\\u${sign.codePointAt(0)!.toString(16).padStart(4, "0")}`);
}

/** Whether some of a text cannot be seen. */
export function hasHidden(text: string): boolean {
  return visible(text) !== text;
}

/** All but letters, numbers and signs that can be seen. */
const hidden = /[^\x20-\x7e\p{L}\p{N}\p{P}\p{S}\p{M}]/gu;

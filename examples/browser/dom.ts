/// <reference lib="dom" />
/// <reference lib="dom.iterable" />

/** An existing element of the page. */
export const element = <E extends HTMLElement>(id: string) => document.getElementById(id) as E;
/** An input field. */
export const input = (id: string) => element<HTMLInputElement>(id);
/** A list to choose from. */
export const select = (id: string) => element<HTMLSelectElement>(id);

/** A new element. Its contents are text, never tags, because names come from unchecked files. */
export function made<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  properties: Partial<HTMLElementTagNameMap[K]> = {},
  ...children: (Node | string)[]
): HTMLElementTagNameMap[K] {
  const one = Object.assign(document.createElement(tag), properties);
  one.append(...children);
  return one;
}

/** An option of a list: a value, with a different label if given. */
export type Choice = string | readonly [value: string, says: string];

/** Fills a list and keeps the choice if it still exists. */
export function fill(list: HTMLSelectElement, choices: readonly Choice[], chosen: string | undefined = list.value): void {
  list.replaceChildren(...choices.map((choice) => {
    const [value, says] = typeof choice === "string" ? [choice, choice] : choice;
    return new Option(says, value, false, value === chosen);
  }));
}

/** Announces a text to screen readers. */
export function say(text: string): void {
  element("said").textContent = text;
}

/** Shows an invalid field's error next to it. @returns whether the field is valid */
export function checked(field: HTMLInputElement | HTMLSelectElement | HTMLTextAreaElement): boolean {
  const id = `${field.id}-error`,
    message = field.validationMessage,
    place = document.getElementById(id) ??
      field.parentElement!.appendChild(made("small", { id, className: "error" }));
  place.textContent = message;
  field.setAttribute("aria-invalid", `${message !== ""}`);
  field.setAttribute("aria-describedby", id);
  return message === "";
}

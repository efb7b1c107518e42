/// <reference lib="dom" />
/// <reference lib="dom.iterable" />

/** An element of the page, which is known to be there. */
export const element = <E extends HTMLElement>(id: string) => document.getElementById(id) as E;
/** A field to write in or tick. */
export const input = (id: string) => element<HTMLInputElement>(id);
/** A field to choose in. */
export const select = (id: string) => element<HTMLSelectElement>(id);

/** A new element. What is in it is text, never tags: names come from files that nobody has looked at. */
export function made<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  properties: Partial<HTMLElementTagNameMap[K]> = {},
  ...children: (Node | string)[]
): HTMLElementTagNameMap[K] {
  const one = Object.assign(document.createElement(tag), properties);
  one.append(...children);
  return one;
}

/** An option of a list: a value, and what it is called if not so. */
export type Choice = string | readonly [value: string, says: string];

/** Fills a list; what was chosen stays so where it is still there. */
export function fill(list: HTMLSelectElement, choices: readonly Choice[], chosen: string | undefined = list.value): void {
  list.replaceChildren(...choices.map((choice) => {
    const [value, says] = typeof choice === "string" ? [choice, choice] : choice;
    return new Option(says, value, false, value === chosen);
  }));
}

/** Says something to those who do not see the page. */
export function say(text: string): void {
  element("said").textContent = text;
}

/** Says beside a field what is wrong with what stands in it, if something is. */
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

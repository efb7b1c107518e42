import { element } from "./dom.ts";
import { type Offered, PromiseCard } from "./promise_card.ts";

let offered: Offered | null = null, made = 0;
const cards: PromiseCard[] = [];

/** Offers a table's label and columns to every promise. */
export function offer(given: Offered): void {
  offered = given;
  for (const card of cards) card.offer(given);
}

/** Adds a promise. */
export function addPromise(): PromiseCard {
  const card = new PromiseCard(++made, removed);
  cards.push(card);
  element("promises").append(card.root);
  if (offered === null) card.write();
  else card.offer(offered);
  numbered();
  return card;
}

function removed(card: PromiseCard): void {
  cards.splice(cards.indexOf(card), 1);
  card.root.remove();
  numbered();
  element("add").focus();
}

function numbered(): void {
  cards.forEach(({ root }, i) => {
    root.querySelector("legend")!.textContent = cards.length === 1 ? "The promise" : `Promise ${i + 1}`;
    const remove = root.querySelector<HTMLElement>(".remove")!;
    remove.hidden = cards.length === 1;
    remove.ariaLabel = `Remove promise ${i + 1}`;
  });
}

/** Checks every promise, for instance after delta has changed. */
export function checkPromises(): boolean {
  return cards.map((card) => card.check()).every(Boolean);
}

/** The texts and sentences of all promises; `null` if one cannot be tested, which then gets the focus. */
export function promised(): { texts: string[]; sentences: string[] } | null {
  const bad = cards.find((card) => !card.check());
  if (bad === undefined) {
    return {
      texts: cards.map(({ text }) => text.field.value),
      sentences: cards.map((card) => card.sentence),
    };
  }
  if (bad.text.field.value.trim() === "") bad.text.fail("Choose or write what the model must keep.");
  bad.text.field.focus();
  return null;
}

/** Shows an error at a promise's field. @returns whether the promise exists */
export function failPromise(text: string, message: string): boolean {
  const card = cards.find(({ text: { field } }) => field.value === text);
  if (card === undefined) return false;
  card.text.fail(message);
  card.text.field.focus();
  return true;
}

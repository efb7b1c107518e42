import { type Cure, DataError, type Note } from "../../mod.ts";
import { sentence } from "../../seldonian/data/description.ts";
import { made } from "./dom.ts";
import { apply, cureText } from "./reading.ts";
import type { Trouble } from "./trouble.ts";

/** A problem, with a button for each cure that has a field on the page; other cures are text. */
export function troubleShown({ problem, cures }: Trouble, cured: () => void): HTMLElement[] {
  // Cures that belong together share a button.
  const together = cures.reduce<Cure[][]>((sets, cure) => {
    if (cure.when === "and" && sets.length > 0) sets[sets.length - 1].push(cure);
    else sets.push([cure]);
    return sets;
  }, []);
  const ready = together.filter((set) => set.every((cure) => cureText(cure) !== undefined)),
    rest = together.filter((set) => !ready.includes(set)).flat();
  const told = made("p", { textContent: new DataError(problem, rest).worded("page") });
  if (ready.length === 0) return [told];
  return [
    told,
    made(
      "ul",
      { className: "cures" },
      ...ready.map((set) => {
        const [{ when }] = set;
        const button = made("button", {
          type: "button",
          textContent: `set ${set.map((cure) => `“${cure.option}” to ${shown(cure)}`).join(" and ")}`,
        });
        button.onclick = () => (apply(set), cured());
        return made("li", {}, ...(when === undefined ? [] : [`${when} `]), button);
      }),
    ),
  ];
}

function shown(cure: Cure): string {
  const text = cureText(cure)!;
  return text.trim() === "" ? JSON.stringify(text) : text;
}

const signs: Partial<Record<Note["kind"], string>> = { problem: "Problem", warning: "Warning" };

/** Notes: important ones open, the rest folded. @param cured is called after a cure was chosen */
export function notesShown(notes: readonly Note[], cured: () => void): HTMLElement[] {
  const items = notes.map((note) => {
    const { kind, error } = note, sign = signs[kind];
    const said = error === undefined
      ? [made("p", { textContent: sentence({ ...note, kind: "note" }, "page") })]
      : troubleShown(error, cured);
    return made(
      "li",
      { className: kind },
      ...(sign === undefined ? [] : [made("strong", { textContent: sign })]),
      made("div", {}, ...said),
    );
  });
  const weighty = notes.filter(({ kind }) => kind === "parts" || kind in signs).length,
    open = notes.length - weighty > 4 ? weighty : notes.length;
  const rest = items.slice(open),
    list = (some: HTMLElement[]) => some.length === 0 ? [] : [made("ul", { className: "list" }, ...some)];
  if (rest.length === 0) return list(items);
  const fold = made(
    "details",
    { className: "fold" },
    made("summary", { textContent: `${rest.length} more notes` }),
    ...list(rest),
  );
  return [...list(items.slice(0, open)), fold];
}

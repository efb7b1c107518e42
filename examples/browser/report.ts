import type { Description, Table } from "../../mod.ts";
import { element, made } from "./dom.ts";

/** What to show of a column, next to how it was read. */
export interface Shown {
  /** Its use, or why it is left out. */
  role: string;
  /** Whether the model sees it; undefined: it cannot. */
  seen?: boolean;
}

/** Shows how a table was read, with a box for each column. @param switched is called when a box changes */
export function showColumns(description: Description, switched: (name: string, seen: boolean) => void): void {
  const place = element("columns");
  // html() escapes its text.
  place.innerHTML = description.html("page");
  place.querySelector("section > ul")?.remove();
  description.columns.forEach(({ name }, i) => {
    const head = rows()[i].querySelector("th")!, box = made("input", { type: "checkbox", value: name });
    box.onchange = () => switched(name, box.checked);
    head.replaceChildren(made("label", {}, box, made("span", { textContent: name })));
  });
}

/** Shows the use of the columns. */
export function showRoles(description: Description, shownOf: (name: string) => Shown): void {
  let seen = 0;
  description.columns.forEach(({ name }, i) => {
    const shown = shownOf(name), row = rows()[i], box = row.querySelector("input")!;
    box.checked = shown.seen === true;
    box.disabled = shown.seen === undefined;
    row.classList.toggle("out", shown.seen === false);
    row.children[1].textContent = shown.role;
    if (shown.seen) seen++;
  });
  const count = description.columns.length;
  element("columns").querySelector("caption")!.textContent = `The model sees ${seen} of ${count} columns: the ticked ones.`;
}

const rows = () => element("columns").querySelectorAll<HTMLTableRowElement>("tbody tr");

/** Shows the first rows. */
export function showPreview(table: Table): void {
  const rows = Array.from({ length: Math.min(8, table.size) }, (_, row) => table.row(row)), { names } = table;
  const line = (tag: "th" | "td", cells: Readonly<Record<string, string | number>>) =>
    made(
      "tr",
      {},
      ...names.map((name) =>
        made(tag, {
          textContent: cells[name] === "" || cells[name] !== cells[name] ? "–" : `${cells[name]}`,
          className: typeof rows[0][name] === "number" ? "number" : "",
        })
      ),
    );
  const head = line("th", Object.fromEntries(names.map((name) => [name, name])));
  element("preview").replaceChildren(
    made("table", {}, made("thead", {}, head), made("tbody", {}, ...rows.map((row) => line("td", row)))),
  );
}

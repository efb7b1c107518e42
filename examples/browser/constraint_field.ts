import { constraint, ConstraintError, type Description, explainConstraint, measures } from "../../mod.ts";
import { conditionText, nameText } from "../../seldonian/constraints/conditions.ts";
import { nearestTo } from "../../autodiff/nearest.ts";
import { completionsAt } from "./completion.ts";
import { made } from "./dom.ts";

const functions = ["abs", "exp", "log", "min", "max"];
const measureNames = [...Object.keys(measures), "NPV", "FDR"].sort();

/** A field for a constraint, with checks and completions while typing. */
export class ConstraintField {
  readonly field: HTMLInputElement;
  readonly #list: HTMLElement;
  readonly #error: HTMLElement;
  readonly #tree: HTMLElement;
  #chosen = 0;
  /** The table's columns. */
  #known: Description | null = null;
  #delta = 0.05;

  /** @param number makes ids unique @param edited is called on every edit */
  constructor(root: HTMLElement, number: number, edited: () => void) {
    this.field = root.querySelector("[name=text]")!;
    this.#list = root.querySelector("[role=listbox]")!;
    this.#error = root.querySelector("pre.error")!;
    this.#tree = root.querySelector(".tree")!;
    this.#list.id = `suggestions-${number}`;
    this.#error.id = `error-${number}`;
    this.field.setAttribute("aria-controls", this.#list.id);
    this.field.setAttribute("aria-describedby", this.#error.id);
    this.field.oninput = () => {
      this.#chosen = 0;
      this.#suggest();
      edited();
    };
    this.field.onkeydown = (event) => this.#key(event);
    this.field.onblur = () => this.#close();
  }

  /** Whether the text is valid and its columns exist. Shows an error, or an explanation of the constraint. */
  check(known: Description | null, delta: number): boolean {
    [this.#known, this.#delta] = [known, delta];
    const written = this.field.value;
    try {
      this.#tree.textContent = written.trim() === "" ? "" : explainConstraint(written, this.#delta);
      if (known !== null && written.trim() !== "") checkColumns(written, known);
      this.fail("");
    } catch (caught) {
      if (!(caught instanceof ConstraintError || caught instanceof RangeError)) throw caught;
      this.#tree.textContent = "";
      this.fail(caught.message);
    }
    return written.trim() !== "" && this.#error.textContent === "";
  }

  /** Shows an error of the text. */
  fail(message: string): void {
    this.field.setAttribute("aria-invalid", `${message !== ""}`);
    this.#error.textContent = message;
    // A long message scrolls, so it must be focusable.
    this.#error.tabIndex = message === "" ? -1 : 0;
  }

  #suggest(): void {
    const { field } = this, columns = (this.#known?.columns ?? []).map(({ name }) => nameText(name));
    const { words: found } = completionsAt(field.value, field.selectionStart ?? 0, {
      measures: measureNames,
      functions,
      columns,
    });
    const words = found.slice(0, 20), list = this.#list;
    this.#chosen = Math.min(this.#chosen, Math.max(0, words.length - 1));
    list.replaceChildren(...words.map((word, i) => {
      const option = made("span", { id: `${list.id}-${i}`, textContent: word });
      option.setAttribute("role", "option");
      option.setAttribute("aria-selected", `${i === this.#chosen}`);
      option.onmousedown = (event) => (event.preventDefault(), this.#accept(word));
      return option;
    }));
    if (words.length === 0) return this.#close();
    list.hidden = false;
    field.setAttribute("aria-expanded", "true");
    field.setAttribute("aria-activedescendant", `${list.id}-${this.#chosen}`);
    list.children[this.#chosen].scrollIntoView({ block: "nearest" });
  }

  #close(): void {
    this.#list.hidden = true;
    this.field.setAttribute("aria-expanded", "false");
    this.field.removeAttribute("aria-activedescendant");
  }

  #accept(word: string): void {
    const { field } = this, at = field.selectionStart ?? 0;
    field.setRangeText(word, at - /[\w.]*$/.exec(field.value.slice(0, at))![0].length, at, "end");
    field.dispatchEvent(new Event("input"));
    this.#close();
  }

  #key(event: KeyboardEvent): void {
    const list = this.#list, moves: Record<string, number> = { ArrowDown: 1, ArrowUp: -1 };
    if (list.hidden) return;
    if (event.key in moves) {
      this.#chosen = (this.#chosen + moves[event.key] + list.children.length) % list.children.length;
      this.#suggest();
    } else if (event.key === "Enter" || event.key === "Tab") this.#accept(list.children[this.#chosen].textContent!);
    else if (event.key === "Escape") this.#close();
    else return;
    event.preventDefault();
  }
}

/** @throws {ConstraintError} for an unknown column, with the likely meaning if it is a level of one */
function checkColumns(text: string, { columns }: Description): void {
  const names = columns.map(({ name }) => name),
    unknown = constraint(text).leaves.flatMap((leaf) => leaf.columns)
      .find((name) => !names.includes(name));
  if (unknown === undefined) return;
  const of = columns.find(({ levels }) => levels?.some(([level]) => level === unknown))?.name;
  const hint = of === undefined
    ? nearestTo(unknown, names) ?? "the names of the table are above"
    : `it is a value of "${of}": write [${conditionText({ kind: "comparison", column: of, relation: "==", value: unknown })}]`;
  throw new ConstraintError(`unknown column "${unknown}"; ${hint}`, text, Math.max(0, text.indexOf(unknown)));
}

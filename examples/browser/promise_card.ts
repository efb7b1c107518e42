import type { Description } from "../../mod.ts";
import { ConstraintField } from "./constraint_field.ts";
import { element, fill, input } from "./dom.ts";
import type { Group, GroupColumn } from "./groups.ts";
import { type Predicted, type Preset, sentenceOf, textOf, type Wanted } from "./presets.ts";

/** What promises can be about. */
export interface Offered {
  description: Description;
  predicted: Predicted;
  columns: readonly GroupColumn[];
}

/** The probability that a promise may be wrong. */
export const delta = () => Number(input("delta").value) / 100;

/** One promise: chosen by radio buttons and lists, which write its text, or typed. */
export class PromiseCard {
  readonly root: HTMLFieldSetElement;
  readonly text: ConstraintField;
  readonly #presets: HTMLInputElement[];
  /** The slider's last positions, for differences and for rates. */
  readonly #percent = { difference: 10, rate: 70 };

  #offered: Offered | null = null;

  /** @param number makes names and ids unique @param removed is called to remove the card */
  constructor(number: number, removed: (card: PromiseCard) => void) {
    this.root = (element<HTMLElement>("promise") as HTMLTemplateElement).content.firstElementChild!.cloneNode(
      true,
    ) as HTMLFieldSetElement;
    this.text = new ConstraintField(this.root, number, () => this.#choose("own"));
    this.#presets = [...this.root.querySelectorAll<HTMLInputElement>("[type=radio]")];
    for (const radio of this.#presets) {
      radio.name = `preset-${number}`;
      radio.onchange = () => this.write();
    }
    this.#list("column").onchange = () => (this.#offerLevels(), this.write());
    for (const name of ["first", "second"]) this.#list(name).onchange = () => (this.#offerSecond(), this.write());
    this.#field("threshold").onchange = () => this.write();
    this.#field("tolerance").oninput = () => {
      this.#percent[this.#preset === "accuracy" ? "rate" : "difference"] = Number(this.#field("tolerance").value);
      this.write();
    };
    this.root.querySelector<HTMLButtonElement>(".remove")!.onclick = () => removed(this);
  }

  /** Offers the columns of a table. Rewrites a chosen promise, and starts an empty one. */
  offer(given: Offered): void {
    const { columns, predicted: { positive } } = this.#offered = given;
    fill(this.#list("column"), columns.map(({ name }) => name));
    this.#offerLevels();
    const grouped = (preset: string) => !["accuracy", "own"].includes(preset), none = columns.length === 0;
    for (const radio of this.#presets) radio.disabled = none && grouped(radio.value);
    for (const [preset, also] of [["opportunity", ""], ["odds", ", and others"]]) {
      this.root.querySelector(`[value=${preset}] ~ small`)!.textContent = `among those truly “${positive}”${also}`;
    }
    if (this.#preset === "own" && this.text.field.value === "") this.#choose(none ? "accuracy" : "parity");
    else if (none && grouped(this.#preset)) this.#choose("accuracy");
    else this.write();
  }

  /** Chooses a promise for the user. */
  set(preset: Preset, column: string, percent: number): void {
    this.#percent.difference = percent;
    this.#list("column").value = column;
    this.#offerLevels();
    this.#choose(preset);
  }

  /** Writes the choice into the text, unless the user typed it. */
  write(): void {
    const preset = this.#preset, rate = preset === "accuracy", slider = this.#field("tolerance");
    this.#show(".groups", preset !== "own" && !rate);
    this.#show(".tolerance", preset !== "own");
    Object.assign(slider, rate ? { min: "50", max: "99" } : { min: "1", max: "50" });
    slider.value = `${rate ? this.#percent.rate : this.#percent.difference}`;
    this.root.querySelector(".tolerance span")!.textContent = rate ? "It is right about at least" : "The difference is at most";
    this.root.querySelector("output")!.textContent = `${slider.value} ${rate ? "%" : "percentage points"}`;
    const wanted = this.#wanted();
    if (wanted !== null) this.text.field.value = textOf(wanted, this.#offered!.predicted);
    this.check();
  }

  /** Whether the promise can be tested, as far as can be known in advance. */
  check(): boolean {
    this.root.querySelector(".sentence")!.textContent = this.#preset === "own" ? "" : this.sentence;
    return this.text.check(this.#offered?.description ?? null, delta());
  }

  /** The promise in words; for a typed text, the text. */
  get sentence(): string {
    const wanted = this.#wanted();
    return wanted === null ? this.text.field.value : sentenceOf(wanted, this.#offered!.predicted, delta());
  }

  get #preset(): Preset | "own" {
    return this.#presets.find((radio) => radio.checked)!.value as Preset;
  }

  #choose(preset: Preset | "own"): void {
    this.#presets.find(({ value }) => value === preset)!.checked = true;
    this.write();
  }

  #wanted(): Wanted | null {
    const preset = this.#preset;
    if (preset === "own" || this.#offered === null) return null;
    const pairs = preset === "accuracy" ? [] : this.#pairs();
    return { preset, pairs, percent: Number(this.#field("tolerance").value) };
  }

  #pairs(): [Group, Group][] {
    const { name: column, levels } = this.#column(), [first, second] = ["first", "second"].map((one) => this.#list(one).value);
    if (levels === undefined) {
      const value = Number(this.#field("threshold").value);
      return [[{ column, relation: "<", value }, { column, relation: ">=", value }]];
    }
    const equal = (i: number): Group => ({ column, relation: "==", value: levels[i] }),
      others = (i: number): Group => ({ column, relation: "!=", value: levels[i] });
    if (first === "every") return levels.map((_, i) => [equal(i), others(i)]);
    return [[equal(Number(first)), second === "others" ? others(Number(first)) : equal(Number(second))]];
  }

  #column(): GroupColumn {
    const { value } = this.#list("column");
    return this.#offered!.columns.find(({ name }) => name === value) ?? this.#offered!.columns[0];
  }

  #offerLevels(): void {
    if (this.#offered!.columns.length === 0) return;
    const { levels, middle } = this.#column(), threshold = this.#field("threshold");
    for (const name of ["first", "second"]) this.#show(`[name=${name}]`, levels !== undefined);
    this.#show("[name=threshold]", levels === undefined);
    if (levels === undefined) return void (threshold.value = `${middle}`);
    fill(this.#list("first"), [
      ...levels.map((level, i) => [`${i}`, `${level}`] as const),
      ...(levels.length > 2 ? [["every", "each level in turn"] as const] : []),
    ], "0");
    this.#offerSecond();
  }

  /** Offers every group except the first as the second. */
  #offerSecond(): void {
    const { levels = [] } = this.#column(), first = this.#list("first").value, second = this.#list("second");
    const others = levels.length > 2 ? [["others", "all others"] as const] : [];
    if (first === "every") return fill(second, others);
    const rest = levels.map((level, i) => [`${i}`, `${level}`] as const).filter(([i]) => i !== first);
    fill(second, [...rest, ...others]);
  }

  #show(what: string, shown: boolean): void {
    const found = this.root.querySelector<HTMLElement>(what)!;
    (found.closest<HTMLElement>(".groups > p") ?? found).hidden = !shown;
  }

  #list(name: string): HTMLSelectElement {
    return this.root.querySelector(`select[name=${name}]`)!;
  }

  #field(name: string): HTMLInputElement {
    return this.root.querySelector(`input[name=${name}]`)!;
  }
}

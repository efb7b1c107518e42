import { judged } from "../decision.ts";
import { labelsOf } from "../constraints/measure.ts";
import { labelColumn } from "../encoding/encoding.ts";
import { OutputError } from "../outputs.ts";
import { nearestTo } from "../../autodiff/nearest.ts";
import { type Fields, type Row, shown, wrong } from "./fields.ts";
import type { Run } from "./open_run.ts";
import type { FieldError } from "./refusal.ts";
import { Spelling } from "./spelling.ts";

/** What the certified model says of a row. */
export interface Judgement {
  /** The probability of class 1, those of all classes, or the number. */
  output: number | number[];
  /** The decided class, by its name if it has one; for a model of numbers, the number. */
  decision: number | string | boolean;
}

/** Decides rows as the safety test did: by its encoder, its rates and its seed, each row by itself. */
export class Judge {
  readonly #run: Run;
  readonly #fields: Fields;
  /** The names of the classes in their order, if the label has names. */
  readonly classes: readonly (number | string | boolean)[] | undefined;
  readonly #spelling: Spelling;
  readonly #class: ReadonlyMap<string, number>;

  /** The judge of a run. */
  constructor(run: Run, fields: Fields) {
    this.#run = run;
    this.#fields = fields;
    const { label, cells } = run.saved;
    this.#spelling = new Spelling(labelColumn({ label }), cells);
    this.classes = typeof label === "object" ? label.classes : undefined;
    const names = this.classes ?? Array.from({ length: run.saved.classes }, (_, k) => k);
    this.#class = new Map(names.map((name, k) => [`${name}`, k]));
  }

  /**
   * Judges rows together, which is the same as one by one.
   * @returns for each row what the model says, or `undefined` if its output is no answer
   */
  judge(rows: readonly Row[]): (Judgement | undefined)[] {
    if (rows.length === 0) return [];
    const { model, task, encoder, certificate: { test: { rates, seed } } } = this.#run;
    try {
      const features = encoder.features(this.#fields.table(rows));
      const persons = rows.some(({ person }) => person !== undefined) ? rows.map(({ person }) => person) : undefined;
      const { outputs, decisions } = judged(
        model,
        { task, rates },
        seed,
        features,
        rows.length,
        (row) => `row ${row}`,
        persons,
      );
      const width = outputs.data.length / rows.length;
      return rows.map((_, row) => {
        const output = width === 1 ? outputs.data[row] : Array.from(outputs.data.slice(row * width, (row + 1) * width));
        const decided = decisions === null ? outputs.data[row] : decisions.data[row];
        return { output, decision: decisions === null ? decided : this.classes?.[decided] ?? decided };
      });
    } catch (error) {
      if (!(error instanceof OutputError)) throw error;
      // The others are not to suffer.
      return rows.length === 1 ? [undefined] : rows.flatMap((row) => this.judge([row]));
    }
  }

  /** The number of a label, or `undefined` if it is none, which is added to `errors`. */
  label(told: unknown, path: readonly (string | number)[], errors: FieldError[]): number | undefined {
    const given = this.#spelling.read(told);
    if (labelsOf[this.#run.task.name] === "numbers") {
      if (typeof given === "number" && Number.isFinite(given)) return given;
      return wrong(errors, path, told === undefined ? "is missing" : `is ${shown(told)}; wanted a number`);
    }
    const isName = typeof given === "string" || typeof given === "number" || typeof given === "boolean";
    const found = isName ? this.#class.get(`${given}`) : undefined;
    if (found !== undefined) return found;
    if (given === undefined) return wrong(errors, path, "is missing");
    const names = [...this.#class.keys()], near = isName && `${given}`.length < 100 ? nearestTo(`${given}`, names) : undefined;
    return wrong(errors, path, `is ${shown(told)}; ${near ?? `wanted one of ${names.slice(0, 20).join(", ")}`}`);
  }
}

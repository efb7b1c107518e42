import { checkOptions } from "../../autodiff/options.ts";
import { type Compared, compared, type Difference, differencesTo } from "./differences.ts";
import { csvOf, parquetOf } from "./export_results.ts";
import { plotResults } from "./plot_results.ts";
import { partOf, resultsPage } from "./results_page.ts";
import { printable } from "../printable.ts";
import { Display } from "../report/notebook.ts";
import { type Banded, summaries, type Summary } from "./summary.ts";
import type { TrialResult } from "./trial.ts";
import { inColumns, inspect } from "../../autodiff/show.ts";

/** How results were made: who runs the same program with this seed gets the same ones. */
export interface Made {
  /** The seed of all trials. */
  seed: number;
  /** Each contender's settings, and a digest of everything that its results depend on, except sizes and trials. */
  contenders: Readonly<Record<string, { settings: string; digest: string }>>;
}

/** The results of an experiment. */
export class Results {
  /**
   * Results of trials.
   * @param trials in the order of sizes, contenders and numbers
   * @param constraints the promise, of rows or of episodes
   * @param performance the name of what is measured
   * @param made how to make them again
   */
  constructor(
    readonly trials: readonly TrialResult[],
    readonly constraints: readonly { text: string; delta: number; rowsAre?: "episodes" }[],
    readonly performance: string,
    readonly made?: Made,
  ) {}

  /** Every contender at every size. */
  get summaries(): Summary[] {
    return summaries(this.trials);
  }

  /**
   * How every other contender differs from one, trial by trial on the same rows: less noise than between two summaries.
   * @throws {RangeError} for a name that is no contender's
   */
  differences(against: string): Difference[] {
    return differencesTo(against, this.trials);
  }

  /**
   * The three plots as SVG text: performance, solutions and broken promises by the number of rows; or with `against` the paired
   * differences to that contender.
   */
  async plot(options: Compared = {}): Promise<string> {
    const { against } = checkOptions("draw results", options, compared);
    const { constraints, performance } = this, delta = Math.max(...constraints.map(({ delta }) => delta));
    const rowsAre = constraints.some(({ rowsAre }) => rowsAre !== undefined) ? "episodes" : "rows";
    const shown = against === undefined ? this.summaries : this.differences(against);
    return await plotResults(shown, { delta, performance, against, rowsAre });
  }

  /** One page of HTML: figures, a table, the promise, and failures. It needs nothing else, neither scripts nor the network. */
  async page(options: Compared = {}): Promise<string> {
    return await resultsPage(this, options);
  }

  /** What `console.log` shows: its text. */
  [inspect](): string {
    return `${this}`;
  }

  /**
   * A table, one line for each contender and size; with `against` its paired differences to that contender. Below it stands why
   * trials failed, the first reason of each contender.
   */
  table(options: Compared = {}): string {
    const text = inColumns(this.rows(options).map((cells) => cells.map(printable)), (column) => column === 1);
    const failed = new Map<string, { error: string; count: number }>();
    for (const { contender, error } of this.trials) {
      if (error === undefined) continue;
      const one = failed.get(contender) ?? { error, count: 0 };
      failed.set(contender, { ...one, count: one.count + 1 });
    }
    const why = Array.from(
      failed,
      ([name, { error, count }]) => `${name} failed in ${count} ${count === 1 ? "trial" : "trials"}, first: ${error}`,
    );
    return [
      ...this.constraints.map(({ text, delta }) => printable(`${text}, delta ${delta}`)),
      "",
      ...text,
      ...why.length > 0 ? ["", ...why.map(printable)] : [],
    ].join("\n");
  }

  /** The table of all contenders. */
  toString(): string {
    return this.table();
  }

  /** The results as a notebook shows them: the figure and the table. */
  [Symbol.for("Jupyter.display")](): Record<string, string> | Promise<Record<string, string>> {
    return this.#display.shown();
  }

  /** In a notebook, draws its output now: kernels do not wait long for it when a cell ends. */
  async drawn(): Promise<this> {
    await this.#display.draw();
    return this;
  }

  readonly #display = new Display(this, () => partOf(this));

  /** The table's cells, the first line its head. Bands are of 95 %. */
  rows(options: Compared = {}): string[][] {
    const { against } = checkOptions("list results", options, compared);
    if (against !== undefined) {
      const head = ["n", `contender, less ${against}`, "pairs", "solutions", this.performance, "breaks the promise"];
      const lines = this.differences(against).map(({ size, contender, pairs, solutions, performance, broken }) => [
        `${size}`,
        contender,
        `${pairs}`,
        rate(solutions),
        performance === null ? "" : number(performance),
        rate(broken),
      ]);
      return [head, ...lines];
    }
    const head = ["n", "contender", "trials", "solutions", this.performance, "breaks the promise", "seconds"];
    return [
      head,
      ...this.summaries.map((one) => [
        `${one.size}`,
        one.contender,
        one.failed === 0 ? `${one.trials}` : `${one.trials} (${one.failed} failed)`,
        rate(one.solutions),
        `${one.performance === null ? "" : number(one.performance)}${
          one.unmeasured === 0 ? "" : ` (${one.unmeasured} not finite)`
        }`,
        rate(one.broken),
        one.seconds.toPrecision(2),
      ]),
    ];
  }

  /** The results as CSV, one line for each trial. */
  toCsv(): string {
    return csvOf(this);
  }

  /** The results as a Parquet file, one row for each trial, with the columns of the CSV. */
  async toParquet(): Promise<Uint8Array<ArrayBuffer>> {
    return await parquetOf(this);
  }
}

function rate({ value, low, high }: Banded): string {
  return `${value.toFixed(2)} (${low.toFixed(2)} to ${high.toFixed(2)})`;
}

function number({ value, low, high }: Banded): string {
  return Number.isNaN(low) ? value.toPrecision(4) : `${value.toPrecision(4)} ± ${((high - low) / 2).toPrecision(2)}`;
}

import { plotResults } from "./plot_results.ts";
import { resultsPage } from "./results_page.ts";
import { type Banded, summaries, type Summary } from "./summary.ts";
import type { TrialResult } from "./trial.ts";

/** The results of an experiment. */
export class Results {
  /**
   * Results of trials.
   * @param trials in the order of sizes, contenders and numbers
   * @param constraints the promise
   * @param performance the name of what is measured
   */
  constructor(
    readonly trials: readonly TrialResult[],
    readonly constraints: readonly { text: string; delta: number }[],
    readonly performance: string,
  ) {}

  /** Every contender at every size. */
  get summaries(): Summary[] {
    return summaries(this.trials);
  }

  /** The three plots as SVG text: performance, solutions and broken promises by the number of rows. */
  async plot(): Promise<string> {
    return await plotResults(this.summaries, {
      delta: Math.max(...this.constraints.map(({ delta }) => delta)),
      performance: this.performance,
    });
  }

  /** One page of HTML: figures, a table, the promise, and failures. It needs nothing else, neither scripts nor the network. */
  async page(): Promise<string> {
    return await resultsPage(this);
  }

  /** A table, one line for each contender and size. */
  toString(): string {
    const [head, ...lines] = this.rows();
    const widths = head.map((name, i) => Math.max(name.length, ...lines.map((line) => line[i].length)));
    const text = [head, ...lines].map((line) =>
      line.map((cell, i) => i === 1 ? cell.padEnd(widths[i]) : cell.padStart(widths[i])).join("  ").trimEnd()
    );
    return [...this.constraints.map(({ text, delta }) => `${text}, delta ${delta}`), "", ...text].join("\n");
  }

  /** The table's cells, the first line its head. Bands are of 95 %. */
  rows(): string[][] {
    const head = ["n", "contender", "trials", "solutions", this.performance, "breaks the promise", "seconds"];
    return [
      head,
      ...this.summaries.map((one) => [
        `${one.size}`,
        one.contender,
        one.failed === 0 ? `${one.trials}` : `${one.trials} (${one.failed} failed)`,
        rate(one.solutions),
        one.performance === null ? "" : number(one.performance),
        rate(one.broken),
        one.seconds.toPrecision(2),
      ]),
    ];
  }

  /** The results as CSV, one line for each trial. */
  toCsv(): string {
    const head = [
      "contender",
      "n",
      "trial",
      "solution",
      "performance",
      "broken",
      "seconds",
      "error",
      ...this.constraints.map(({ text }) => `g: ${text}`),
    ];
    const lines = this.trials.map((one) => [
      one.contender,
      one.size,
      one.trial,
      Number(one.solution),
      one.performance ?? "",
      Number(one.broken),
      one.seconds,
      one.error ?? "",
      ...this.constraints.map((_, i) => one.values[i] ?? ""),
    ]);
    return [head, ...lines].map((line) => line.map((cell) => quoted(`${cell}`)).join(",") + "\n").join("");
  }
}

function rate({ value, low, high }: Banded): string {
  return `${value.toFixed(2)} (${low.toFixed(2)} to ${high.toFixed(2)})`;
}

function number({ value, low, high }: Banded): string {
  return Number.isNaN(low) ? value.toPrecision(4) : `${value.toPrecision(4)} ± ${((high - low) / 2).toPrecision(2)}`;
}

function quoted(text: string): string {
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

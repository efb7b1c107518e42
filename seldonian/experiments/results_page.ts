import { escaped } from "../escaped.ts";
import { checkOptions } from "../../autodiff/options.ts";
import { type Compared, compared } from "./differences.ts";
import type { Made, Results } from "./results.ts";

/** Most failures that a page lists. */
const mostShown = 20;

/** An experiment, or several under their names, as one page of HTML for screens, dark or light, and print. */
export async function resultsPage(
  experiments: Results | Readonly<Record<string, Results>>,
  options: Compared = {},
): Promise<string> {
  const { against } = checkOptions("show results", options, compared);
  const named = Array.isArray(experiments.trials) ? { "": experiments as Results } : experiments as Record<string, Results>,
    parts: string[] = [];
  for (const [name, results] of Object.entries(named)) {
    parts.push(`${name === "" ? "" : `<h2>${escaped(name)}</h2>\n`}${await partOf(results)}`);
    if (against !== undefined) parts.push(differences(results, against, await results.plot({ against })));
  }
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>Experiment</title>
<style>
:root { color-scheme: light dark; font: 16px/1.5 system-ui, sans-serif; }
body { max-width: 1120px; margin: 2em auto; padding: 0 1em; }
figure { margin: 1em 0; }
dd { overflow-wrap: anywhere; }
svg { max-width: 100%; height: auto; border-radius: 6px; }
table { border-collapse: collapse; font-variant-numeric: tabular-nums; }
th, td { text-align: right; padding: 0.2em 0.8em; border-bottom: 1px solid #8886; }
th:nth-child(2), td:nth-child(2) { text-align: left; }
@media print { body { margin: 0; } }
</style>
<h1>Experiment</h1>
<p>Each contender learns from the same rows, drawn anew for every trial, and what it hands out is judged on the truth. Bands are of 95 %: Clopper and Pearson's for rates, Student's for means. A model breaks the promise if it breaks a constraint on the truth, or if one cannot be judged there. A method that promises delta does so in at most that part of its trials.</p>
${parts.join("\n")}
</html>
`;
}

/** The paired differences to a contender. */
function differences(results: Results, against: string, figure: string): string {
  return `<h3>Less ${escaped(against)}, trial by trial on the same rows</h3>
<figure>${figure}</figure>
${table(results.rows({ against }))}
<p>Bands of rates are those of STaR-Bets, proven for every number of pairs; those of means are Student's, over pairs of two models.</p>`;
}

/** How to repeat an experiment. */
function repeated({ seed, contenders }: Made): string {
  const lines = Object.entries(contenders).map(([name, { settings, digest }]) =>
    `<dt>${escaped(name)}</dt><dd><code>${escaped(settings)}</code><br><small>${digest}</small></dd>`
  );
  return `<details><summary>How to repeat it</summary>
<p>The same program on the same data gives the same results with seed ${seed}. Settings of contenders; the digest is of all that results depend on, but for sizes and trials:</p>
<dl>${lines.join("")}</dl></details>`;
}

function table([head, ...lines]: readonly (readonly string[])[]): string {
  const row = (tag: "td" | "th", cells: readonly string[]) =>
    `<tr>${cells.map((cell) => `<${tag}>${escaped(cell)}</${tag}>`).join("")}</tr>`;
  return `<table><thead>${row("th", head)}</thead><tbody>${lines.map((cells) => row("td", cells)).join("")}</tbody></table>`;
}

/** The promise, the figure, the table and the failures of an experiment. */
export async function partOf(results: Results): Promise<string> {
  const { constraints, trials, made } = results, figure = await results.plot();
  const promises = constraints.map(({ text, delta }) => `<li><code>${escaped(text)}</code> with delta ${delta}</li>`).join("");
  const failures = trials.filter(({ error }) => error !== undefined), sizes = [...new Set(trials.map(({ size }) => size))];
  const failed = failures.slice(0, mostShown).map(({ contender, size, trial, error }) =>
    `<li>${escaped(contender)}, trial ${trial} of ${size.toLocaleString("en")} rows: ${escaped(error!)}</li>`
  );
  return `<ul>${promises}</ul>
<figure>${figure}</figure>
${table(results.rows())}
<p>${trials.length.toLocaleString("en")} trials, ${sizes.map((size) => size.toLocaleString("en")).join(", ")} rows.</p>
${made === undefined ? "" : repeated(made)}
${
    failures.length === 0
      ? ""
      : `<h3>Failures</h3><ul>${failed.join("")}</ul>${
        failures.length > mostShown ? `<p>and ${failures.length - mostShown} more</p>` : ""
      }`
  }`;
}

import { escaped } from "../escaped.ts";
import { printable } from "../printable.ts";
import { drawnRates } from "../report/plot_rates.ts";
import { headlineOf, short } from "../report/verdict.ts";
import type { ConstraintReport } from "../safety_test.ts";
import type { CardFacts, CardMeasure, CardPromise } from "./card.ts";

/** A card as one page of HTML for screens, dark or light, wide or narrow, and for print. It runs nothing and loads nothing. */
export async function cardPage(card: CardFacts, reports: readonly ConstraintReport[]): Promise<string> {
  const { modelDetails: { name, decides }, evaluationData: { rows }, quantitativeAnalyses: promises } = card;
  const passed = reports.every(({ passed }) => passed);
  const verdict = headlineOf(passed ? "The safety test passed." : "The safety test failed: nothing is promised.", reports);
  const sections = Object.entries(sectionsOf(card, await figureOf(reports)));
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>${said(name)}: model card</title>
<style>${style}</style>
<main>
<h1>${said(name)}</h1>
<p>${decides === undefined ? "What it decides is not stated." : `It decides ${said(decides)}.`}</p>
<div class="${passed ? "kept" : "failed"}"><p><strong>${verdict}</strong> On ${count(rows)} rows of safety data:</p>
<ul>${
    promises.map(({ text, verdict, delta }) => `<li>${code(text)}: ${said(verdict)}, with delta ${delta}</li>`).join("")
  }</ul></div>
${sections.map(([title, content]) => `<section><h2>${title}</h2>\n${content}</section>`).join("\n")}
</main>
<footer><p>Made of a certificate, whose test can be repeated to the last bit from the model's file and the safety data. Sections are
those of M. Mitchell et al., "Model cards for model reporting", 2019.</p></footer>
</html>
`;
}

function sectionsOf(card: CardFacts, figure: string): Record<string, string> {
  const { modelDetails: made, certificate, intendedUse, factors, metrics, evaluationData: tested, trainingData: trained } = card;
  const { caveats } = card, settings = Object.entries(trained.settings), others = Object.entries(tested.others);
  return {
    "Model details": facts({
      "Developers": stated(made.developers),
      "Date": stated(made.date),
      "Version": stated(made.version),
      "Type": stated(made.type),
      "License": stated(made.license),
      "Citation": stated(made.citation),
      "Contact": stated(made.contact),
      "SHA-256 of its file": code(made.sha256),
      "Certificate": code(certificate.sha256),
      "Signed": certificate.publicKey === undefined
        ? "no"
        : `with the key ${code(certificate.publicKey)}, if <code>verify</code> agrees`,
      "Made by": said(`version ${made.kit} of the kit, with ${made.arithmetic}`),
    }),
    "Intended use": lists({ "Uses": intendedUse.uses, "Users": intendedUse.users, "Out of scope": intendedUse.outOfScope }),
    "Factors": `<h3>Groups that were tested</h3>${items(factors.tested, "None: promises are of all rows.", code)}` +
      lists({ "Other factors": factors.relevant }),
    "Metrics": `<p>Judged: ${said(metrics.judged)}. The seed is ${metrics.seed}.</p>${lists({ "Bounds": metrics.bounds })}`,
    "Evaluation data": facts({
      "Origin": stated(tested.origin),
      "Rows": count(tested.rows),
      "SHA-256": code(tested.sha256),
      ...Object.fromEntries(others.map(([name, { rows, sha256 }]) => [`Data "${name}"`, `${count(rows)} rows, ${code(sha256)}`])),
      "Tested before": said(tested.usedBefore),
      ...(tested.split.length > 0 && { "Split": said(tested.split.join("; ")) }),
    }),
    "Training data": facts({
      "Origin": stated(trained.origin),
      ...(trained.steps !== undefined && { "Steps": count(trained.steps) }),
      ...(trained.objective && { "Objective": objectiveText(trained.objective) }),
      ...Object.fromEntries(settings.map(([name, value]) => [name, code(JSON.stringify(value) ?? "none")])),
    }) + columnsTable(trained.columns) + (trained.warnings.length === 0 ? "" : lists({ "Warnings": trained.warnings })),
    "Quantitative analyses": card.quantitativeAnalyses.map(promisePart).join("\n") + figure + againPart(card.testedAgain),
    "Ethical considerations": items(card.ethicalConsiderations),
    "Caveats and recommendations":
      `<h3>Approximate</h3>${items(caveats.approximate, "Nothing: all bounds are proven at every number of rows.")}` +
      lists({ "Assumed": caveats.assumed, "Not promised": caveats.notPromised, "Recommendations": caveats.recommendations }),
  };
}

/** The most rows whose bounds are computed for a figure: a number in a file could be any. */
const mostDrawn = 1e7;

async function figureOf(reports: readonly ConstraintReport[]): Promise<string> {
  const leaves = reports.flatMap(({ leaves }) => leaves),
    drawn = leaves.some(({ n, range: [low, high] }) => n > 0 && high - low < Infinity);
  if (!drawn || leaves.some(({ n }) => n > mostDrawn)) return "";
  return `<figure>${await drawnRates(reports)}<figcaption>Measures with intervals: those of the test where it bounded a measure by
itself; otherwise, dashed, Chernoff's at the same delta.</figcaption></figure>`;
}

const style = `
:root { color-scheme: light dark; font: 16px/1.5 system-ui, sans-serif; --line: #8888; --good: light-dark(#166534, #86efac);
  --bad: light-dark(#9f1239, #fda4af); --quiet: light-dark(#555, #bbb); }
body { max-width: 60rem; margin: 2rem auto; padding: 0 1rem; overflow-wrap: break-word; }
h2 { margin: 2.5rem 0 0.5rem; border-bottom: 1px solid var(--line); }
h3 { font-size: 1rem; margin: 1rem 0 0; }
ul, p { margin: 0.4rem 0; }
ul { padding-left: 1.3rem; }
code { overflow-wrap: anywhere; }
.kept { border-left: 4px solid var(--good); padding-left: 0.8rem; }
.failed { border-left: 4px solid var(--bad); padding-left: 0.8rem; }
.kept strong { color: var(--good); }
.failed strong { color: var(--bad); }
.quiet, figcaption, footer { color: var(--quiet); }
dl { display: grid; grid-template-columns: minmax(7rem, max-content) 1fr; gap: 0.2rem 1.2rem; margin: 0.5rem 0; }
dt { color: var(--quiet); overflow-wrap: anywhere; }
dd { margin: 0; min-width: 0; }
.table { overflow-x: auto; margin: 0.8rem 0; }
table { border-collapse: collapse; font-variant-numeric: tabular-nums; }
caption { text-align: left; color: var(--quiet); }
th, td { text-align: right; padding: 0.25rem 0.8rem; border-bottom: 1px solid var(--line); vertical-align: top; }
th:first-child, td:first-child { text-align: left; padding-left: 0; min-width: 12rem; font-weight: normal; }
figure { margin: 1rem 0; overflow-x: auto; }
svg { border-radius: 6px; }
@media (max-width: 40rem) { dl { grid-template-columns: 1fr; } dd { margin-bottom: 0.5rem; } }
@media print { body { margin: 0; max-width: none; } .table, figure { overflow: visible; } }
`;

/** Text of anybody: no sign of it is one of HTML, or turns the direction of what follows. */
function said(text: string): string {
  return escaped(printable(text));
}

function code(text: string): string {
  return `<code>${said(text)}</code>`;
}

function stated(text: string | undefined): string {
  return text === undefined ? `<span class="quiet">not stated</span>` : said(text);
}

function count(n: number): string {
  return n.toLocaleString("en");
}

function items(texts: readonly string[], none = "Not stated.", shown = said): string {
  return texts.length === 0
    ? `<p class="quiet">${none}</p>`
    : `<ul>${texts.map((text) => `<li>${shown(text)}</li>`).join("")}</ul>`;
}

function lists(named: Readonly<Record<string, readonly string[]>>): string {
  return Object.entries(named).map(([name, texts]) => `<h3>${name}</h3>${items(texts)}`).join("");
}

/** Facts by name, as HTML. */
function facts(shown: Readonly<Record<string, string>>): string {
  return `<dl>${Object.entries(shown).map(([name, value]) => `<dt>${said(name)}</dt><dd>${value}</dd>`).join("")}</dl>`;
}

function objectiveText(objective: NonNullable<CardFacts["trainingData"]["objective"]>): string {
  const parts = Object.entries(objective).flatMap(([part, value]) => value === null ? [] : [`${short(value)} on ${part} data`]);
  return parts.length === 0 ? "not measured" : parts.join(", ");
}

/** Levels and histograms stay out: a card is published, and rare levels may be persons. */
function columnsTable(columns: CardFacts["trainingData"]["columns"]): string {
  if (columns.length === 0) return "";
  const rows = columns.map(({ name, role, missing }) => [code(name), said(role), missing === 0 ? "" : count(missing)]);
  return `<details><summary>${count(columns.length)} columns of the table</summary>${
    table("Columns, their use, and rows without a value", ["Column", "Use", "Missing"], rows)
  }</details>`;
}

function table(caption: string, head: readonly string[], rows: readonly (readonly string[])[]): string {
  const body = rows.map(([first, ...more]) =>
    `<tr><th scope="row">${first}</th>${more.map((cell) => `<td>${cell}</td>`).join("")}</tr>`
  );
  // Wide tables scroll by themselves, also by keys.
  return `<div class="table" role="region" tabindex="0" aria-label="${said(caption)}"><table><caption>${
    said(caption)
  }</caption>` +
    `<thead><tr>${head.map((name) => `<th scope="col">${name}</th>`).join("")}</tr></thead><tbody>${
      body.join("")
    }</tbody></table></div>`;
}

function promisePart({ text, words, delta, populations, verdict, guarantee, formulas, measures }: CardPromise): string {
  const about = guarantee === "approximate" ? "approximately " : "", kept = verdict === "kept";
  const meaning = kept
    ? `A model that breaks this would pass such a test with ${about}probability ${delta} at most.`
    : "The test did not show it, so that it is not promised.";
  const shown = (x: number | null) => x === null ? "none" : short(x);
  const end = (of: CardMeasure["atLeast"]) => of === undefined ? "" : `${shown(of.bound)} (delta ${short(of.delta)})`;
  return `<article><h3>${code(text)}</h3>
<p>In words: ${said(words)}.${populations === undefined ? "" : ` For populations where ${said(populations)}.`}</p>
<p class="${kept ? "kept" : "failed"}"><strong>${said(verdict)}</strong>, with delta ${delta}. ${meaning}</p>
${
    table(
      "Measures on the safety data",
      ["Measure", "Rows", "Estimate", "At least", "At most", "Bound"],
      measures.map(({ name, words, rows, estimate, atLeast, atMost, by }) => [
        `${code(name)}<br><span class="quiet">${said(words)}</span>`,
        count(rows),
        shown(estimate),
        end(atLeast),
        end(atMost),
        atLeast === undefined && atMost === undefined ? "" : said(by),
      ]),
    )
  }
${
    table(
      "Formulas that must be at most 0",
      ["Formula", "Estimate", "At most", "Bound"],
      formulas.map(({ text, estimate, atMost, by = "" }) => [code(text), shown(estimate), shown(atMost), said(by)]),
    )
  }</article>`;
}

function againPart(again: CardFacts["testedAgain"]): string {
  if (again === undefined) return "";
  const { passed, rows, looks, promises, certificate } = again, verdict = passed ? "passed" : "has not passed yet";
  return `<article><h3>Tested again</h3>
<p class="${passed ? "kept" : "failed"}">A test in sequence on newer rows <strong>${verdict}</strong>: ${
    count(rows)
  } rows in ${looks} ${looks === 1 ? "look" : "looks"}.</p>
<ul>${promises.map(({ text, delta }) => `<li>${code(text)}, with delta ${delta} for all looks</li>`).join("")}</ul>
<p>Certificate: ${code(certificate)}</p></article>`;
}

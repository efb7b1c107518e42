import { plotLog, type Step } from "../../mod.ts";
import { element, input, made } from "./dom.ts";
import { notesShown } from "./notes.ts";
import type { Problem } from "./problem.ts";
import type { Told } from "./worker.ts";

let worker: Worker | null = null;

/** What a result means. */
const meanings = {
  passed:
    "The rows held out for the test show that the promise holds, as surely as you asked. The model may be used on cases like these.",
  failed:
    "The rows held out for the test could not show that the promise holds, so there is no model to use. More rows, a looser promise, " +
    "or a higher probability of being wrong may help; trying again and again until it passes would not be a test.",
};

/** Shows how many rows are for training and for the test. */
export function showSplit(rows: number | null): void {
  const held = Number(input("fraction").value), test = rows === null ? null : Math.round(rows * held / 100);
  const bar = element("split"), [train, tested] = bar.children;
  bar.style.setProperty("--held", `${held}%`);
  const said = (count: number | null) => count === null ? "" : `${count.toLocaleString("en")} rows `;
  train.textContent = `${said(test === null ? null : rows! - test)}to train on`;
  tested.textContent = `${said(test)}to test`;
  element("split-said").textContent = `${held} %${test === null ? "" : `, about ${test.toLocaleString("en")} rows`}`;
}

/** Trains in a worker. @param sentences the promises in words @param failed is called with a problem */
export function start(problem: Problem, sentences: string[], failed: (told: Extract<Told, { trouble: unknown }>) => void): void {
  const log: Step[] = [], began = performance.now(), { texts } = problem;
  const names = texts.length === 1 ? texts : texts.map((_, i) => `promise ${i + 1}`);
  let drawing = false;
  ended("Splitting the rows …");
  at(0);
  element("result").hidden = true;
  element("course").hidden = false;
  element("curves").replaceChildren();
  element("count").textContent = "";
  Object.assign(element<HTMLProgressElement>("progress"), { max: 1, value: 0 });
  element<HTMLButtonElement>("stop").disabled = false;
  worker = new Worker(new URL("./worker.js", import.meta.url), { type: "module" });
  worker.onerror = (event) => ended(`The worker failed: ${event.message}`);
  worker.onmessage = async ({ data: told }: MessageEvent<Told>) => {
    if ("trouble" in told) return ended("Training failed."), failed(told);
    if ("prepared" in told) return prepared(told);
    if ("html" in told) {
      ended(
        `Done in ${((performance.now() - began) / 1000).toFixed(1)} s. ${told.passed ? "A model passed." : "No model passed."}`,
      );
      return showResult(told, sentences);
    }
    log.push(...told.steps);
    const testing = log.length === told.of;
    at(testing ? 2 : 1);
    // Announced once each: screen readers would read a changing number aloud without end.
    element("state").textContent = testing ? "Testing …" : "Training …";
    Object.assign(element<HTMLProgressElement>("progress"), { max: told.of, value: log.length });
    element("count").textContent = `Step ${log.length.toLocaleString("en")} of ${told.of.toLocaleString("en")}`;
    if (drawing || log.length === 0) return;
    drawing = true;
    const some = Math.ceil(log.length / 400), figure = await plotLog(log.filter((_, i) => i % some === 0), names);
    if (worker !== null) element("curves").innerHTML = figure;
    performance.measure("first curve", { start: began });
    drawing = false;
  };
  worker.postMessage(problem);
}

/** Ends training and hides its display. */
export function ended(state: string): void {
  worker?.terminate();
  worker = null;
  at(null);
  element<HTMLButtonElement>("stop").disabled = true;
  element("course").hidden = true;
  element("state").textContent = state;
}

/** Marks the current step. */
function at(step: number | null): void {
  Array.from(element("steps").children, (item, i) => {
    if (i === step) item.setAttribute("aria-current", "step");
    else item.removeAttribute("aria-current");
  });
}

function prepared({ prepared, notes }: Extract<Told, { prepared: string }>): void {
  element("prepared").innerHTML = prepared;
  element("prepared-notes").replaceChildren(
    ...notesShown(notes.filter(({ kind }) => kind === "parts" || kind === "warning"), () => {}),
  );
}

function showResult({ passed, html, model, certificate, encoder }: Extract<Told, { html: string }>, sentences: string[]): void {
  const result = element("result");
  element("outcome").textContent = passed ? "The model keeps its promise" : "No solution found";
  element("asked").textContent = passed ? "The promise:" : "The promise that could not be shown:";
  element("sentences").replaceChildren(
    ...sentences.map((sentence) => made("p", { className: "sentence", textContent: sentence })),
  );
  result.hidden = false;
  result.classList.toggle("passed", passed);
  element("meaning").textContent = meanings[passed ? "passed" : "failed"];
  element("verdict").innerHTML = html;
  // A scrolling element must be reachable by keyboard.
  for (const figure of result.querySelectorAll("figure")) figure.tabIndex = 0;
  offer("encoder", encoder);
  if (model && certificate) {
    offer("model", new Uint8Array(model));
    offer("certificate", certificate);
  }
  element("downloads").hidden = !passed;
}

function offer(id: string, content: string | Uint8Array<ArrayBuffer>): void {
  const link = element<HTMLAnchorElement>(id);
  URL.revokeObjectURL(link.href);
  link.href = URL.createObjectURL(new Blob([content]));
}

/// <reference lib="dom" />
/// <reference lib="dom.iterable" />
import { ConstraintError, csv, explainConstraint, measures, plotLog, type Step, type Table } from "../../mod.ts";
import { completionsAt } from "./completion.ts";
import { type Problem, valuesOf } from "./problem.ts";
import type { Told } from "./worker.ts";

const element = <E extends HTMLElement>(id: string) => document.getElementById(id) as E;
const input = (id: string) => element<HTMLInputElement>(id), select = (id: string) => element<HTMLSelectElement>(id);

const functions = ["abs", "exp", "log", "min", "max"];
const measureNames = [...Object.keys(measures), "NPV", "FDR"].sort();
let table: Table | null = null, text = "", worker: Worker | null = null;

// Data.

function use(name: string, content: string, label?: string, positive?: string): void {
  try {
    [table, text] = [csv(content), content];
  } catch (error) {
    element("table").textContent = `${name} cannot be used: ${(error as Error).message}`;
    return;
  }
  element("table").textContent = `${name}: ${table.size.toLocaleString("en")} rows, ${table.names.length} columns`;
  fill(select("label"), table.names, label ?? table.names[table.names.length - 1]);
  labelChosen(positive);
}

function fill(list: HTMLSelectElement, values: readonly string[], chosen?: string): void {
  list.replaceChildren(...values.map((value) => new Option(value, value, false, value === chosen)));
}

function labelChosen(positive?: string): void {
  const label = select("label").value, values = valuesOf(table!, label);
  fill(select("positive"), values.slice(0, 50), positive ?? values[values.length - 1]);
  element("features").replaceChildren(
    ...table!.names.filter((name) => name !== label).map((name) => {
      const item = document.createElement("label"), box = document.createElement("input");
      Object.assign(box, { type: "checkbox", value: name, checked: !/^(Personal\.|sex$|gender$|race$)/i.test(name) });
      item.append(box, ` ${name}`);
      return item;
    }),
  );
  check();
}

element("example").onclick = async () => {
  use("German credit", await (await fetch("german_credit.csv")).text(), "Class", "Good");
  input("constraint").value = 'abs((PR | ["Personal.Male.Single" == 1]) - (PR | ["Personal.Male.Single" == 0])) <= 0.15';
  check();
};
input("file").onchange = async () => {
  const file = input("file").files?.[0];
  if (file) use(file.name, await file.text());
};
const drop = element("drop");
for (const name of ["dragover", "dragleave", "drop"] as const) {
  drop.addEventListener(name, async (event) => {
    event.preventDefault();
    drop.classList.toggle("over", name === "dragover");
    const file = name === "drop" ? event.dataTransfer?.files[0] : undefined;
    if (file) use(file.name, await file.text());
  });
}
select("label").onchange = () => labelChosen();

// Promise: checked as it is written, with what may follow.

/** Whether the promise can be read. */
function check(): boolean {
  const field = input("constraint"), written = field.value;
  let error = "", tree = "";
  try {
    if (written.trim() !== "") tree = explainConstraint(written, Number(input("delta").value));
  } catch (caught) {
    if (!(caught instanceof ConstraintError || caught instanceof RangeError)) throw caught;
    error = caught.message;
  }
  field.setAttribute("aria-invalid", `${error !== ""}`);
  element("error").textContent = error;
  element("tree").textContent = tree;
  return error === "" && tree !== "";
}

const list = element("suggestions");
let chosen = 0;

function suggest(): void {
  const field = input("constraint"),
    columns = (table?.names ?? []).map((name) => /^\w+$/.test(name) ? name : JSON.stringify(name));
  const completion = completionsAt(field.value, field.selectionStart ?? 0, { measures: measureNames, functions, columns });
  const words = completion.words.slice(0, 20);
  chosen = Math.min(chosen, Math.max(0, words.length - 1));
  list.replaceChildren(...words.map((word, i) => {
    const option = document.createElement("span");
    Object.assign(option, { id: `suggestion-${i}`, textContent: word });
    option.setAttribute("role", "option");
    option.setAttribute("aria-selected", `${i === chosen}`);
    option.onmousedown = (event) => (event.preventDefault(), accept(word));
    return option;
  }));
  list.hidden = words.length === 0;
  field.setAttribute("aria-expanded", `${!list.hidden}`);
  if (list.hidden) field.removeAttribute("aria-activedescendant");
  else field.setAttribute("aria-activedescendant", `suggestion-${chosen}`);
}

function accept(word: string): void {
  const field = input("constraint"),
    at = field.selectionStart ?? 0,
    start = at - /[\w.]*$/.exec(field.value.slice(0, at))![0].length;
  field.setRangeText(word, start, at, "end");
  list.hidden = true;
  check();
}

input("constraint").oninput = () => {
  chosen = 0;
  suggest();
  check();
};
input("constraint").onkeydown = (event) => {
  if (list.hidden) return;
  const moves: Record<string, number> = { ArrowDown: 1, ArrowUp: -1 };
  if (event.key in moves) {
    chosen = (chosen + moves[event.key] + list.children.length) % list.children.length;
    suggest();
  } else if (event.key === "Enter" || event.key === "Tab") accept(list.children[chosen].textContent!);
  else if (event.key === "Escape") list.hidden = true;
  else return;
  event.preventDefault();
};
input("constraint").onblur = () => list.hidden = true;
input("delta").oninput = check;

// Training, in a worker.

element<HTMLFormElement>("problem").onsubmit = (event) => {
  event.preventDefault();
  if (table === null) return void (element("table").textContent = "Choose data first.");
  if (!check()) return input("constraint").focus();
  const features = [...element("features").querySelectorAll<HTMLInputElement>("input:checked")].map(({ value }) => value);
  start({
    ...{ csv: text, label: select("label").value, positive: select("positive").value, features, text: input("constraint").value },
    ...{ delta: Number(input("delta").value), decided: input("decided").checked },
  });
};
element("stop").onclick = () => ended("Stopped.");

function start(problem: Problem): void {
  const log: Step[] = [], began = performance.now();
  let drawing = false;
  ended("");
  element("verdict").replaceChildren();
  element("downloads").hidden = true;
  element<HTMLButtonElement>("stop").disabled = false;
  element("progress").hidden = false;
  worker = new Worker(new URL("./worker.js", import.meta.url), { type: "module" });
  worker.onerror = (event) => ended(`The worker failed: ${event.message}`);
  worker.onmessage = async ({ data: told }: MessageEvent<Told>) => {
    if ("error" in told) return ended(told.error);
    if ("html" in told) {
      ended(`Done in ${((performance.now() - began) / 1000).toFixed(1)} s.`);
      element("curves").replaceChildren();
      element("verdict").innerHTML = told.html;
      offer("encoder", told.encoder);
      if (told.model && told.certificate) {
        offer("model", new Uint8Array(told.model));
        offer("certificate", told.certificate);
      }
      element("downloads").hidden = !told.passed;
      return;
    }
    log.push(...told.steps);
    Object.assign(element<HTMLProgressElement>("progress"), { max: told.of, value: log.length });
    element("state").textContent = `Step ${log.length.toLocaleString("en")} of ${told.of.toLocaleString("en")}`;
    if (drawing || log.length === 0) return;
    drawing = true;
    const some = Math.ceil(log.length / 400), figure = await plotLog(log.filter((_, i) => i % some === 0), [problem.text]);
    if (worker !== null) element("curves").innerHTML = figure;
    performance.measure("first curve", { start: began });
    drawing = false;
  };
  worker.postMessage(problem);
}

/** Puts training away. */
function ended(state: string): void {
  worker?.terminate();
  worker = null;
  element<HTMLButtonElement>("stop").disabled = true;
  element("progress").hidden = true;
  element("state").textContent = state;
}

function offer(id: string, content: string | Uint8Array<ArrayBuffer>): void {
  const link = element<HTMLAnchorElement>(id);
  URL.revokeObjectURL(link.href);
  link.href = URL.createObjectURL(new Blob([content]));
}

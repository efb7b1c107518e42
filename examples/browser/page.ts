import { chooseLabel, choosePositive, chosenEncoding, chosenTable, leaveOut, show, showUse } from "./chosen.ts";
import { chooseFiles, setFile } from "./data.ts";
import { checked, element, input, select } from "./dom.ts";
import { troubleShown } from "./notes.ts";
import { sent } from "./problem.ts";
import { delta } from "./promise_card.ts";
import { addPromise, checkPromises, failPromise, promised } from "./promises.ts";
import { checkReading, excluded, groupBy } from "./reading.ts";
import { ended, showSplit, start } from "./training.ts";

// Data.

chooseFiles(show);
element("example").onclick = async () => {
  setFile("German credit", await (await fetch("german_credit.csv")).arrayBuffer());
  if (await show({ label: "Class", positive: "Good" })) first.set("parity", "Personal.Male.Single", 15);
};
element("reading").onchange = ({ target }) => {
  const { id } = target as HTMLElement, read = chosenTable() !== null;
  if (read && id === "reading-exclude") leaveOut(excluded.get());
  else if (read && ["reading-missing", "reading-maxLevels", "reading-groupBy"].includes(id)) checkReading() && showUse();
  else show();
};
// There, Enter confirms a field and does not start training.
element("reading").onkeydown = (event) => {
  if (event.key !== "Enter" || !(event.target instanceof HTMLInputElement)) return;
  event.preventDefault();
  event.target.blur();
  event.target.focus();
};
select("label").onchange = () => chooseLabel();
select("positive").onchange = () => choosePositive();

// Promises.

const first = addPromise();
element("add").onclick = () => addPromise().root.querySelector("input")!.focus();
input("delta").oninput = () => {
  checked(input("delta"));
  checkPromises();
};

// Training.

input("fraction").oninput = () => showSplit(chosenTable()?.size ?? null);
showSplit(null);
element<HTMLFormElement>("problem").onsubmit = (event) => {
  event.preventDefault();
  element("failure").replaceChildren();
  const table = chosenTable();
  if (table === null) {
    if (element("trouble").childElementCount === 0) element("table").textContent = "Choose data first.";
    return input("file").focus();
  }
  const wrong = [select("label"), input("delta")].find((field) => !checked(field));
  if (wrong !== undefined) return wrong.focus();
  if (!checkReading()) return;
  const encoding = chosenEncoding();
  if (encoding.features.length === 0) {
    element("columns-error").textContent = "The model sees no column: tick at least one.";
    return element("columns-title").focus();
  }
  const promises = promised();
  if (promises === null) return;
  const safetyFraction = Number(input("fraction").value) / 100;
  const problem = {
    table: sent(table),
    encoding,
    safetyFraction,
    groupBy: groupBy(),
    texts: promises.texts,
    delta: delta(),
    decided: input("decided").checked,
  };
  start(problem, promises.sentences, (told) => {
    if (told.constraint !== undefined && failPromise(told.constraint, told.trouble.problem)) return;
    element("failure").replaceChildren(...troubleShown(told.trouble, () => element("train").focus()));
  });
};
element("stop").onclick = () => ended("Stopped.");

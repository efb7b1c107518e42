import type { Table } from "../../mod.ts";
import { counted } from "../../seldonian/counted.ts";
import { readTable } from "../../seldonian/formats/read_table.ts";
import { element, input } from "./dom.ts";
import { troubleShown } from "./notes.ts";
import { checkReading, forgetReading, readOptions } from "./reading.ts";
import { forgetSwitches } from "./switches.ts";
import { troubleOf } from "./trouble.ts";

let file: { name: string; bytes: Uint8Array } | null = null, known: readonly string[] = [];

/** Reads the chosen file with the options under Reading; `null` if there is none, or if it cannot be read (it shows why). */
export async function read(): Promise<Table | null> {
  element("trouble").replaceChildren();
  if (!checkReading() || file === null) return null;
  const { name, bytes } = file, status = element("table");
  status.textContent = `Reading ${name} …`;
  // Lets the page show this before a long file blocks it.
  await new Promise((resolve) => setTimeout(resolve));
  try {
    const table = await readTable(bytes, { file: name, ...readOptions(known) });
    status.textContent = `${name}: ${counted(table.size, "row")}, ${counted(table.names.length, "column")}`;
    known = table.names;
    return table;
  } catch (error) {
    const trouble = troubleOf(error);
    status.textContent = "";
    element("trouble").replaceChildren(
      ...troubleShown({ ...trouble, problem: `${name} cannot be used: ${trouble.problem}` }, () => element("table").focus()),
    );
    element<HTMLDetailsElement>("reading").open = true;
    return null;
  }
}

/** Lets the user choose or drop files. @param opened is called after one was read */
export function chooseFiles(opened: () => void): void {
  const open = async (chosen: File | undefined) => {
    if (chosen === undefined) return;
    setFile(chosen.name, await chosen.arrayBuffer());
    opened();
  };
  input("file").onchange = () => open(input("file").files?.[0]);
  const drop = element("drop");
  for (const name of ["dragover", "dragleave", "drop"] as const) {
    drop.addEventListener(name, (event) => {
      event.preventDefault();
      drop.classList.toggle("over", name === "dragover");
      if (name === "drop") open(event.dataTransfer?.files[0]);
    });
  }
}

/** Replaces the file. Options are forgotten if the name differs. */
export function setFile(name: string, content: ArrayBuffer): void {
  if (name !== file?.name) {
    known = [];
    forgetReading();
    forgetSwitches();
  }
  file = { name, bytes: new Uint8Array(content) };
}

import type { Table } from "../../mod.ts";
import { counted } from "../../seldonian/counted.ts";
import { readTable } from "../../seldonian/formats/read_table.ts";
import { element, input } from "./dom.ts";
import { troubleShown } from "./notes.ts";
import { checkReading, forgetReading, readOptions } from "./reading.ts";
import { forgetSwitches } from "./switches.ts";
import { troubleOf } from "./trouble.ts";

let file: { name: string; bytes: Uint8Array } | null = null, known: readonly string[] = [];

/** Reads the chosen file as the fields of Reading say; `null` where there is none, or it cannot be read, which is said then. */
export async function read(): Promise<Table | null> {
  element("trouble").replaceChildren();
  if (!checkReading() || file === null) return null;
  const { name, bytes } = file, status = element("table");
  status.textContent = `Reading ${name} …`;
  // So that this is seen before a long file takes the page's time.
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

/** Has files chosen or dropped. @param opened is called when one was */
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

/** Puts a file in the place of the one before. What was said of a file is not said of one with another name. */
export function setFile(name: string, content: ArrayBuffer): void {
  if (name !== file?.name) {
    known = [];
    forgetReading();
    forgetSwitches();
  }
  file = { name, bytes: new Uint8Array(content) };
}

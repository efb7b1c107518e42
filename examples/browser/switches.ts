import type { Description, Table } from "../../mod.ts";
import { whyLeftOut } from "./columns.ts";
import { encodingSaid, groupBy } from "./reading.ts";

/** Columns that the user switched on or off. */
const switched = new Map<string, boolean>();

/** Switches a column on or off for the model. */
export const switchColumn = (name: string, seen: boolean) => switched.set(name, seen);

/** Forgets all switches. */
export const forgetSwitches = () => switched.clear();

/** The reason that the model does not see a column; undefined if it does. */
export function whyOut(name: string, { columns }: Description, table: Table): string | undefined {
  if (name === groupBy()) return "its equal values are one observation";
  const by = switched.get(name);
  if (by === true) return undefined;
  const why = whyLeftOut(columns.find((column) => column.name === name)!, table, encodingSaid().maxLevels);
  return why ?? (by === false ? "switched off" : undefined);
}

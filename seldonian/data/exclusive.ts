import { Tensor } from "../../autodiff/mod.ts";
import type { AllColumns } from "./columns.ts";

/**
 * Checks that no row is in two of these groups.
 * @throws {RangeError} for a row with 1 in two of the columns, and for a column with values other than 0 and 1
 */
export function checkExclusive(names: readonly string[], columns: AllColumns, place: (row: number) => string): void {
  const what = `Cannot use ${names.join(", ")} as exclusive columns`;
  const members = names.map((name, i) => {
    const values = columns.get(name);
    if (values === undefined) {
      throw new RangeError(`${what}: there is no column ${name}; there are ${[...columns.keys()].join(", ") || "none"}`);
    }
    if (names.indexOf(name) < i) throw new RangeError(`${what}: ${name} is named twice`);
    if (values instanceof Uint8Array) return values;
    if (values instanceof Tensor) throw new RangeError(`${what}: ${name} has several numbers a row; wanted 0 or 1`);
    // It may be unknown whether a row is a member; such a row belongs to none.
    const row = (values as ArrayLike<unknown>[] | Float64Array).findIndex((value) =>
      value !== 0 && value !== 1 && !Number.isNaN(value)
    );
    if (row < 0) return values as Float64Array;
    throw new RangeError(`${what}: ${name} is ${values[row]} in ${place(row)}; wanted 0 or 1`);
  });
  const size = members[0]?.length ?? 0;
  for (let row = 0; row < size; row++) {
    let first = -1;
    for (let i = 0; i < members.length; i++) {
      if (members[i][row] !== 1) continue;
      if (first >= 0) {
        throw new RangeError(`${what}: ${place(row)} has both ${names[first]} and ${names[i]}; leave them out of \`exclusive\``);
      }
      first = i;
    }
  }
}

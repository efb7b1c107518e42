import type { Relations } from "../constraints/sample.ts";
import { commonRows } from "../data/common_rows.ts";
import type { Source } from "../data/data_set.ts";
import { nameOfSet, type Sets } from "../sets.ts";
import type { PromiseOptions } from "./stated.ts";

/**
 * Checks the stated relations between data sets against the data.
 * @throws {RangeError} for an unknown name, rows that cannot be paired, and data declared independent that shares rows
 */
export async function relationsOf(
  { independent = [], paired = [] }: Pick<PromiseOptions, "independent" | "paired">,
  sets: Sets<Source>,
): Promise<Relations> {
  const { main, others } = sets;
  for (const [what, names] of Object.entries({ independent, paired })) {
    const unknown = names.find((name) => !Object.hasOwn(others, name));
    if (unknown === undefined) continue;
    const known = Object.keys(others).map((name) => `"${name}"`).join(", ") || "none";
    throw new RangeError(`Cannot take "${unknown}" as ${what}: there is no such data set in others; there are ${known}`);
  }
  const both = independent.find((name) => paired.includes(name));
  if (both !== undefined) throw new RangeError(`Cannot take "${both}" as both independent and paired: choose one`);
  for (const name of paired) {
    const { size, hasClusters } = others[name];
    if (size !== main.size) {
      throw new RangeError(`Cannot pair the rows of "${name}" with those of the data: there are ${size} and ${main.size}`);
    }
    if (!hasClusters && !main.hasClusters) continue;
    throw new RangeError(
      `Cannot pair the rows of "${name}" with those of the data: one of them has clusters, which are not paired`,
    );
  }
  const drawn = [undefined, ...independent].map((name) => [nameOfSet(name), sets.of(name)!] as const);
  for (const [i, [first, a]] of drawn.entries()) {
    for (const [second, b] of drawn.slice(i + 1)) {
      const count = await commonRows(a, b);
      if (count === 0) continue;
      throw new RangeError(
        `Cannot take ${second} as independent of ${first}: they have ${count} of ${b.size} rows in common; leave it out of \`independent\`, ` +
          "or name it in `paired`, if the rows of both belong together one by one",
      );
    }
  }
  return { independent, paired };
}

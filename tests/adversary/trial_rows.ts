/** Rows of a trial: their draw, their order, and their data for the kit. */
import type { DataSetParts } from "../../mod.ts";
import type { Dice } from "./dice.ts";
import { draw, type Drawn, type Law, reordered, type RowType } from "./law.ts";
import { noNumber } from "./models.ts";
import type { Other, Question } from "./question.ts";
import type { Kit } from "./trial.ts";

/** Rows of a data set: types, clusters, and a feature that distinguishes rows and that no model reads. */
interface Rows {
  drawn: Drawn;
  noise: readonly number[];
}

function reorderedRows({ drawn, noise }: Rows, order: readonly number[]): Rows {
  return { drawn: reordered(drawn, order), noise: order.map((row) => noise[row]) };
}

/** Rows sorted by the model's outputs and by labels, as in a sorted file. */
export function sortedRows(drawn: Drawn, noise: readonly number[], { types }: Law): Rows {
  const key = (row: number) => types[drawn.types[row]].outputs[0] - 3 * types[drawn.types[row]].label;
  return reorderedRows({ drawn, noise }, drawn.types.map((_, row) => row).sort((a, b) => key(a) - key(b)));
}

export function otherRows({ rows, noisy, law }: Other, main: Rows, n: number, dice: Dice): Rows {
  const fresh = (count: number): Rows => {
    const drawn = draw(law, count, dice);
    return { drawn, noise: drawn.types.map(() => dice.uniform()) };
  };
  const size = main.noise.length, places = main.noise.map((_, row) => row);
  if (rows === "fresh") return fresh(n);
  const kept = rows === "same"
    ? main
    : reorderedRows(main, dice.shuffled(places).slice(0, rows === "half" ? Math.ceil(size / 2) : size));
  const added = rows === "half" ? fresh(size - kept.noise.length) : null;
  const noise = noisy ? kept.noise.map(() => dice.uniform()) : kept.noise;
  if (added === null) return { ...kept, noise };
  return {
    drawn: {
      types: [...kept.drawn.types, ...added.drawn.types],
      clusters: [...kept.drawn.clusters, ...added.drawn.clusters],
      strata: [...kept.drawn.strata, ...added.drawn.strata],
    },
    noise: [...noise, ...added.noise],
  };
}

/** The data set of a trial; an older kit may not know all of its options. */
export function dataOf(kit: Kit, question: Question, { drawn, noise }: Rows, { types }: Law, dice: Dice): DataSetParts {
  const rows = drawn.types.map((type) => types[type]), { route } = question;
  const features = route.kind === "train" && route.features > 1 ? route.features : 1;
  const alternatives = features > 1 ? alternativesIn(types) : null;
  const outputs = rows.map((row, i) => {
    const all = [...row.outputs];
    for (let feature = 1; feature < features; feature++) {
      const [weights, alike] = alternatives![drawn.types[i]];
      all.push(...alike[dice.weighted(weights)].outputs);
    }
    return [...all.map((p) => Number.isNaN(p) ? noNumber : p), noise[i]];
  });
  const names = Object.keys(types[0].columns),
    clustered = question.declaredClusters || (route.kind === "split" && route.declared);
  return {
    features: kit.tensor(outputs),
    labels: rows.map(({ label }) => label),
    columns: Object.fromEntries(names.map((name) => [name, rows.map(({ columns }) => columns[name]) as number[] | string[]])),
    ...(question.exclusive.length > 0 && { exclusive: question.exclusive }),
    ...(clustered && { clusters: drawn.clusters }),
  };
}

/** For each type, the types with the same label and columns, from which further features are drawn. */
function alternativesIn(types: readonly RowType[]): [number[], RowType[]][] {
  const contextOf = ({ label, columns }: RowType) => JSON.stringify([label, columns]);
  return types.map((type) => {
    const alike = types.filter((other) => contextOf(other) === contextOf(type));
    return [alike.map(({ weight }) => weight), alike];
  });
}

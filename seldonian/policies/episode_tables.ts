import { checkOptions, type Known, list, needed, text as aText } from "../../autodiff/options.ts";
import { repeatedName } from "../../autodiff/repeated_name.ts";
import type { Column } from "../data/columns.ts";
import type { DataSet } from "../data/data_set.ts";
import { csv } from "../tables/csv.ts";
import { storageOf, storedPlace, type Table } from "../tables/table.ts";
import { type Episode, episodes, type EpisodesOptions } from "./episodes.ts";

/** Which columns of a table say what; a row is a step. */
export interface StepColumns {
  /** The episode of the step: rows with equal values, in their order. */
  episode: string;
  /** The numbers of an observation. */
  observations: readonly string[];
  /** The numbers of an action. */
  actions: readonly string[];
  /** The reward. */
  reward: string;
  /** The behaviour policy's probability or density of the action. */
  probability: string;
  /** Other rewards. */
  alternates?: readonly string[];
  /** Columns for conditions, each the same in all steps of an episode. */
  columns?: readonly string[];
}

const known: Known<StepColumns> = {
  episode: needed(aText),
  observations: needed(list),
  actions: needed(list),
  reward: needed(aText),
  probability: needed(aText),
  alternates: list,
  columns: list,
};

/**
 * Episodes in a table with one row a step, as from `csv()`, `readTable()` or `readParquet()`. The table has all steps of its episodes;
 * pieces of a stream are read by {@link episodesInTables}. Rows in clusters, such as those of one patient, make episodes in clusters.
 * @throws {RangeError} as {@link episodes}, for a step without an episode, for a column that is not the same in all steps of an
 * episode, and for a part of a table that has some steps of an episode without those before them
 */
export function episodesInTable(table: Table, steps: StepColumns, options: Omit<EpisodesOptions, "columns"> = {}): DataSet {
  return dataOf(stepsIn(table, checkOptions("read episodes", steps, known), true), options);
}

/**
 * The same for a stream of tables, such as `csvTables()` yields: an episode may go on in the next table. For
 * `DataStream.open(() => episodesInTables(csvTables(file)(), columns))`.
 * @throws {RangeError} as {@link episodesInTable}, and for an episode that comes again after another one
 */
export async function* episodesInTables(
  tables: AsyncIterable<Table> | Iterable<Table>,
  steps: StepColumns,
  options: Omit<EpisodesOptions, "columns"> = {},
): AsyncGenerator<DataSet> {
  const names = checkOptions("read episodes", steps, known), ended = new Set<unknown>();
  // The last episode may go on in the next table.
  let open: Logged[] = [];
  for await (const table of tables) {
    const [first, ...more] = stepsIn(table, names, false);
    if (first === undefined) continue;
    const all = open.length > 0 && open[0].episode.id === first.episode.id
      ? [joined(open[0], first), ...more]
      : [...open, first, ...more];
    const again = [first, ...more].find(({ episode: { id } }) => ended.has(id));
    if (again !== undefined) {
      throw new RangeError(
        `Cannot read episode ${again.episode.id}: it comes again after another one; its steps must be together`,
      );
    }
    open = all.splice(-1);
    for (const { episode: { id } } of all) ended.add(id);
    if (all.length > 0) yield dataOf(all, options);
  }
  if (open.length > 0) yield dataOf(open, options);
}

/** An episode, and its values for conditions. */
interface Logged {
  episode: Episode;
  values: Readonly<Record<string, number | string>>;
  /** The cluster of its rows, if that is not just the episode. */
  cluster?: number | string;
}

function dataOf(logged: readonly Logged[], options: Omit<EpisodesOptions, "columns">): DataSet {
  const columns = Object.keys(logged[0]?.values ?? {}).map((name): [string, Column] => [
    name,
    logged.map(({ values }) => values[name]) as Column,
  ]);
  const data = episodes(logged.map(({ episode }) => episode), { ...options, columns: Object.fromEntries(columns) });
  return logged[0]?.cluster === undefined ? data : data.clustered(logged.map(({ cluster }) => cluster));
}

/** Two parts of an episode as one. */
function joined(a: Logged, b: Logged): Logged {
  const changed = Object.keys(a.values).find((name) => !Object.is(a.values[name], b.values[name]));
  if (changed !== undefined) {
    throw new RangeError(
      `Cannot read the column "${changed}" of episodes: it is ${a.values[changed]} and ${
        b.values[changed]
      } in episode ${a.episode.id}`,
    );
  }
  const both = <T>(x: ArrayLike<T>, y: ArrayLike<T>) => [...Array.from(x), ...Array.from(y)];
  const [one, next] = [a.episode, b.episode], others = next.alternates ?? [];
  return {
    values: a.values,
    ...(a.cluster !== undefined && { cluster: a.cluster }),
    episode: {
      id: one.id,
      observations: both<number | ArrayLike<number>>(one.observations, next.observations) as Episode["observations"],
      actions: both<number | ArrayLike<number>>(one.actions, next.actions) as Episode["actions"],
      rewards: both(one.rewards, next.rewards),
      probabilities: both(one.probabilities, next.probabilities),
      alternates: (one.alternates ?? []).map((rewards, k) => both(rewards, others[k])),
    },
  };
}

/** The episodes of a table; of a piece of a stream, unless it is all of it. */
function stepsIn(table: Table, names: StepColumns, isAll: boolean): Logged[] {
  const { columns = [], alternates = [] } = names;
  const rows = new Map<unknown, number[]>(), of = table.column(names.episode);
  for (let row = 0; row < table.size; row++) {
    if (of[row] === "" || Number.isNaN(of[row])) {
      throw new RangeError(
        `Cannot read episodes: "${names.episode}" is missing in ${table.place(row)}, so its episode is not known`,
      );
    }
    const found = rows.get(of[row]);
    if (found === undefined) rows.set(of[row], [row]);
    else found.push(row);
  }
  checkWhole(table, names.episode, isAll);
  const { clusters } = table, inClusters = clusters !== undefined && Array.from(clusters).some((id, row) => id !== of[row]);
  const all = (name: string) => table.column(name) as ArrayLike<number>;
  const [observations, actions] = [names.observations, names.actions].map((list) => list.map(all));
  const [rewards, probabilities] = [all(names.reward), all(names.probability)], others = alternates.map(all);
  return Array.from(rows, ([id, rows]): Logged => {
    const at = (values: ArrayLike<number>) => Float64Array.from(rows, (row) => values[row]);
    const several = (lists: ArrayLike<number>[]) =>
      lists.length === 1 ? at(lists[0]) : rows.map((row) => lists.map((one) => one[row]));
    const episode = {
      id: id as number | string,
      observations: several(observations),
      actions: several(actions),
      rewards: at(rewards),
      probabilities: at(probabilities),
      alternates: others.map(at),
    };
    const values = Object.fromEntries(columns.map((name) => [name, constantIn(table, name, rows)]));
    if (!inClusters) return { episode, values };
    const cluster = clusters[rows[0]], other = rows.find((row) => clusters[row] !== cluster);
    if (other === undefined) return { episode, values, cluster };
    throw new RangeError(`Cannot read episode ${id}: its steps are in the clusters ${cluster} and ${clusters[other]}`);
  });
}

/**
 * Whether a part of a table has whole episodes, or their first steps up to a horizon.
 * @throws {RangeError} for an episode with a step before others left out
 */
function checkWhole(table: Table, name: string, isAll: boolean): void {
  const { rows, columns } = storageOf(table), last = new Map<unknown, number>();
  if (rows === null) return;
  const of = columns.get(name)!.values, kept = new Set(rows);
  for (const row of rows) last.set(of[row], Math.max(row, last.get(of[row]) ?? 0));
  // What is before a piece may be in the piece before.
  for (let row = isAll ? 0 : rows.reduce((a, b) => Math.min(a, b), of.length); row < of.length; row++) {
    if (kept.has(row) || !(row < last.get(of[row])!)) continue;
    throw new RangeError(
      `Cannot read episodes: the table has only a part of episode ${of[row]}, without ${
        storedPlace(table, row)
      }; split episodes, as ` +
        `by split(episodesInTable(table, columns)), or split the table by them, with groups: "${name}"`,
    );
  }
}

/**
 * The value of a column in some rows.
 * @throws {RangeError} if it is not the same in all
 */
function constantIn(table: Table, name: string, [first, ...more]: readonly number[]): number | string {
  const values = table.column(name), other = more.find((row) => !Object.is(values[row], values[first]));
  if (other === undefined) return values[first];
  throw new RangeError(
    `Cannot read the column "${name}" of episodes: it is ${values[first]} in ${table.place(first)} and ${values[other]} in ` +
      `${table.place(other)}, in one episode`,
  );
}

/** The names of the toolkit's columns; further ones are alternate rewards, R_alt_1, R_alt_2, … */
const toolkitNames = ["episode_index", "O", "A", "R", "pi_b"];

/**
 * Reads the Python toolkit's episodes: a CSV without a head line, one line a step, and a JSON file with the names of its columns.
 * @throws {RangeError} for meta-data that the toolkit would not write, and as {@link episodes}
 */
export function toolkitEpisodes(data: string, metadata: string, options: Omit<EpisodesOptions, "columns"> = {}): DataSet {
  let parsed: { regime?: unknown; all_col_names?: unknown };
  try {
    parsed = Object(JSON.parse(metadata));
  } catch (error) {
    throw new RangeError(`Cannot read the meta-data: it is not JSON (${error instanceof Error ? error.message : error})`);
  }
  const { regime, all_col_names: header } = parsed;
  if (regime !== "RL") throw new RangeError(`Cannot read the meta-data: "regime" is ${JSON.stringify(regime)}; wanted "RL"`);
  const alternates = Array.isArray(header) ? header.filter((name) => /^R_alt_[1-9]\d*$/.test(`${name}`)) : [];
  const wanted = [...toolkitNames, ...alternates.map((_, k) => `R_alt_${k + 1}`)];
  if (!Array.isArray(header) || header.length !== wanted.length || wanted.some((name) => !header.includes(name))) {
    throw new RangeError(`Cannot read the meta-data: "all_col_names" is ${JSON.stringify(header)}; wanted ${wanted.join(", ")}`);
  }
  const twice = repeatedName(metadata);
  if (twice !== undefined) throw new RangeError(`Cannot read the meta-data: "${twice.name}" is given twice`);
  const [episode, observation, action, reward, probability] = toolkitNames;
  return episodesInTable(csv(data, { header }), {
    episode,
    observations: [observation],
    actions: [action],
    reward,
    probability,
    alternates: wanted.slice(toolkitNames.length),
  }, options);
}

/**
 * Reads JSON lines, one episode a line, as {@link Episode}s; further fields, numbers or texts, are columns for conditions.
 * @throws {RangeError} for a line that is not JSON, and as {@link episodes}
 */
export function episodesInJson(text: string, options: Omit<EpisodesOptions, "columns"> = {}): DataSet {
  const given: Episode[] = [], columns = new Map<string, (number | string)[]>();
  text.split("\n").forEach((json, i) => {
    if (json.trim() === "") return;
    let line: Record<string, unknown>;
    try {
      line = Object(JSON.parse(json));
    } catch (error) {
      throw new RangeError(`Cannot read line ${i + 1} as an episode: it is not JSON (${(error as Error).message})`);
    }
    const { observations, actions, rewards, probabilities, alternates, id, ...more } = line;
    for (const [name, value] of Object.entries(more)) {
      if (!columns.has(name)) columns.set(name, []);
      const values = columns.get(name)!;
      // A column that earlier lines lack is missing there.
      while (values.length < given.length) values.push(NaN);
      values.push(value as number | string);
    }
    given.push({
      observations,
      actions,
      rewards,
      probabilities,
      ...(alternates !== undefined && { alternates }),
      ...(id !== undefined && { id }),
    } as Episode);
  });
  for (const values of columns.values()) while (values.length < given.length) values.push(NaN);
  return episodes(given, { ...options, columns: Object.fromEntries(columns) as Record<string, Column> });
}

import * as v from "../../deps.ts";
import { repeatedName } from "../../autodiff/repeated_name.ts";
import type { Encoding } from "../encoding/encoding.ts";
import { csv } from "../tables/csv.ts";
import type { Table } from "../tables/table.ts";
import { tasks } from "../tasks/mod.ts";

const schema = v.object({
  regime: v.literal("supervised_learning"),
  sub_regime: v.picklist(tasks.flatMap(({ regimes }) => regimes)),
  all_col_names: v.pipe(v.array(v.string()), v.minLength(1)),
  label_col_names: v.pipe(v.array(v.string()), v.length(1)),
  sensitive_col_names: v.optional(v.array(v.string()), []),
  feature_col_names: v.optional(v.pipe(v.array(v.string()), v.minLength(1))),
});

/** What reads the data of other regimes, by the regime in quotes. */
const otherRegimes: Readonly<Record<string, string>> = {
  '"reinforcement_learning"': "read its episodes with toolkitEpisodes()",
  '"custom"': "read its columns with csv(text, { header: all_col_names })",
};

/** A data file of the Python toolkit, and how to encode its columns. */
export interface ToolkitTable {
  /** The kind of prediction, in the toolkit's words: "regression", "binary_classification" or the like. */
  task: string;
  /** The rows, with the column names of the meta-data. */
  table: Table;
  /** Its features, labels and sensitive attributes. */
  encoding: Encoding;
}

/**
 * Reads the Python toolkit's data: a CSV without a head line, and a JSON file with its column names and roles. As in the toolkit,
 * the model sees the columns of `feature_col_names`, by default all that are neither label nor sensitive, unchanged.
 *
 * @example
 * ```ts
 * import { Encoder, split, toolkitTable } from "@seldonian/kit";
 * const metadata = `{ "regime": "supervised_learning", "sub_regime": "classification",
 *   "all_col_names": ["M", "F", "score", "passed"], "label_col_names": ["passed"], "sensitive_col_names": ["M", "F"] }`;
 * const { table, encoding } = toolkitTable("1,0,0.5,1\n0,1,0.7,0\n", metadata), { candidate } = split(table);
 * console.log(new Encoder(candidate, encoding).featureNames); // [ "score" ]
 * ```
 * @throws {RangeError} for meta-data that the toolkit would not write, and for other regimes than supervised learning
 */
export function toolkitTable(data: string, metadata: string): ToolkitTable {
  let parsed: unknown;
  try {
    parsed = JSON.parse(metadata);
  } catch (error) {
    throw new RangeError(`Cannot read the meta-data: it is not JSON (${error instanceof Error ? error.message : error})`);
  }
  const { success, output, issues } = v.safeParse(schema, parsed);
  if (!success) {
    const [{ path, expected, received }] = issues, name = path?.map(({ key }) => key).join(".");
    const wanted = expected?.replace(/^\((.*)\)$/, "$1").replaceAll(" | ", ", ") ?? "one label column";
    throw new RangeError(
      `Cannot read the meta-data: ${name === undefined ? "it" : `"${name}"`} is ${
        // For a missing field, `expected` is its name.
        received === "undefined" ? "missing" : `${received}; ${otherRegimes[received] ?? `wanted ${wanted}`}`}`,
    );
  }
  const twice = repeatedName(metadata);
  if (twice !== undefined) throw new RangeError(`Cannot read the meta-data: "${twice.name}" is given twice`);
  const { sub_regime: task, all_col_names: names, label_col_names: [label], sensitive_col_names: sensitive } = output;
  const { feature_col_names: features = names.filter((name) => name !== label && !sensitive.includes(name)) } = output;
  const unknown = [label, ...sensitive, ...features].find((name) => !names.includes(name));
  if (unknown !== undefined) throw new RangeError(`Cannot read the meta-data: all_col_names lacks "${unknown}"`);
  return {
    task,
    table: csv(data, { header: names }),
    encoding: {
      label,
      features,
      groups: Object.fromEntries(sensitive.map((name) => [name, name])),
      standardise: false,
    },
  };
}

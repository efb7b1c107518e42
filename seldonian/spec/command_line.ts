import { dirname, join, relative } from "node:path";
import { parseArgs } from "node:util";
import { nearestTo } from "../../autodiff/nearest.ts";
import * as nn from "../../nn/mod.ts";
import { train } from "../algorithm.ts";
import { messageIn, type Setting } from "../data/data_error.ts";
import { describe } from "../description/describe.ts";
import { printableLines } from "../printable.ts";
import { explainConstraint } from "../report/explain_constraint.ts";
import { progressBar } from "../report/progress.ts";
import { descriptionOf, optionsOf } from "./assemble.ts";
import { bytes, jsonText } from "./files.ts";
import { problemIn, specIn } from "./problem_in.ts";
import { checkedFlags, numberIn, parsedFlags, readFlags, tableAt } from "./read_flags.ts";
import { openRunFolder } from "./run_folder.ts";
import { savedModel } from "./saved_model.ts";
import { jsonSchema, specSchema } from "./schema.ts";
import { usage } from "./usage.ts";

/**
 * Runs a command: `train`, `verify`, `card`, `export`, `retest`, `serve`, `describe`, `explain`, `bound`, `experiment`, `worker` or `schema`.
 * @param args the command's name and its arguments
 * @param print receives the lines of output
 * @param complain receives errors
 * @returns 0 if a model passed or a promise is shown to hold, 1 if not, and 2 if something cannot be read
 */
export async function commandLine(
  args: string[],
  printed: Print = console.log,
  complained: Print = console.error,
): Promise<number> {
  const [name, ...more] = args, [print, complain] = [printed, complained].map((to) => (text: string) => to(printableLines(text)));
  if (args.some((arg) => arg === "--help" || arg === "-h") || name === "help") return print(usage), 0;
  try {
    if (name === undefined) throw new TypeError(usage);
    if (!Object.hasOwn(commands, name)) {
      const near = nearestTo(name, Object.keys(commands));
      throw new TypeError(`Cannot run ${name}: there is no such command${near === undefined ? "" : `; ${near}`}\n\n${usage}`);
    }
    return await commands[name](more, print) ? 0 : 1;
  } catch (error) {
    complain(messageIn(settingOf(args), error));
    return 2;
  }
}

/** Errors mention flags if the command names a table and no spec. */
function settingOf([name, ...more]: readonly string[]): Setting {
  return name === "bound" || (name === "describe" && !more.some(isSpec)) ? "flags" : "spec";
}

function isSpec(file: string): boolean {
  return /\.json$/i.test(file);
}

function isTable(file: string): boolean {
  return /\.(csv|tsv|txt|jsonl|ndjson|parquet|arrow|feather)(\.gz)?$/i.test(file);
}

/** Receives lines. */
type Print = (line: string) => void;

const notSpec = (file: string) =>
  `Cannot train by ${file}: wanted a spec, a .json file that names the table, as in {"data": {"file": ${JSON.stringify(file)}, ` +
  '"label": "…"}, "model": {"kind": "logistic"}, "constraints": [{"text": "ACC >= 0.8", "delta": 0.05}]}';

const noRun = "Cannot serve: wanted one run, the folder that train --out wrote, as in seldonian serve run";

const commands: Record<string, (args: string[], print: Print) => Promise<boolean>> = {
  async describe(args, print) {
    const { file, values } = parsedFlags(args, readFlags), read = (name: string) => bytes(join(dirname(file), name));
    if (isSpec(file)) parsedFlags(args, []);
    const description = isSpec(file)
      ? await descriptionOf(await specIn(file), read)
      : describe(await tableAt(file, await bytes(file), values));
    print(description.text(isSpec(file) ? "spec" : "flags", 100));
    return !description.notes.some(({ kind }) => kind === "problem");
  },

  async train(args, print) {
    const { file, values: { out }, quiet } = parsedFlags(args, ["out", "quiet"]);
    if (isTable(file)) throw new RangeError(notSpec(file));
    const { spec, table, data, encoder, description, model } = await problemIn(file);
    // A result that cannot be written would waste the test.
    const folder = out === undefined ? undefined : await openRunFolder(out);
    try {
      if (!quiet) print(`${description.text("spec")}\n`);
      const result = await train({ ...optionsOf(spec), data, model, ...(!quiet && { onProgress: progressBar() }) });
      print(`${result}`);
      if (out === undefined) return result.passed;
      const files: Record<string, string | Uint8Array> = { "result.json": jsonText(result), "encoder.json": jsonText(encoder) };
      if (result.passed) {
        files["model.json"] = jsonText(savedModel(spec, data, encoder, table));
        files["model.safetensors"] = nn.save(result.model);
        files["certificate.json"] = jsonText({ spec: relative(out, file), ...await result.certificate(files) });
      }
      const removed = await folder!.replace(files);
      print(`Written to ${out}: ${Object.keys(files).join(", ")}`);
      if (removed.length > 0) print(`Removed from ${out}, left by an earlier run: ${removed.sort().join(", ")}`);
      return result.passed;
    } finally {
      folder?.close();
    }
  },

  async verify(args, print) {
    const { file, values: { spec, promise, delta = "0.05" } } = parsedFlags(args, ["spec", "promise", "delta"]);
    const asked = promise === undefined ? undefined : { text: promise, delta: numberIn("delta", delta) };
    return await (await import("./verify_command.ts")).verifyCommand({ file, spec, promise: asked }, print);
  },

  async card(args, print) {
    const { file: folder, values: { about } } = parsedFlags(args, ["about"]);
    const { cardCommand } = await import("./card_command.ts");
    return await cardCommand({ folder, about }, print);
  },

  async export(args, print) {
    const { file: folder, values: { rows } } = parsedFlags(args, ["rows"]);
    const { exportCommand } = await import("./export_command.ts"), most = rows === undefined ? undefined : numberIn("rows", rows);
    return await exportCommand({ folder, rows: most }, print);
  },

  async retest(args, print) {
    const flags = ["repeats", "delta", "plan"];
    const { values, positionals: [folder, file, ...more] } = parseArgs({
      args: checkedFlags(args, flags),
      options: Object.fromEntries(flags.map((flag) => [flag, { type: "string" as const }])),
      allowPositionals: true,
    });
    const { repeats = "refuse", delta, plan } = values as Record<string, string | undefined>;
    // A plan looks at its spec's data, anything else at a file.
    if (folder === undefined || (plan === undefined) === (file === undefined) || more.length > 0) throw new TypeError(usage);
    const { planCommand, retestCommand } = await import("./retest_command.ts");
    if (plan !== undefined) return await planCommand({ folder, file: plan }, print);
    const asked = {
      folder,
      file,
      repeats: repeats as "refuse",
      delta: delta === undefined ? undefined : numberIn("delta", delta),
    };
    return await retestCommand(asked, print);
  },

  async serve(args, print) {
    const { serveCommand, serveFlags } = await import("../serving/serve_command.ts"),
      { file, values } = parsedFlags(args, serveFlags, noRun);
    await serveCommand(file, values, print);
    return true;
  },

  explain(args, print) {
    const { file: text, values: { delta = "0.05" } } = parsedFlags(args, ["delta"]);
    print(explainConstraint(text, numberIn("delta", delta)));
    return Promise.resolve(true);
  },

  async bound(args, print) {
    const { file, values } = parsedFlags(args, ["column", "delta", "range", "method", ...readFlags]);
    return await (await import("./bound_command.ts")).boundCommand(file, values, print);
  },

  async experiment(args, print) {
    return await (await import("./experiment_command.ts")).experimentCommand(args, print);
  },

  async worker(args, print) {
    return await (await import("./experiment_command.ts")).workerCommand(args, print);
  },

  async schema([of, ...more], print) {
    if ((of !== undefined && of !== "experiment") || more.length > 0) throw new TypeError(usage);
    const schema = of === undefined
      ? jsonSchema("A Seldonian problem", specSchema)
      : jsonSchema("A Seldonian experiment", (await import("./experiment_spec.ts")).experimentSchema);
    print(jsonText(await schema).trimEnd());
    return true;
  },
};

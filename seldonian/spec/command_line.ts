import { existsSync } from "node:fs";
import { basename, dirname, join, relative } from "node:path";
import { parseArgs } from "node:util";
import { nearestTo } from "../../autodiff/nearest.ts";
import * as nn from "../../nn/mod.ts";
import { train } from "../algorithm.ts";
import * as bounds from "../bounds/mod.ts";
import { messageIn, type Setting } from "../data/data_error.ts";
import { describe } from "../description/describe.ts";
import { printable, printableLines } from "../printable.ts";
import { explain } from "../report/words.ts";
import type { WantedPromise } from "../report/promise_differences.ts";
import { verify } from "../report/verify.ts";
import { explainConstraint } from "../report/explain_constraint.ts";
import { progressBar } from "../report/progress.ts";
import { bytes, parsedJson, text, useArithmetic } from "./files.ts";
import { dataOf, descriptionOf, modelOf, optionsOf } from "./assemble.ts";
import { readJson } from "./read_json.ts";
import { checkedFlags, numberIn, rangeIn, readFlags, tableAt } from "./read_flags.ts";
import { namesIn, openRunFolder } from "./run_folder.ts";
import { savedModel } from "./saved_model.ts";
import { jsonSchema, type Spec, specSchema } from "./schema.ts";

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

const usage = `usage: seldonian describe spec.json (in a checkout: deno run -RW cli.ts describe spec.json)
       seldonian describe data.csv [--separator ";"] [--decimal ,] [--thousands .] [--encoding windows-1252]
                                [--skipLines 1,3] [--text code,zip] [--header age,sex,paid]
       seldonian train spec.json [--out folder] [--quiet]
       seldonian verify folder/certificate.json [--spec spec.json] [--promise "ACC >= 0.95" [--delta 0.05]]
       seldonian card folder [--about about.json]
       seldonian export folder [--rows 1000]
       seldonian retest folder new.csv [--repeats refuse | drop | keep] [--delta 0.05]
       seldonian retest folder --plan spec.json
       seldonian serve folder [--port 8080] [--host 127.0.0.1] [--store decisions.sqlite | postgres://…] [--keyFile key.txt]
                                [--alpha 0.05] [--unknownLevels encode] [--durable outcomes]
       seldonian explain "ACC >= 0.95" [--delta 0.05]
       seldonian bound values.csv [--column name] [--delta 0.05] [--range 0,1] [--method auto]
       seldonian experiment [status | plot] spec.json [--out folder] [--store results.sqlite | postgres://…]
                                [--trials 50] [--threads 2 | --queue redis://…] [--part 3/20 | --slurm 20]
       seldonian worker redis://… | postgres://… [--threads 2]
       seldonian schema [experiment]`;

const notSpec = (file: string) =>
  `Cannot train by ${file}: wanted a spec, a .json file that names the table, as in {"data": {"file": ${JSON.stringify(file)}, ` +
  '"label": "…"}, "model": {"kind": "logistic"}, "constraints": [{"text": "ACC >= 0.8", "delta": 0.05}]}';

const noRun = "Cannot serve: wanted one run, the folder that train --out wrote, as in seldonian serve run";

const commands: Record<string, (args: string[], print: Print) => Promise<boolean>> = {
  async describe(args, print) {
    const { file, values } = parsed(args, readFlags), read = (name: string) => bytes(join(dirname(file), name));
    if (isSpec(file)) parsed(args, []);
    const description = isSpec(file)
      ? await descriptionOf(await readJson(await text(file), specSchema, file), read)
      : describe(await tableAt(file, await bytes(file), values));
    print(description.text(isSpec(file) ? "spec" : "flags", 100));
    return !description.notes.some(({ kind }) => kind === "problem");
  },

  async train(args, print) {
    const { file, values: { out }, quiet } = parsed(args, ["out", "quiet"]);
    if (isTable(file)) throw new RangeError(notSpec(file));
    const { spec, table, data, encoder, description, model } = await problemIn(file);
    // A result that cannot be written would waste the test.
    const folder = out === undefined ? undefined : await openRunFolder(out);
    try {
      if (!quiet) print(`${description.text("spec")}\n`);
      const result = await train({ ...optionsOf(spec), data, model, ...(!quiet && { onProgress: progressBar() }) });
      print(`${result}`);
      if (out === undefined) return result.passed;
      const files: Record<string, string | Uint8Array> = { "result.json": json(result), "encoder.json": json(encoder) };
      if (result.passed) {
        files["model.json"] = json(savedModel(spec, data, encoder, table));
        files["model.safetensors"] = nn.save(result.model);
        files["certificate.json"] = json({ spec: relative(out, file), ...await result.certificate(files) });
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
    const { file, values: { spec: given, promise, delta = "0.05" } } = parsed(args, ["spec", "promise", "delta"]);
    const found = parsedJson(file, await text(file)), { spec: named, ...certificate } = found, folder = dirname(file);
    if (found.format === "seldonian retest 1") {
      const wanted = promise === undefined ? undefined : { constraints: [{ text: promise, delta: numberIn("delta", delta) }] };
      return await verifyRetestAt(file, found, given === undefined ? wanted : promiseOf(await specAt(given)), print);
    }
    if (given === undefined && typeof named !== "string") {
      throw new RangeError(`Cannot verify ${file}: it names no spec to read its data by; give one, as in --spec spec.json`);
    }
    const specFile = given ?? join(folder, named as string), { spec, data, model } = await problemIn(specFile);
    nn.load(model, await bytes(join(folder, "model.safetensors")));
    const beside = (await namesIn(folder)).filter((name) => name !== basename(file));
    const files = Object.fromEntries(
      await Promise.all(beside.map(async (name) => [name, await bytes(join(folder, name))] as const)),
    );
    await useArithmetic(certificate.made);
    const { valid, differences, assumed, made, report } = await verify(certificate, model, data.safety, {
      files,
      promise: promise === undefined ? promiseOf(spec) : { constraints: [{ text: promise, delta: numberIn("delta", delta) }] },
    });
    print(valid ? `${file} is valid: the repeated safety test has the same figures` : `${file} is not valid:`);
    for (const difference of differences) print(`  ${difference}`);
    for (const { text, delta } of report?.constraints ?? []) print(`  Promise: ${printable(text)}, with delta ${delta}`);
    if (report !== undefined) print(explain(report));
    print(
      `  Compared with: ${
        promise !== undefined
          ? `${promise}, delta ${delta}`
          : given !== undefined
          ? `the promise of ${given}`
          : `the promise of ${printable(specFile)}, which the certificate names; give your own by --promise or --spec`
      }`,
    );
    print(`  Read: ${printable(specFile)}, ${beside.join(", ")}`);
    print(`  Made by: version ${printable(made.version)}, with ${printable(made.arithmetic)}`);
    for (const one of assumed) print(`  Assumed: ${one}`);
    return valid;
  },

  async card(args, print) {
    const { file: folder, values: { about } } = parsed(args, ["about"]);
    const { cardCommand } = await import("./card_command.ts");
    return await cardCommand({ folder, about }, async (file) => parsedJson(file, await text(file)), print);
  },

  async export(args, print) {
    const { file: folder, values: { rows } } = parsed(args, ["rows"]);
    const { exportCommand } = await import("./export_command.ts"), most = rows === undefined ? undefined : numberIn("rows", rows);
    const read = async (name: string) => parsedJson(name, await text(name));
    return await exportCommand({ folder, rows: most }, { certificateIn: read, problemIn, json }, print);
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
    if (plan !== undefined) return await planCommand({ folder, file: plan }, problemIn, print);
    const asked = {
      folder,
      file,
      repeats: repeats as "refuse",
      delta: delta === undefined ? undefined : numberIn("delta", delta),
    };
    const read = async (file: string) => existsSync(file) ? parsedJson(file, await text(file)) : undefined;
    return await retestCommand(asked, { read, problemIn }, print);
  },

  async serve(args, print) {
    const { serveCommand, serveFlags } = await import("../serving/serve_command.ts"),
      { file, values } = parsed(args, serveFlags, noRun);
    await serveCommand(file, values, print);
    return true;
  },

  explain(args, print) {
    const { file: text, values: { delta = "0.05" } } = parsed(args, ["delta"]);
    print(explainConstraint(text, numberIn("delta", delta)));
    return Promise.resolve(true);
  },

  async bound(args, print) {
    const { file, values } = parsed(args, ["column", "delta", "range", "method", ...readFlags]);
    const { column, delta = "0.05", range: ends, method = "auto" } = values;
    const table = await tableAt(file, await bytes(file), values), { names } = table;
    if (column === undefined && names.length > 1) {
      throw new TypeError(
        `Cannot bound the mean of ${file}: it has several columns; say --column with one of ${names.join(", ")}`,
      );
    }
    const name = column ?? names[0], z = table.numbers(name), range = ends === undefined ? undefined : rangeIn(ends);
    const asked = { delta: numberIn("delta", delta), range, method: method as bounds.BoundName };
    const [lower, upper] = [bounds.lowerBound(z, asked), bounds.upperBound(z, asked)];
    const { name: family, assumes, guarantee } = bounds.familyNamed(asked.method) ??
      bounds.boundFor({ range: range ?? [-Infinity, Infinity], binary: false });
    const mean = z.reduce((sum, x) => sum + x, 0) / z.length, proven = guarantee === "finite-sample";
    print(`${name}: ${z.length} values with mean ${mean}`);
    print(`each with confidence ${1 - asked.delta}: at least ${lower}, at most ${upper}`);
    print(
      `by ${family}, ${proven ? "proven at every number of values" : "right for many values only"}, assuming ${assumes}` +
        (proven || range !== undefined ? "" : "; for a proven bound say --range low,high, which no value can leave"),
    );
    return true;
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
    print(json(await schema).trimEnd());
    return true;
  },
};

/** Repeats a test in sequence, from the files of its looks. */
async function verifyRetestAt(
  file: string,
  found: Record<string, unknown>,
  wanted: WantedPromise | undefined,
  print: Print,
): Promise<boolean> {
  const { retestIn } = await import("./retest_command.ts"), { verifyRetest } = await import("../monitoring/verify_retest.ts");
  const { certificate, model, looks, spec } = await retestIn(dirname(file), found, problemIn);
  await useArithmetic(certificate.made);
  const { valid, differences, assumed } = await verifyRetest(certificate, model, looks, { promise: wanted ?? promiseOf(spec) });
  print(valid ? `${file} is valid: repeated looks have the same figures` : `${file} is not valid:`);
  for (const difference of differences) print(`  ${difference}`);
  for (const { text, delta } of certificate.plan.constraints) {
    print(`  Promise: ${printable(text)}, with delta ${delta} for all looks`);
  }
  for (const one of assumed) print(`  Assumed: ${one}`);
  return valid;
}

/** What a spec promises, with the defaults. */
function promiseOf(spec: Spec): WantedPromise {
  const { constraints, rates = "expected", bound = "auto", analysis = "conjunctive", ranges = {}, shift } = optionsOf(spec);
  return { constraints, rates, bound, analysis, ranges, independent: [], paired: [], shift };
}

async function specAt(file: string): Promise<Spec> {
  return await readJson(await text(file), specSchema, file);
}

/** A spec and its files, relative to its folder. */
async function problemIn(file: string) {
  const spec = await specAt(file);
  const prepared = await dataOf(spec, (name) => bytes(join(dirname(file), name)));
  return { spec, ...prepared, model: modelOf(spec, prepared.data) };
}

function json(value: unknown): string {
  return `${JSON.stringify(value, null, 2)}\n`;
}

/** Flags by name, and exactly one further argument. */
function parsed(
  args: string[],
  flags: readonly string[],
  otherwise = usage,
): { file: string; values: Record<string, string | undefined>; quiet: boolean } {
  const options = Object.fromEntries(
    flags.map((flag) => [flag, { type: flag === "quiet" ? "boolean" as const : "string" as const }]),
  );
  const { values, positionals } = parseArgs({ args: checkedFlags(args, flags), options, allowPositionals: true });
  if (positionals.length !== 1) throw new TypeError(otherwise);
  const { quiet = false, ...texts } = values;
  return { file: positionals[0], values: texts as Record<string, string | undefined>, quiet: quiet === true };
}

import { mkdir, readdir, readFile, rm } from "node:fs/promises";
import { dirname, join, relative } from "node:path";
import { parseArgs } from "node:util";
import * as nn from "../../nn/mod.ts";
import { train } from "../algorithm.ts";
import * as bounds from "../bounds/mod.ts";
import { messageIn, type Setting } from "../data/data_error.ts";
import { describe } from "../description/describe.ts";
import { verify } from "../report/certificate.ts";
import { explainConstraint } from "../report/explain_constraint.ts";
import { progressBar } from "../report/progress.ts";
import { replaceFile } from "../records/replace_file.ts";
import { dataOf, descriptionOf, modelOf, optionsOf } from "./assemble.ts";
import { readJson } from "./read_json.ts";
import { readFlags, tableAt } from "./read_flags.ts";
import { jsonSchema, specSchema } from "./schema.ts";

/**
 * Runs a command: `train`, `verify`, `describe`, `explain`, `bound` or `schema`.
 * @param args the command's name and its arguments
 * @param print receives the lines of output
 * @param complain receives errors
 * @returns 0 if a model passed or a certificate is valid, 1 if not, and 2 if something cannot be read
 */
export async function commandLine(args: string[], print: Print = console.log, complain: Print = console.error): Promise<number> {
  const [name, ...more] = args;
  if (args.some((arg) => arg === "--help" || arg === "-h") || name === "help") return print(usage), 0;
  try {
    if (name === undefined) throw new TypeError(usage);
    if (!Object.hasOwn(commands, name)) throw new TypeError(`Cannot run ${name}: there is no such command\n\n${usage}`);
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

/** Files that only a passing run writes. */
const ofModel: readonly string[] = ["model.safetensors", "certificate.json"];

/** Receives lines. */
type Print = (line: string) => void;

const usage = `usage: seldonian describe spec.json (in a checkout: deno run -RW cli.ts describe spec.json)
       seldonian describe data.csv [--separator ";"] [--decimal ,] [--thousands .] [--encoding windows-1252]
                                [--skipLines 1,3] [--text code,zip] [--header age,sex,paid]
       seldonian train spec.json [--out folder] [--quiet]
       seldonian verify folder/certificate.json
       seldonian explain "ACC >= 0.95" [--delta 0.05]
       seldonian bound values.csv [--column name] [--delta 0.05] [--range 0,1] [--method auto]
       seldonian schema`;

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
    const { spec, data, encoder, description, model } = await problemIn(file);
    // A result that cannot be written would waste the test.
    if (out !== undefined) await mkdir(out, { recursive: true });
    if (!quiet) print(`${description.text("spec")}\n`);
    const result = await train({ ...optionsOf(spec), data, model, ...(!quiet && { onProgress: progressBar() }) });
    print(`${result}`);
    if (out === undefined) return result.passed;
    const files: Record<string, string | Uint8Array> = { "result.json": json(result), "encoder.json": json(encoder) };
    if (result.passed) {
      files["model.safetensors"] = nn.save(result.model);
      files["certificate.json"] = json({ spec: relative(out, file), ...await result.certificate() });
    }
    // A model without its result would look like this run's model.
    const stale = (await readdir(out)).filter((name) => ofModel.includes(name) && !(name in files));
    for (const name of stale) await rm(join(out, name));
    for (const [name, content] of Object.entries(files)) await replaceFile(join(out, name), content);
    print(`Written to ${out}: ${Object.keys(files).join(", ")}`);
    if (stale.length > 0) print(`Removed from ${out}, left by an earlier run: ${stale.join(", ")}`);
    return result.passed;
  },

  async verify(args, print) {
    const { file } = parsed(args, []), { spec: specFile, ...certificate } = parsedJson(file, await text(file));
    const { data, model } = await problemIn(join(dirname(file), `${specFile}`));
    nn.load(model, await bytes(join(dirname(file), "model.safetensors")));
    const { valid, differences } = await verify(certificate, model, data.safety);
    print(
      valid ? `${file} is valid: the repeated safety test has the same figures` : `${file} is not valid:`,
    );
    for (const difference of differences) print(`  ${difference}`);
    return valid;
  },

  explain(args, print) {
    const { file: text, values: { delta = "0.05" } } = parsed(args, ["delta"]);
    print(explainConstraint(text, Number(delta)));
    return Promise.resolve(true);
  },

  async bound(args, print) {
    const { file, values } = parsed(args, ["column", "delta", "range", "method", ...readFlags]);
    const { column, delta = "0.05", range, method = "auto" } = values;
    const table = await tableAt(file, await bytes(file), values), name = column ?? table.names[0], z = table.numbers(name);
    const ends = range?.split(",").map(Number) as [number, number] | undefined;
    const asked = { delta: Number(delta), range: ends, method: method as bounds.BoundName };
    const [lower, upper] = [bounds.lowerBound(z, asked), bounds.upperBound(z, asked)];
    const mean = z.reduce((sum, x) => sum + x, 0) / z.length;
    print(`${name}: ${z.length} values with mean ${mean}`);
    print(`each with confidence ${1 - asked.delta}: at least ${lower}, at most ${upper}`);
    return true;
  },

  async schema(_, print) {
    print(json(await jsonSchema()).trimEnd());
    return true;
  },
};

/** The bytes of a file. @throws {RangeError} with its name, if it does not exist */
async function bytes(file: string): Promise<Uint8Array> {
  try {
    return new Uint8Array(await readFile(file));
  } catch (error) {
    if ((error as { code?: string }).code !== "ENOENT") throw error;
    throw new RangeError(`Cannot read ${file}: there is no such file`);
  }
}

/** A spec and its files, relative to its folder. */
async function problemIn(file: string) {
  const spec = await readJson(await text(file), specSchema, file);
  const prepared = await dataOf(spec, (name) => bytes(join(dirname(file), name)));
  return { spec, ...prepared, model: modelOf(spec, prepared.data) };
}

async function text(file: string): Promise<string> {
  return new TextDecoder().decode(await bytes(file));
}

function json(value: unknown): string {
  return `${JSON.stringify(value, null, 2)}\n`;
}

function parsedJson(file: string, text: string): Record<string, unknown> {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new RangeError(`Cannot read ${file}: ${(error as Error).message}`);
  }
}

/** Flags by name, and exactly one further argument. */
function parsed(
  args: string[],
  flags: readonly string[],
): { file: string; values: Record<string, string | undefined>; quiet: boolean } {
  const options = Object.fromEntries(
    flags.map((flag) => [flag, { type: flag === "quiet" ? "boolean" as const : "string" as const }]),
  );
  const { values, positionals } = parseArgs({ args, options, allowPositionals: true });
  if (positionals.length !== 1) throw new TypeError(usage);
  const { quiet = false, ...texts } = values;
  return { file: positionals[0], values: texts as Record<string, string | undefined>, quiet: quiet === true };
}

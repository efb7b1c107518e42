#!/usr/bin/env node
// The kit on the command line:
//
//   deno run -R -W cli.ts train spec.json --out run      train, test, and keep model and certificate
//   deno run -R cli.ts verify run/certificate.json       make the safety test again
//   deno run cli.ts explain "ACC >= 0.95"                what a constraint asks for
//   deno run -R cli.ts bound values.csv                  a confidence bound on a mean
//   deno run cli.ts schema                               the JSON Schema of a spec, which is docs/spec.schema.json
//
// Ends with 0 where a model passed or a certificate is valid, with 1 where not, and with 2 where something cannot be read.
import { mkdir, readFile } from "node:fs/promises";
import { dirname, join, relative } from "node:path";
import process from "node:process";
import { parseArgs } from "node:util";
import { bounds, csv, nn, progressBar, replaceFile, train, verify } from "./mod.ts";
import { explainConstraint } from "./seldonian/report/explain_constraint.ts";
import { dataOf, modelOf, optionsOf } from "./seldonian/spec/assemble.ts";
import { readJson } from "./seldonian/spec/read_json.ts";
import { jsonSchema, specSchema } from "./seldonian/spec/schema.ts";

const usage = `usage: cli.ts train spec.json [--out folder] [--quiet]
       cli.ts verify folder/certificate.json
       cli.ts explain "ACC >= 0.95" [--delta 0.05]
       cli.ts bound values.csv [--column name] [--delta 0.05] [--range 0,1] [--method auto]
       cli.ts schema`;

const commands: Record<string, (args: string[]) => Promise<boolean>> = {
  async train(args) {
    const { file, values: { out }, quiet } = parsed(args, ["out", "quiet"]);
    const { spec, data, encoder, model } = await problemIn(file);
    const result = await train({ ...optionsOf(spec), data, model, ...(!quiet && { onProgress: progressBar() }) });
    console.log(`${result}`);
    if (out === undefined) return result.passed;
    await mkdir(out, { recursive: true });
    const files: Record<string, string | Uint8Array> = { "result.json": json(result), "encoder.json": json(encoder) };
    if (result.passed) {
      files["model.safetensors"] = nn.save(result.model);
      files["certificate.json"] = json({ spec: relative(out, file), ...await result.certificate() });
    }
    for (const [name, content] of Object.entries(files)) await replaceFile(join(out, name), content);
    console.log(`Written to ${out}: ${Object.keys(files).join(", ")}`);
    return result.passed;
  },

  async verify(args) {
    const { file } = parsed(args, []), { spec: specFile, ...certificate } = parsedJson(file, await text(file));
    const { data, model } = await problemIn(join(dirname(file), `${specFile}`));
    nn.load(model, await bytes(join(dirname(file), "model.safetensors")));
    const { valid, differences } = await verify(certificate, model, data.safety);
    console.log(
      valid ? `${file} is valid: the safety test was made again, and every figure is the same` : `${file} is not valid:`,
    );
    for (const difference of differences) console.log(`  ${difference}`);
    return valid;
  },

  explain(args) {
    const { file: text, values: { delta = "0.05" } } = parsed(args, ["delta"]);
    console.log(explainConstraint(text, Number(delta)));
    return Promise.resolve(true);
  },

  async bound(args) {
    const { file, values: { column, delta = "0.05", range, method = "auto" } } = parsed(args, [
      "column",
      "delta",
      "range",
      "method",
    ]);
    const table = csv(await text(file)), name = column ?? table.names[0], z = table.numbers(name);
    const ends = range?.split(",").map(Number) as [number, number] | undefined;
    const asked = { delta: Number(delta), range: ends, method: method as bounds.BoundName };
    const [lower, upper] = [bounds.lowerBound(z, asked), bounds.upperBound(z, asked)];
    const mean = z.reduce((sum, x) => sum + x, 0) / z.length;
    console.log(`${name}: ${z.length} values with mean ${mean}`);
    console.log(`each with confidence ${1 - asked.delta}: at least ${lower}, at most ${upper}`);
    return true;
  },

  async schema() {
    console.log(json(await jsonSchema()).trimEnd());
    return true;
  },
};

/** The bytes of a file. @throws {RangeError} with its name, if it is not there */
async function bytes(file: string): Promise<Uint8Array> {
  try {
    return new Uint8Array(await readFile(file));
  } catch (error) {
    if ((error as { code?: string }).code !== "ENOENT") throw error;
    throw new RangeError(`Cannot read ${file}: there is no such file`);
  }
}

/** A spec and what it names, relative to its folder. */
async function problemIn(file: string) {
  const spec = await readJson(await text(file), specSchema, file);
  const { data, encoder } = await dataOf(spec, (name) => bytes(join(dirname(file), name)));
  return { spec, data, encoder, model: modelOf(spec, data.candidate) };
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

/** Flags by name, and just one argument besides. */
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

const [name, ...args] = process.argv.slice(2);
try {
  if (!Object.hasOwn(commands, name ?? "")) throw new TypeError(usage);
  process.exitCode = await commands[name](args) ? 0 : 1;
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 2;
}

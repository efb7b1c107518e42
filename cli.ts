#!/usr/bin/env node
// The kit on the command line:
//
//   deno run -R cli.ts describe data.csv                 how a table is read, and possible misreadings
//   deno run -R -W cli.ts train spec.json --out run      train, test, and keep model and certificate
//   deno run -R cli.ts verify run/certificate.json       repeat the safety test
//   deno run -R -W cli.ts card run                       a model card, as JSON and HTML
//   deno run -R -W cli.ts export run                     the model as a file of ONNX, beside its certificate
//   deno run -R -W cli.ts retest run new.csv             test the model again, on new rows
//   deno run cli.ts explain "ACC >= 0.95"                explain a constraint
//   deno run -R cli.ts bound values.csv                  a confidence bound on a mean
//   deno run cli.ts schema                               the JSON Schema of a spec, which is docs/spec.schema.json
//
// Exits with 0 if a model passed or a promise is shown to hold, 1 if not, and 2 if something cannot be read.
import process from "node:process";
import { commandLine } from "./seldonian/spec/command_line.ts";

process.exitCode = await commandLine(process.argv.slice(2));

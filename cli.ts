#!/usr/bin/env node
// The kit on the command line:
//
//   deno run -R cli.ts describe data.csv                 what a table is read as, and what may be misread
//   deno run -R -W cli.ts train spec.json --out run      train, test, and keep model and certificate
//   deno run -R cli.ts verify run/certificate.json       make the safety test again
//   deno run cli.ts explain "ACC >= 0.95"                what a constraint asks for
//   deno run -R cli.ts bound values.csv                  a confidence bound on a mean
//   deno run cli.ts schema                               the JSON Schema of a spec, which is docs/spec.schema.json
//
// Ends with 0 where a model passed or a certificate is valid, with 1 where not, and with 2 where something cannot be read.
import process from "node:process";
import { commandLine } from "./seldonian/spec/command_line.ts";

process.exitCode = await commandLine(process.argv.slice(2));

import { basename, dirname, join } from "node:path";
import * as nn from "../../nn/mod.ts";
import { printable } from "../printable.ts";
import type { WantedPromise } from "../report/promise_differences.ts";
import { verify } from "../report/verify.ts";
import { explain } from "../report/words.ts";
import { optionsOf } from "./assemble.ts";
import { bytes, jsonFile, useArithmetic } from "./files.ts";
import { problemIn, specIn } from "./problem_in.ts";
import { namesIn } from "./run_folder.ts";
import type { Spec } from "./schema.ts";

/** What `verify` is asked. */
interface Asked {
  /** The certificate. */
  file: string;
  /** The spec to read the data by, and whose promise is wanted; default: that which the certificate names. */
  spec?: string;
  /** The wanted promise; default: that of the spec. */
  promise?: { text: string; delta: number };
}

/**
 * Repeats the test of a certificate, or each look of a test in sequence, and prints what differs.
 * @returns whether the certificate is valid
 * @throws {RangeError} for what is no certificate, and for one that names no spec
 */
export async function verifyCommand({ file, spec: given, promise }: Asked, print: (line: string) => void): Promise<boolean> {
  const found = await jsonFile(file), { spec: named, ...certificate } = found, folder = dirname(file);
  const wanted: WantedPromise | undefined = promise && { constraints: [promise] };
  if (found.format === "seldonian retest 1") {
    return await verifySequence(file, found, given === undefined ? wanted : promiseOf(await specIn(given)), print);
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
    promise: wanted ?? promiseOf(spec),
  });
  print(valid ? `${file} is valid: the repeated safety test has the same figures` : `${file} is not valid:`);
  for (const difference of differences) print(`  ${difference}`);
  for (const { text, delta } of report?.constraints ?? []) print(`  Promise: ${printable(text)}, with delta ${delta}`);
  if (report !== undefined) print(explain(report));
  print(
    `  Compared with: ${
      promise !== undefined
        ? `${promise.text}, delta ${promise.delta}`
        : given !== undefined
        ? `the promise of ${given}`
        : `the promise of ${printable(specFile)}, which the certificate names; give your own by --promise or --spec`
    }`,
  );
  print(`  Read: ${printable(specFile)}, ${beside.join(", ")}`);
  print(`  Made by: version ${printable(made.version)}, with ${printable(made.arithmetic)}`);
  for (const one of assumed) print(`  Assumed: ${one}`);
  return valid;
}

/** Repeats a test in sequence, from the files of its looks. */
async function verifySequence(
  file: string,
  found: Record<string, unknown>,
  wanted: WantedPromise | undefined,
  print: (line: string) => void,
): Promise<boolean> {
  const { retestIn } = await import("./retest_command.ts"), { verifyRetest } = await import("../monitoring/verify_retest.ts");
  const { certificate, model, looks, spec } = await retestIn(dirname(file), found);
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

import { existsSync } from "node:fs";
import { rename } from "node:fs/promises";
import { dirname, join, relative } from "node:path";
import * as v from "../../deps.ts";
import * as nn from "../../nn/mod.ts";
import type { DataSet } from "../data/data_set.ts";
import { digestOf } from "../data/digest.ts";
import type { TrainOptions } from "../algorithm.ts";
import { selectCandidate } from "../candidate_selection.ts";
import { wholeKeys } from "../data/row_keys.ts";
import { planRetest, type Repeats, retest, type RetestCertificate } from "../monitoring/mod.ts";
import { keysIn } from "../monitoring/look_keys.ts";
import { isRetest, readRetest } from "../monitoring/retest_certificate.ts";
import { printable } from "../printable.ts";
import { replaceFile } from "../records/replace_file.ts";
import { optionsOf, rowsOf } from "./assemble.ts";
import { bytes, jsonFile, jsonText } from "./files.ts";
import { problemIn, type SpecProblem } from "./problem_in.ts";
import { candidateFile, openRunFolder, retestFile } from "./run_folder.ts";
import type { Spec } from "./schema.ts";

/** A spec's problem, with the trained model. */
interface Trained extends SpecProblem {
  /** The spec's folder. */
  base: string;
}

/** A test in sequence in a run's folder. */
export interface RunRetest extends RetestCertificate {
  /** The spec that reads the files, relative to the folder. */
  spec: string;
  /** The files whose rows were looked at, relative to the folder; `null`: the safety part of the spec's data. */
  from: (string | null)[];
}

/**
 * Looks at the rows of a file with the model of a run: the test in sequence in its folder goes on, or begins after its certificate.
 * @returns whether it has passed
 */
export async function retestCommand(
  { folder, file, delta, repeats }: { folder: string; file: string; delta?: number; repeats: Repeats },
  print: (line: string) => void,
): Promise<boolean> {
  const at = (name: string) => join(folder, name), run = await openRunFolder(folder);
  try {
    const [certificate, earlier] = await Promise.all([at("certificate.json"), at(retestFile)].map(jsonIfAny));
    const { spec, from, of } = await kept(earlier ?? { from: [], ...certificate }, folder);
    const trained = await loaded(folder, spec), { candidate, safety } = trained.data;
    // Earlier files must be as they were, so that the test can be verified.
    const seen = [candidate, safety, ...await looksAt(folder, from, trained, of)];
    const data = await rowsAt(folder, relative(folder, file), trained);
    const found = await retest(of, { model: trained.model, data, seen, repeats, delta });
    const { certificate: next } = found, look = relative(folder, file);
    const state: RunRetest = { spec, from: next.looks.length > 1 ? [...from, look] : [look], ...next };
    await replaceFile(at(retestFile), jsonText(state));
    // Only a model that has passed has the name of one.
    if (found.passed && existsSync(at(candidateFile))) await rename(at(candidateFile), at("model.safetensors"));
    print(`${found}`);
    print(`Written to ${folder}: ${retestFile}`);
    return found.passed;
  } finally {
    run.close();
  }
}

/**
 * Trains the model of a spec on its candidate part, plans a test in sequence, and looks at its safety part first.
 * @returns whether it has passed
 */
export async function planCommand(
  { folder, file }: { folder: string; file: string },
  print: (line: string) => void,
): Promise<boolean> {
  const { spec, data: { candidate, safety }, encoder, model: untrained } = await problemIn(file);
  const { tune, candidates: _, safetyFraction: __, others: ___, ledger: ____, ...options } = optionsOf(spec) as TrainOptions<
    nn.Module
  >;
  if ("shift" in options) {
    throw new RangeError(`Cannot plan a test in sequence for other populations than the data's: leave shift out of ${file}`);
  }
  if (tune !== undefined) {
    throw new RangeError(
      `Cannot plan a test in sequence of a model that is tuned first: tune it by train, and give its settings in ${file}`,
    );
  }
  const run = await openRunFolder(folder), at = (name: string) => join(folder, name);
  try {
    const earlier = [retestFile, "certificate.json", "result.json"].find((name) => existsSync(at(name)));
    if (earlier !== undefined) {
      throw new RangeError(printable(
        `Cannot plan a test in sequence in ${folder}: ${earlier} there is of an earlier test, whose delta is spent; ` +
          `${
            earlier === "result.json" ? "" : `go on with it by retest ${folder} new.csv, or `
          }plan in another folder, with other safety data`,
      ));
    }
    const { candidates: [chosen], stopped } = await selectCandidate({
      ...options,
      objective: options.objective!,
      model: untrained,
      data: candidate,
      safetyRows: safety.size,
      candidates: 1,
    });
    if (chosen === undefined) throw new RangeError(`Cannot plan a test in sequence: ${stopped}`);
    const { model } = chosen, { constraints, rates, analysis, ranges } = options;
    const plan = await planRetest({ model, constraints, rates, analysis, ranges, candidate });
    const found = await retest(plan, { model, data: safety }), named = found.passed ? "model.safetensors" : candidateFile;
    const state: RunRetest = { spec: relative(folder, file), from: [null], ...found.certificate };
    await run.replace({ "encoder.json": jsonText(encoder) });
    await replaceFile(at(named), nn.save(model));
    await replaceFile(at(retestFile), jsonText(state));
    print(`${found}`);
    print(`Written to ${folder}: encoder.json, ${named}, ${retestFile}`);
    return found.passed;
  } finally {
    run.close();
  }
}

/** The model and the rows of a test in sequence, for `verify()`. */
export async function retestIn(
  folder: string,
  found: Record<string, unknown>,
): Promise<{ certificate: RetestCertificate; model: nn.Module; looks: DataSet[]; spec: Spec }> {
  const { spec, from, of } = await kept(found, folder), trained = await loaded(folder, spec);
  return { certificate: of, model: trained.model, looks: await looksAt(folder, from, trained, of), spec: trained.spec };
}

async function jsonIfAny(file: string): Promise<Record<string, unknown> | undefined> {
  return existsSync(file) ? await jsonFile(file) : undefined;
}

const schema = v.object({
  spec: v.string(),
  from: v.array(v.nullable(v.string())),
});

/** What the command line keeps beside a certificate. @throws {RangeError} for a folder without */
async function kept(
  found: Record<string, unknown>,
  folder: string,
): Promise<v.InferOutput<typeof schema> & { of: RetestCertificate }> {
  const { success, output } = v.safeParse(schema, found), { spec: _, from: __, ...of } = found;
  if (success) return { ...output, of: isRetest(of) ? await readRetest(of) : of as unknown as RetestCertificate };
  throw new RangeError(printable(`Cannot test again: ${folder} has no certificate that names its spec; train with --out first`));
}

async function loaded(folder: string, spec: string): Promise<Trained> {
  const file = join(folder, spec), problem = await problemIn(file);
  const candidate = join(folder, candidateFile);
  nn.load(problem.model, await bytes(existsSync(candidate) ? candidate : join(folder, "model.safetensors")));
  return { ...problem, base: dirname(file) };
}

async function rowsAt(folder: string, file: string, { spec, encoder, base }: Trained): Promise<DataSet> {
  const read = (name: string) => bytes(name === spec.data.metadata ? join(base, name) : name);
  return await rowsOf(spec, encoder, join(folder, file), read);
}

/**
 * The rows of earlier looks: of each file, those with the keys of its look, as it may have had others that were dropped.
 * @throws {RangeError} for a file whose rows have changed since
 */
async function looksAt(
  folder: string,
  files: readonly (string | null)[],
  trained: Trained,
  { looks = [] }: Partial<Pick<RetestCertificate, "looks">>,
): Promise<DataSet[]> {
  const found: DataSet[] = [];
  for (const [i, file] of files.entries()) {
    const all = file === null ? trained.data.safety : await rowsAt(folder, file, trained), look = looks[i];
    const own = new Set(look && keysIn(look)), numbers: number[] = [];
    wholeKeys(await all.rowKeys()).forEach((key, row) => own.has(key) && numbers.length < look.rows && numbers.push(row));
    const data = all.take(numbers);
    if (await digestOf(data) !== look?.sha256) {
      throw new RangeError(
        printable(
          `Cannot go on: look ${i + 1} was at ${
            file ?? "the spec's data"
          }, whose rows have changed since; keep the file of each look`,
        ),
      );
    }
    found.push(data);
  }
  return found;
}

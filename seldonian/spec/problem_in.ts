import { dirname, join } from "node:path";
import type { Module } from "../../nn/module.ts";
import { dataOf, modelOf } from "./assemble.ts";
import { bytes, text } from "./files.ts";
import { readJson } from "./read_json.ts";
import { type Spec, specSchema } from "./schema.ts";

/** A spec, its data, and its model without trained values. */
export type SpecProblem = { spec: Spec; model: Module } & Awaited<ReturnType<typeof dataOf>>;

/** Reads a spec and the files that it names, relative to its folder. */
export async function problemIn(file: string): Promise<SpecProblem> {
  const spec = await specIn(file);
  const prepared = await dataOf(spec, (name) => bytes(join(dirname(file), name)));
  return { spec, ...prepared, model: modelOf(spec, prepared.data) };
}

/** Reads a spec. */
export async function specIn(file: string): Promise<Spec> {
  return await readJson(await text(file), specSchema, file);
}

import type { Module } from "../../nn/module.ts";
import type { DataSet } from "../data/data_set.ts";
import { encodedIn, exampleIn } from "./encoded_in.ts";
import { writeModel } from "./write_model.ts";

/** The files that a model makes for data like this: without an encoder, and with the data's. */
export function filesOf(model: Module, data: DataSet, decides: boolean): Uint8Array[] {
  const example = exampleIn(data), fitted = encodedIn(data)?.encoder;
  return (fitted === undefined ? [fitted] : [undefined, fitted]).map((fitted) => writeModel(model, { fitted, example, decides }));
}

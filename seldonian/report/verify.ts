import { checkOptions, type Known, list, record } from "../../autodiff/options.ts";
import { type Module, requireModel } from "../../nn/module.ts";
import type { Source } from "../data/data_set.ts";
import { checkSource } from "../data/given_kinds.ts";
import { owned } from "../problem/owned.ts";
import { checkStated, promiseOptions } from "../problem/promise_kinds.ts";
import { key } from "./certificate.ts";
import type { Verification, VerifyOptions } from "./verification.ts";
import type { WantedPromise } from "./promise_differences.ts";

const { constraints, rates, bound, analysis, ranges, independent, paired, shift } = promiseOptions;
const wantedPromise: Known<WantedPromise> = { constraints, rates, bound, analysis, ranges, independent, paired, shift };

const verifying: Known<VerifyOptions> = { others: record, measures: list, publicKey: key, promise: record, files: record };

/**
 * Repeats the safety test of a certificate: checks that model and data are those in the certificate, that every figure is the
 * same to the last bit, and that the test passed. Formulas and their deltas come from the constraints' texts; the certificate
 * only says what candidate data decided. With another version of the kit, figures may differ in their last digits.
 * @param model with the parameters of the model's file, as loaded by `nn.load(model, bytes)`
 * @param data the safety data
 * @throws {RangeError} unless it is a certificate
 */
export async function verify(
  certificate: unknown,
  model: Module,
  data: Source,
  options: VerifyOptions = {},
): Promise<Verification> {
  const { promise: given, others = {}, ...rest } = checkOptions("verify", options, verifying);
  if (given !== undefined) checkWanted(given);
  const promise = given && owned(given);
  requireModel("verify", model);
  checkSource(data);
  for (const [name, other] of Object.entries(others)) checkSource(other, name);
  const { verification } = await import("./verification.ts");
  return await verification(certificate, model, data, { ...rest, others, promise });
}

/** @throws {TypeError} for an unknown option of a promise, and for a value of the wrong type */
export function checkWanted(promise: WantedPromise): void {
  checkOptions("verify", promise, wantedPromise, "promise");
  promise.constraints.forEach(checkStated);
}

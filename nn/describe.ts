import { Tensor } from "../autodiff/mod.ts";
import { showShape, sizeOf } from "../autodiff/shape.ts";
import { requireModel } from "./module.ts";
import type { Module } from "./module.ts";
import { Parameter } from "./parameter.ts";

/**
 * A model in words, as PyTorch prints it: a line for each layer, with its settings and the shapes of its parameters, and the number
 * of trained parameters.
 *
 * @example
 * ```ts
 * import { nn } from "@seldonian/kit";
 * console.log(nn.describe(new nn.Sequential(new nn.Linear(8, 1), new nn.Sigmoid())));
 * // Sequential(
 * //   (0): Linear(weight [1, 8], bias [1])
 * //   (1): Sigmoid()
 * // ), 9 parameters
 * ```
 */
export function describe(model: Module): string {
  requireModel("describe", model);
  const trained = new Set<Parameter>(), text = described(model, 1, trained, new Set());
  const count = [...trained].reduce((sum, { shape, requiresGrad }) => sum + (requiresGrad ? sizeOf(shape) : 0), 0);
  return `${text}, ${count.toLocaleString("en")} parameter${count === 1 ? "" : "s"}`;
}

function described(module: object, depth: number, parameters: Set<Parameter>, seen: Set<unknown>): string {
  const settings: string[] = [], lines: string[] = [], name = module.constructor.name;
  if (seen.has(module)) return `${name}(as above)`;
  seen.add(module);
  for (const [key, value] of Object.entries(module)) {
    if (value instanceof Tensor) {
      if (value instanceof Parameter) parameters.add(value);
      settings.push(`${key} ${showShape(value.shape)}`);
    } else if (hasLayers(value)) lines.push(`(${key}): ${described(value, depth + 1, parameters, seen)}`);
    else if (["number", "boolean", "string"].includes(typeof value)) settings.push(`${key} ${value}`);
    else if (Array.isArray(value) && value.every(Number.isFinite)) settings.push(`${key} ${showShape(value)}`);
  }
  if (lines.length === 0) return `${name}(${settings.join(", ")})`;
  const indent = "  ".repeat(depth);
  return `${name}(\n${[...settings, ...lines].map((line) => `${indent}${line}\n`).join("")}${indent.slice(2)})`;
}

/** Whether a field is a layer, or a list or record with one. */
function hasLayers(value: unknown): value is object {
  if (typeof value !== "object" || value === null || value instanceof Tensor || ArrayBuffer.isView(value)) return false;
  return typeof (value as Partial<Module>).forward === "function" || Object.values(value).some(hasLayers);
}

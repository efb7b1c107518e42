/**
 * What a certified model needs outside of the kit: a file for other programs, and model cards.
 *
 * @example
 * ```ts
 * import { modelCard } from "@seldonian/kit/export";
 * import { nn, train } from "@seldonian/kit";
 * const features = Array.from({ length: 400 }, (_, i) => [Math.sin(7.1 * i)]);
 * const result = await train({
 *   data: { features, labels: features.map(([x]) => x > 0 ? 1 : 0) },
 *   model: new nn.LogisticRegression(1),
 *   objective: nn.logLoss,
 *   constraints: [{ text: "ACC >= 0.6", delta: 0.05 }],
 *   optimizer: { thetaRate: 0.1, epochs: 50 },
 * });
 * if (!result.passed) throw new Error(`${result}`);
 * const { json, html } = await modelCard(result, { name: "Sign of x", uses: ["examples"] });
 * console.log(json.quantitativeAnalyses[0].words, html.length);
 * ```
 * @module
 */
export { modelCard } from "./model_card.ts";
export type { CardFacts, CardMeasure, CardOptions, CardPromise, ModelCard } from "./card.ts";
export { toOnnx } from "./to_onnx.ts";
export type { OnnxOptions } from "./to_onnx.ts";
export { exportOnnx } from "./export_onnx.ts";
export type { Exported, ExportOptions } from "./export_onnx.ts";

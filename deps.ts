/**
 * The only file of the kit with `npm:` specifiers, each version pinned: a module imported from a URL sees no import map.
 * Heavy packages are functions that load them on use.
 * @module
 */
export { default as ndarray } from "npm:ndarray@1.0.19";
export { default as ndarrayOps } from "npm:ndarray-ops@1.2.2";
export { parseExpressionAt, tokTypes } from "npm:acorn@8.19.0";
export type { Node as SyntaxNode } from "npm:acorn@8.19.0";
export { mersenne } from "npm:pure-rand@8.4.2/generator/mersenne";
export { uniformFloat64 } from "npm:pure-rand@8.4.2/distribution/uniformFloat64";
export { uniformInt } from "npm:pure-rand@8.4.2/distribution/uniformInt";
export type { RandomGenerator } from "npm:pure-rand@8.4.2/types/RandomGenerator";

/** Observable Plot with a document to draw in; its types need the DOM library, so it is typed where it is used. */
export async function loadPlot(): Promise<{ Plot: unknown; document: unknown }> {
  const [Plot, { parseHTML }] = await Promise.all([
    import("npm:@observablehq/plot@0.6.17"),
    import("npm:linkedom@0.18.15"),
  ]);
  return { Plot, document: (parseHTML("<html></html>") as unknown as { document: unknown }).document };
}

/** Progress bars for a terminal. */
export async function loadProgressBars(): Promise<unknown> {
  return (await import("npm:cli-progress@3.12.0")).default;
}

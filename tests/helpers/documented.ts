/** The public symbols, as `deno doc` reads them. */
import { readFileSync } from "node:fs";

// deno-lint-ignore no-explicit-any
export type Json = any;

/** Modules that programs import. */
const entries = Object.values<string>(JSON.parse(readFileSync("deno.json", "utf8")).exports).filter((file) =>
  file !== "./cli.ts"
);

/** Every public symbol of every module, those of namespaces too. */
export async function documented(): Promise<Json[]> {
  const child = await new Deno.Command(Deno.execPath(), { args: ["doc", "--json", ...entries], stderr: "null" }).output();
  const { nodes } = JSON.parse(new TextDecoder().decode(child.stdout));
  return Object.values<Json>(nodes).flatMap(({ symbols }) => symbols).flatMap(inside);
}

function inside(symbol: Json): Json[] {
  return [symbol, ...symbol.declarations.flatMap(({ def }: Json) => (def?.elements ?? []).flatMap(inside))];
}

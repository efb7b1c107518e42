import { deepEqual, ok } from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { test } from "node:test";
import { autodiff } from "../mod.ts";
import { skip } from "./helpers/child.ts";
import { documented, type Json } from "./helpers/documented.ts";
import { checkMisspelt, loose } from "./helpers/misspelt.ts";

/** Objects that only the kit makes, and those that say what something is, which are checked where it is used. */
const notOptions = new Set([
  "About",
  "CertificateParts",
  "Convolution",
  "LeafParts",
  "Measure",
  "Pooling2d",
  "ResultParts",
  "RetestCertificate",
  "SafetyReport",
]);

/** Each public function, constructor and method that takes options, by the name under which a test passes it wrong ones. */
function withOptions(symbols: readonly Json[]): Set<string> {
  const types = Map.groupBy(
    symbols.flatMap(({ name, declarations }) => declarations.map((one: Json) => ({ name, ...one }))),
    ({ name }) => name,
  );
  /** Whether a type has optional properties: nobody says all of them, so that a misspelt one is not missed. */
  const optional = (type: Json): boolean => {
    const { kind, value } = type ?? {};
    if (kind === "typeLiteral") return (value.properties ?? []).some(({ optional }: Json) => optional);
    if (kind === "intersection") return value.some(optional);
    if (kind !== "typeRef" || notOptions.has(value.typeName)) return false;
    if (["Omit", "Partial", "Pick", "Readonly"].includes(value.typeName)) return optional(value.typeParams[0]);
    return (types.get(value.typeName) ?? []).some(({ kind, def }: Json) =>
      kind === "typeAlias" ? optional(def.tsType) : kind === "interface" &&
        [...(def.properties ?? []).map(({ optional }: Json) => optional), ...(def.extends ?? []).map(optional)].some(Boolean)
    );
  };
  const takes = (params: readonly Json[]) => params.some(({ left, tsType }) => optional(left?.tsType ?? tsType));
  const found = symbols.flatMap(({ name, declarations }) =>
    declarations.flatMap(({ kind, def = {} }: Json): string[] => {
      if (kind === "function") return takes(def.params) ? [`${name}()`] : [];
      if (kind !== "class" || def.isAbstract) return [];
      const made = (def.constructors ?? []).some(({ params, accessibility }: Json) =>
        accessibility === undefined && takes(params)
      );
      const methods = (def.methods ?? []).filter(({ functionDef }: Json) => takes(functionDef.params));
      return [...(made ? [name] : []), ...methods.map((method: Json) => `${method.name}()`)];
    })
  );
  return new Set(found);
}

test("every public function with options is among those whose misspelt options are tested", { skip }, async () => {
  const texts = readdirSync("tests", { recursive: true, encoding: "utf8" })
    .filter((file) => /_?options_test\.ts$/.test(file)).map((file) => readFileSync(`tests/${file}`, "utf8"));
  // A reader's first part names what it calls: see Reader.
  const tested = texts.flatMap((text) => Array.from(text.matchAll(/^ +\[?"([^"]+)",/gm), ([, name]) => name));
  const asked = withOptions(await documented());
  ok(asked.size > 30 && asked.has("train()"), "the interfaces are read");
  const escaped = [...asked].filter((name) =>
    !tested.some((one) => [`new ${name}()`, name].includes(one) || one.endsWith(`.${name}`))
  );
  deepEqual(escaped, []);
});

test("a misspelt option of a GPU is refused before anything is loaded", () =>
  checkMisspelt([
    ["openGpu()", "mode, library", (o) => autodiff.openGpu(loose(o))],
  ]));

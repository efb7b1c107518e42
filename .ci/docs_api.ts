/** Pages of the API in Markdown, from `deno doc --json`. @module */
import { relative } from "node:path";

/** A page of the API. */
interface ApiPage {
  /** The file, without its extension. */
  name: string;
  title: string;
  /** The module whose symbols it shows. */
  module: string;
  /** The name to import it by, for the page's first line; "": its symbols are imported by name. */
  imported: string;
  /** The folders of `seldonian/` whose symbols it shows; []: those of no other page; default: the whole module. */
  folders?: readonly string[];
}

/** The pages of public modules. `seldonian/` exports one list of names; pages show them by folder. */
export const apiPages: readonly ApiPage[] = [
  page("training", "Training and testing"),
  page("constraints", "Constraints", "constraints", "language"),
  page("data", "Data", "data", "tables", "formats", "encoding", "description", "preparation"),
  page("results", "Results and certificates", "report", "records"),
  page("tuning", "Tuning", "tuning", "runner"),
  { name: "bounds", title: "Bounds", module: "seldonian/bounds/mod.ts", imported: "bounds" },
  { name: "measures", title: "Measures", module: "seldonian/measures/mod.ts", imported: "measures" },
  { name: "nn", title: "Networks", module: "nn/mod.ts", imported: "nn" },
  { name: "optim", title: "Optimizers", module: "nn/optim/mod.ts", imported: "optim" },
  { name: "autodiff", title: "Tensors", module: "autodiff/mod.ts", imported: "autodiff" },
];

function page(name: string, title: string, ...folders: string[]): ApiPage {
  return { name, title, module: "seldonian/mod.ts", imported: "", folders };
}

// deno-lint-ignore no-explicit-any
type Json = any;

/** The Markdown of every page, by file name. */
export async function apiDocuments(root: string): Promise<Map<string, string>> {
  const modules = new Map<string, Json>();
  for (const module of new Set(apiPages.map(({ module }) => module))) modules.set(module, await documented(root, module));
  // The page for the rest omits symbols of modules that have a separate page.
  const shownElsewhere = new Set(
    apiPages.filter(({ folders }) => folders === undefined).flatMap(({ module }) =>
      modules.get(module).symbols.map(
        ({ declarations }: Json) => fileOf(declarations[0]),
      )
    ),
  );
  const places = new Map<string, string>(), pages = new Map<ApiPage, Json[]>();
  for (const page of apiPages) {
    const symbols = modules.get(page.module).symbols.filter(({ declarations }: Json) =>
      declarations.some(({ kind }: Json) => kind !== "namespace") &&
      (page.folders === undefined || page === pageOf(relative(root, fileOf(declarations[0])))) &&
      !(page.folders?.length === 0 && shownElsewhere.has(fileOf(declarations[0])))
    );
    // Within a rank, symbols keep the module's order.
    pages.set(page, symbols.sort((a: Json, b: Json) => rank(a) - rank(b)));
    for (const { name } of symbols) if (!places.has(name)) places.set(name, `./${page.name}.md#${name}`);
  }
  const documents = new Map<string, string>();
  for (const [page, symbols] of pages) {
    const doc = page.folders === undefined ? modules.get(page.module).module_doc?.doc ?? "" : "";
    const from = page.imported === ""
      ? 'Imported by name: `import { … } from "@seldonian/kit"`.'
      : `Imported as a namespace: \`import { ${page.imported} } from "@seldonian/kit"\`.`;
    const parts = [
      `# API: ${page.title.toLowerCase()}`,
      linked(doc, places),
      from,
      ...symbols.map((symbol) => shown(symbol, places, root)),
    ];
    documents.set(`${page.name}.md`, `${parts.filter(Boolean).join("\n\n")}\n`);
  }
  return documents;
}

/** The page of a source file in `seldonian/`: its folder's, or the page of the rest. */
function pageOf(file: string): ApiPage {
  const folder = /^seldonian\/([^/]+)\//.exec(file)?.[1];
  return apiPages.find(({ folders }) => folders?.some((one) => one === folder)) ??
    apiPages.find(({ folders }) => folders?.length === 0)!;
}

/** The output of `deno doc` for a module. */
async function documented(root: string, module: string): Promise<Json> {
  const command = new Deno.Command(Deno.execPath(), { args: ["doc", "--json", module], cwd: root, stdin: "null" });
  const { code, stdout, stderr } = await command.output(), text = new TextDecoder();
  if (code !== 0) throw new Error(`deno doc ${module}: ${text.decode(stderr)}`);
  return Object.values(JSON.parse(text.decode(stdout)).nodes)[0];
}

function fileOf({ location }: Json): string {
  return location.filename.replace(/^file:\/\//, "");
}

/** Functions first, then classes and values, then types. */
function rank({ declarations: [{ kind }] }: Json): number {
  return ["function", "class", "variable", "interface", "typeAlias"].indexOf(kind);
}

/** A symbol: heading, signatures, comment and members. */
function shown({ name, declarations }: Json, places: Map<string, string>, root: string): string {
  const drawn = declarations.filter(({ kind }: Json) => kind !== "namespace");
  const signatures = [...new Set(drawn.map((one: Json) => signature(name, one)))].join("\n");
  const { line } = drawn[0].location, file = relative(root, fileOf(drawn[0]));
  const parts = [`## ${name} {#${name}}`, "```ts\n" + signatures + "\n```"];
  for (const one of drawn) parts.push(told(one.jsDoc, places));
  for (const one of drawn) parts.push(members(one.def ?? {}, places));
  return [...new Set(parts.filter(Boolean)), `*${file}:${line}*`].join("\n\n");
}

/** A comment: text, then parameters, errors and examples. */
function told(doc: Json, places: Map<string, string>): string {
  if (doc === undefined) return "";
  const tags: Json[] = doc.tags ?? [];
  const lines = tags.flatMap((tag) => {
    const said = linked((tag.doc ?? "").trim(), places).replace(/\n/g, "\n  ");
    if (tag.kind === "param") return [`- \`${tag.name}\`: ${said}`];
    if (tag.kind === "return") return [`- returns ${said}`];
    if (tag.kind === "throws") return [`- throws ${tag.tsType ? `\`${type(tag.tsType)}\` ` : ""}${said}`];
    return [];
  });
  const examples = tags.filter(({ kind }) => kind === "example").map(({ doc = "" }) => doc);
  return [linked(doc.doc ?? "", places), lines.join("\n"), ...examples].filter(Boolean).join("\n\n");
}

/** Turns `{@link x}` into a link to x, or into code. */
function linked(text: string, places: Map<string, string>): string {
  return text.replace(/\{@link ([^}]+)\}/g, (_, name) => {
    const place = places.get(name.split(".")[0]);
    return place === undefined ? `\`${name}\`` : `[\`${name}\`](${place})`;
  });
}

/** Fields and methods with their comments. Methods with the same name, such as overloads, are one entry. */
function members(def: Json, places: Map<string, string>): string {
  const all: Json[] = [...def.constructors ?? [], ...def.properties ?? [], ...def.methods ?? []];
  const entries = new Map<string, { code: Set<string>; said: Set<string> }>();
  for (const one of all) {
    if (one.accessibility === "private" || one.name?.startsWith("#")) continue;
    const name = one.name ?? "constructor", entry = entries.get(name) ?? { code: new Set(), said: new Set() };
    entry.code.add(memberSignature(one));
    const said = told(one.jsDoc, places);
    if (said !== "") entry.said.add(said);
    entries.set(name, entry);
  }
  return [...entries.values()].map(({ code, said }) => {
    const words = [...said].join("\n\n").replace(/\n/g, "\n  ");
    return `- ${[...code].map(inlineCode).join("  \n  ")}${words === "" ? "" : `\n\n  ${words}`}`;
  }).join("\n");
}

function inlineCode(code: string): string {
  const flat = code.replace(/\s+/g, " ");
  return flat.includes("`") ? `\`\` ${flat} \`\`` : `\`${flat}\``;
}

function memberSignature(one: Json): string {
  const { name, optional, tsType, readonly, isStatic, kind, functionDef, params } = one, mark = optional ? "?" : "";
  const start = `${isStatic ? "static " : ""}${readonly ? "readonly " : ""}`;
  if (name === "constructor" && params !== undefined) return `constructor(${parameters(params)})`;
  if (kind === "getter") return `get ${name}: ${type(functionDef?.returnType)}`;
  if (functionDef !== undefined) return `${start}${name}${mark}${callable(functionDef)}`;
  if (params !== undefined) return `${start}${name}${mark}${callable(one)}`;
  return `${start}${name}${mark}: ${type(tsType)}`;
}

function signature(name: string, { kind, def = {} }: Json): string {
  const generic = typeParameters(def.typeParams);
  if (kind === "function") return `function ${name}${callable(def)}`;
  if (kind === "variable") return `const ${name}: ${type(def.tsType)}`;
  if (kind === "typeAlias") return `type ${name}${generic} = ${type(def.tsType)}`;
  const bases = [def.extends ?? []].flat().map((base: Json) => typeof base === "string" ? base : type(base));
  const kept = (def.implements ?? []).map(type);
  return `${kind} ${name}${generic}${bases.length ? ` extends ${bases.join(", ")}` : ""}${
    kept.length ? ` implements ${kept.join(", ")}` : ""
  }`;
}

function callable({ typeParams, params = [], returnType, tsType }: Json): string {
  return `${typeParameters(typeParams)}(${parameters(params)}): ${type(returnType ?? tsType)}`;
}

function typeParameters(list: Json[] = []): string {
  if (list.length === 0) return "";
  return `<${
    list.map((one) =>
      `${one.name}${one.constraint ? ` extends ${type(one.constraint)}` : ""}${one.default ? ` = ${type(one.default)}` : ""}`
    ).join(", ")
  }>`;
}

function parameters(list: Json[]): string {
  return list.map(parameter).join(", ");
}

function parameter(one: Json): string {
  const of = one.tsType ? `: ${type(one.tsType)}` : "";
  if (one.kind === "rest") return `...${parameter(one.arg)}${of}`;
  if (one.kind === "assign") return `${parameter(one.left).replace(/(:|$)/, "?$1")}${of}`;
  if (one.kind === "object") return `options${of}`;
  if (one.kind === "array") return `list${of}`;
  return `${one.name}${one.optional ? "?" : ""}${of}`;
}

/** A type in TypeScript syntax. */
function type(of: Json): string {
  if (of === undefined || of === null) return "void";
  const { kind, value, repr } = of;
  switch (kind) {
    case "typeRef":
      return `${value.typeName}${value.typeParams?.length ? `<${value.typeParams.map(type).join(", ")}>` : ""}`;
    case "keyword":
      return repr;
    case "literal":
      return value.kind === "string" ? JSON.stringify(value.string) : repr || String(value.number ?? value.boolean);
    case "union":
      return value.map(type).join(" | ");
    case "intersection":
      return value.map(type).join(" & ");
    case "array":
      return `${/union|fnOrConstructor|typeOperator/.test(value.kind) ? `(${type(value)})` : type(value)}[]`;
    case "typeOperator":
      return `${value.operator} ${type(value.tsType)}`;
    case "parenthesized":
      return `(${type(value)})`;
    case "tuple":
      return `[${value.map(type).join(", ")}]`;
    case "rest":
      return `...${type(value)}`;
    case "optional":
      return `${type(value)}?`;
    case "indexedAccess":
      return `${type(value.objType)}[${type(value.indexType)}]`;
    case "typeQuery":
      return `typeof ${repr}`;
    case "this":
      return "this";
    case "fnOrConstructor":
      return `${value.constructor ? "new " : ""}${typeParameters(value.typeParams)}(${parameters(value.params)}) => ${
        type(value.tsType)
      }`;
    case "typeLiteral": {
      const { properties = [], methods = [], indexSignatures = [] } = value;
      const indexes = indexSignatures.map((one: Json) => `[${parameters(one.params)}]: ${type(one.tsType)}`);
      return `{ ${[...properties.map(memberSignature), ...methods.map(memberSignature), ...indexes].join("; ")} }`;
    }
    case "mapped": {
      const { typeParam, optional, tsType, readonly } = value;
      return `{ ${readonly ? "readonly " : ""}[${typeParam.name} in ${type(typeParam.constraint)}]${optional ? "?" : ""}: ${
        type(tsType)
      } }`;
    }
    default:
      return repr || kind;
  }
}

/**
 * Builds the modules from the AssemblyScript sources: `deno task kernels`. Each file begins with a hash of what it was built from, and
 * one of the rest of it; `--check` compares these, which takes no compiler. The kit does not import this file.
 * @module
 */
import { createHash } from "node:crypto";
import { dftSource } from "./dft.ts";
import { blockPlace, controlBytes, convolutionConstants, numberConstants } from "./memory_map.ts";
import { withOwnMemory } from "./own_memory.ts";

const folder = new URL("assembly/", import.meta.url);

/** A module: its source, its name, where its constants begin, and where they may end. */
const products = { entry: "index.ts", name: "kernels", from: controlBytes, to: convolutionConstants };
const convolutions = {
  ...{ entry: "convolutions.ts", name: "convolutions" },
  ...{ from: convolutionConstants, to: numberConstants },
};
const lists = { entry: "lists.ts", name: "lists", from: controlBytes, to: controlBytes };
const numbers = { entry: "numbers.ts", name: "numbers", from: numberConstants, to: blockPlace };

/** The files that are built. */
const built = [
  "simd_module.ts",
  "simd_lists.ts",
  "simd_convolutions.ts",
  "simd_numbers.ts",
  "relaxed_module.ts",
  "records.ts",
] as const;

/**
 * The kernel files, but for their first lines. Modules are hexadecimal: gzip compresses it better than base64. What only some
 * programs need is a file of its own.
 */
async function buildKernels(sources: ReadonlyMap<string, string>): Promise<Record<(typeof built)[number], string>> {
  return {
    "simd_module.ts": await moduleSource(sources, false, products),
    "simd_lists.ts": await moduleSource(sources, false, lists),
    "simd_convolutions.ts": await moduleSource(sources, false, convolutions),
    "simd_numbers.ts": await moduleSource(sources, false, numbers),
    "relaxed_module.ts": await moduleSource(sources, true, products, convolutions),
    "records.ts": `
/** What a record holds, a number of four bytes each, in this order. */
export const records = {
${[...sources.keys()].sort().flatMap((name) => recordsOf(sources.get(name)!)).join("")}} as const;

/** The operations of a list, by number. */
export const codes = [${codesOf(sources.get("operation.ts")!)}] as const;
`,
  };
}

async function moduleSource(
  sources: ReadonlyMap<string, string>,
  relaxed: boolean,
  ...modules: (typeof products)[]
): Promise<string> {
  let source = "";
  for (const module of modules) {
    const text = await compile(sources, module, relaxed, true);
    if (withOwnMemory(text) !== await compile(sources, module, relaxed, false)) {
      throw new Error(
        "Cannot derive the module for private memory from the one for shared memory: own_memory.ts expects another import",
      );
    }
    source += `
/** The ${module.name} with ${relaxed ? "relaxed" : "plain"} SIMD, for memory that threads share, in hexadecimal digits. */
export const ${module.name} =
  "${text}";
`;
  }
  return source;
}

/** The members of a source's `enum Code`. */
function codesOf(source: string): string {
  const [, body] = source.match(/enum Code \{(.*?)\n\}/s)!;
  return [...body.matchAll(/^ {2}(\w+),$/gm)].map(([, name]) => `"${name}"`).join(", ");
}

/** The unmanaged classes of a source, as lines of an object literal. */
function recordsOf(source: string): string[] {
  return [...source.matchAll(/@unmanaged\n(?:export )?class (\w+) \{(.*?)\n\}/gs)].map(([, name, body]) => {
    const fields = [...body.matchAll(/^ {2}(\w+): \w+;$/gm)].map(([, field]) => `"${field}"`);
    return `  ${name}: [${fields.join(", ")}],\n`;
  });
}

async function compile(
  sources: ReadonlyMap<string, string>,
  { entry, from, to }: typeof products,
  relaxed: boolean,
  shared: boolean,
): Promise<string> {
  const { default: asc } = await import("npm:assemblyscript@0.28.20/asc");
  let bytes = new Uint8Array();
  // A known initial memory size saves half of V8's bounds checks. Shrinking leaves the operations of a list functions of their own,
  // which V8 optimizes as soon as one is hot: all in one function, its code is 45 KB.
  const flags = "--runtime stub --importMemory --initialMemory 16 --noAssert -O3 --shrinkLevel 1 --disableWarning 201 " +
    "--enable simd,relaxed-simd,threads";
  const sharing = `--maximumMemory 65536${shared ? " --sharedMemory" : ""}`;
  const { error, stderr } = await asc.main([
    ...`${entry} -o out.wasm ${flags} ${sharing} --memoryBase ${from} --use RELAXED=${relaxed ? 1 : 0}`.split(" "),
  ], {
    readFile: (name: string) => sources.get(name) ?? null,
    writeFile: (name: string, contents: Uint8Array | string) => {
      if (name === "out.wasm" && typeof contents !== "string") bytes = Uint8Array.from(contents);
    },
    listFiles: () => [],
  });
  if (error !== null) throw new Error(`Cannot build the kernels: ${stderr}`);
  const memory = new WebAssembly.Memory({ initial: 16, maximum: 65536, shared });
  const module = new WebAssembly.Module(bytes);
  const kernels = Object.fromEntries(WebAssembly.Module.imports(module).map(({ name }) => [name, () => {}]));
  const { constantsEnd } = new WebAssembly.Instance(module, { env: { memory }, kernels }).exports;
  const end = (constantsEnd as WebAssembly.Global).value;
  if (end > to) throw new Error(`Constants of ${entry} end at ${end}, beyond ${to}`);
  return bytes.toHex();
}

function hash(...texts: string[]): string {
  return createHash("sha256").update(JSON.stringify(texts)).digest("hex").slice(0, 32);
}

/** The first line of a built file. */
function firstLine(from: string, text: string): string {
  return `// Built by \`deno task kernels\` from assembly/: ${from} ${hash(text)}\n`;
}

if (import.meta.main) {
  const sources = new Map([["dft.ts", dftSource()]]);
  for await (const { name } of Deno.readDir(folder)) sources.set(name, await Deno.readTextFile(new URL(name, folder)));
  const builders = ["build.ts", "memory_map.ts", "own_memory.ts"].map((name) => new URL(name, import.meta.url));
  const from = hash(
    ...[...sources].sort(([a], [b]) => a < b ? -1 : 1).flat(),
    ...await Promise.all(builders.map((place) => Deno.readTextFile(place))),
  );
  if (Deno.args.includes("--check")) {
    for (const name of built) {
      const file = await Deno.readTextFile(new URL(name, import.meta.url)), end = file.indexOf("\n") + 1;
      if (file.slice(0, end) === firstLine(from, file.slice(end))) continue;
      console.error(`autodiff/kernels/${name} is not what its sources build: run deno task kernels`);
      Deno.exit(1);
    }
  } else {
    for (const [name, text] of Object.entries(await buildKernels(sources))) {
      await Deno.writeTextFile(new URL(name, import.meta.url), firstLine(from, text) + text);
    }
  }
}

/**
 * Builds `module.ts` from the AssemblyScript sources: `deno task kernels`; `--check` only compares. Nothing of the kit imports this file.
 * @module
 */
import asc from "npm:assemblyscript@0.28.20/asc";
import { transformsSource } from "./cook_toom.ts";
import { controlBytes, firstPlace } from "./memory_map.ts";

const folder = new URL("assembly/", import.meta.url);

/** The text of `module.ts`: the fields of every job, and the kernels as base64. */
async function buildKernels(): Promise<string> {
  const sources = new Map([["transforms.ts", transformsSource()]]);
  for await (const { name } of Deno.readDir(folder)) sources.set(name, await Deno.readTextFile(new URL(name, folder)));
  const builds = [];
  for (const [name, relaxed, shared] of variants) builds.push(`  ${name}:\n    "${await compile(sources, relaxed, shared)}",\n`);
  return `// Built by \`deno task kernels\` from assembly/.

/** What a record holds, a number of four bytes each, in this order. */
export const records = {
${[...sources.keys()].sort().flatMap((name) => recordsOf(sources.get(name)!)).join("")}} as const;

/** The kernels, base64: with relaxed SIMD or plain, for memory that threads share or for one's own. */
export const kernelModules: Record<${variants.map(([name]) => `"${name}"`).join(" | ")}, string> = {
${builds.join("")}};
`;
}

const variants = [["relaxed", true, false], ["simd", false, false], ["relaxedShared", true, true], [
  "simdShared",
  false,
  true,
]] as const;

/** The unmanaged classes of a source, as lines of an object. */
function recordsOf(source: string): string[] {
  return [...source.matchAll(/@unmanaged\n(?:export )?class (\w+) \{(.*?)\n\}/gs)].map(([, name, body]) => {
    const fields = [...body.matchAll(/^ {2}(\w+): \w+;$/gm)].map(([, field]) => `"${field}"`);
    return `  ${name}: [${fields.join(", ")}],\n`;
  });
}

async function compile(sources: ReadonlyMap<string, string>, relaxed: boolean, shared: boolean): Promise<string> {
  let bytes = new Uint8Array();
  // A memory that is known to have so many pages spares half of the bounds checks that V8 makes.
  const flags =
    "--runtime stub --importMemory --initialMemory 16 --noAssert -O3 --disableWarning 201 --enable simd,relaxed-simd,threads";
  const sharing = shared ? " --sharedMemory --maximumMemory 65536" : "";
  const { error, stderr } = await asc.main([
    ...`index.ts -o out.wasm ${flags}${sharing} --memoryBase ${controlBytes} --use RELAXED=${relaxed ? 1 : 0}`.split(" "),
  ], {
    readFile: (name: string) => sources.get(name) ?? null,
    writeFile: (name: string, contents: Uint8Array | string) => {
      if (name === "out.wasm" && typeof contents !== "string") bytes = Uint8Array.from(contents);
    },
    listFiles: () => [],
  });
  if (error !== null) throw new Error(`Cannot build the kernels: ${stderr}`);
  const memory = new WebAssembly.Memory({ initial: 16, maximum: 65536, shared });
  const { constantsEnd } = new WebAssembly.Instance(new WebAssembly.Module(bytes), { env: { memory } }).exports;
  const end = (constantsEnd as WebAssembly.Global).value;
  if (end > firstPlace) throw new Error(`Constants of the module end at ${end}, and the workspace begins at ${firstPlace}`);
  return btoa(String.fromCharCode(...bytes));
}

if (import.meta.main) {
  const place = new URL("module.ts", import.meta.url), text = await buildKernels();
  if (!Deno.args.includes("--check")) await Deno.writeTextFile(place, text);
  else if (await Deno.readTextFile(place) !== text) {
    console.error("autodiff/kernels/module.ts is not what its sources build: run deno task kernels");
    Deno.exit(1);
  }
}

/**
 * Builds `module.ts` from the AssemblyScript sources: `deno task kernels`; `--check` only compares. Nothing of the kit imports this file.
 * @module
 */
import asc from "npm:assemblyscript@0.28.20/asc";

/** The text of `module.ts`: the kernels as base64, with and without relaxed SIMD, for shared memory and for one's own. */
async function buildKernels(): Promise<string> {
  const source = await Deno.readTextFile(new URL("assembly/kernels.ts", import.meta.url));
  const build = async (name: string, relaxed: boolean, shared: boolean) =>
    `  ${name}:\n    "${await compile(source, relaxed, shared)}",\n`;
  return `// Built by \`deno task kernels\` from assembly/kernels.ts.

/** The kernels, base64: with relaxed SIMD or plain, for memory that threads share or for one's own. */
export const kernelModules: Record<"relaxed" | "simd" | "relaxedShared" | "simdShared", string> = {
${await build("relaxed", true, false)}${await build("simd", false, false)}${await build(
    "relaxedShared",
    true,
    true,
  )}${await build("simdShared", false, true)}};
`;
}

async function compile(source: string, relaxed: boolean, shared: boolean): Promise<string> {
  let bytes = new Uint8Array();
  const flags = ["--runtime", "stub", "--importMemory", "--noAssert", "-O3", "--enable", "simd,relaxed-simd,threads"];
  const memory = shared ? ["--sharedMemory", "--initialMemory", "16", "--maximumMemory", "65536"] : [];
  const { error, stderr } = await asc.main([
    "kernels.ts",
    "-o",
    "out.wasm",
    ...flags,
    ...memory,
    "--use",
    `RELAXED=${relaxed ? 1 : 0}`,
  ], {
    readFile: (name: string) => name === "kernels.ts" ? source : null,
    writeFile: (name: string, contents: Uint8Array | string) => {
      if (name === "out.wasm" && typeof contents !== "string") bytes = Uint8Array.from(contents);
    },
    listFiles: () => [],
  });
  if (error !== null) throw new Error(`Cannot build the kernels: ${stderr}`);
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

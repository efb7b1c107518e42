// Lists the run-time dependencies: version, licence, size, and scripts that an installation would run. `deno task licences` prints
// the list and compares it with tests/figures/licences.json, which a test compares with deno.lock; `--write` writes it anew.
import { runtimePackages } from "../tests/helpers/runtime_packages.ts";

const root = new URL("..", import.meta.url), kept = new URL("tests/figures/licences.json", root);

/** A dependency; its size is that of its files, in kB. */
interface Listed {
  name: string;
  version: string;
  licence: string;
  kilobytes: number;
  scripts: string[];
}

async function output(...args: string[]): Promise<string> {
  const { stdout } = await new Deno.Command(Deno.execPath(), { args, stdin: "null", stderr: "null" }).output();
  return new TextDecoder().decode(stdout);
}

const { npmCache } = JSON.parse(await output("info", "--json")), packages = await runtimePackages();
await output("cache", "--no-lock", ...packages.map(({ name, version }) => `npm:${name}@${version}`));
const registries = Array.from(Deno.readDirSync(npmCache), ({ name }) => `${npmCache}/${name}`);

function sizeOf(folder: string): number {
  let size = 0;
  for (const { name, isDirectory } of Deno.readDirSync(folder)) {
    size += isDirectory ? sizeOf(`${folder}/${name}`) : Deno.statSync(`${folder}/${name}`).size;
  }
  return size;
}

const listed = packages.map(({ name, version }): Listed => {
  const folder = registries.map((registry) => `${registry}/${name}/${version}`).find((path) => {
    try {
      return Deno.statSync(path).isDirectory;
    } catch {
      return false;
    }
  })!;
  const { license, licenses, scripts = {} } = JSON.parse(Deno.readTextFileSync(`${folder}/package.json`));
  const licence = typeof license === "string" ? license : (license ?? licenses?.[0])?.type ?? "none";
  const run = ["preinstall", "install", "postinstall"].filter((script) => script in scripts);
  return { name, version, licence, kilobytes: Math.ceil(sizeOf(folder) / 1000), scripts: run };
});

console.log("package                        version   licence        kB  install scripts");
for (const { name, version, licence, kilobytes, scripts } of listed) {
  console.log(
    `${name.padEnd(30)} ${version.padEnd(9)} ${licence.padEnd(12)} ${`${kilobytes}`.padStart(5)}  ${
      scripts.join(", ") || "none"
    }`,
  );
}
const total = listed.reduce((sum, { kilobytes }) => sum + kilobytes, 0), text = `${JSON.stringify(listed, null, 2)}\n`;
console.log(`${listed.length} packages, ${total} kB`);
if (Deno.args.includes("--write")) Deno.writeTextFileSync(kept, text);
else if (JSON.stringify(JSON.parse(Deno.readTextFileSync(kept))) !== JSON.stringify(listed)) {
  console.log("The list has changed: look at the difference, then `deno task licences --write`");
  Deno.exit(1);
}

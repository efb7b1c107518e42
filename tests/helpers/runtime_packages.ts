import { readFile } from "node:fs/promises";

/** A package of npm. */
export interface Package {
  name: string;
  version: string;
}

/** The packages that a user of the kit installs, by the lock file: its dependencies, and theirs. */
export async function runtimePackages(): Promise<Package[]> {
  const read = async (file: string) => JSON.parse(await readFile(new URL(`../../${file}`, import.meta.url), "utf8"));
  const [{ dependencies }, { npm }] = await Promise.all([read("package.json"), read("deno.lock")]);
  const known = Object.entries(npm as Record<string, { dependencies?: string[] }>).map(([key, { dependencies = [] }]) => {
    const [, name, version] = /^(@?[^@]+)@([^_]+)/.exec(key)!;
    return { name, version, dependencies };
  });
  const found = new Map<string, Package>();
  const visit = (wanted: string) => {
    const [, name, version] = /^(@?[^@]+)(?:@([^_]+))?/.exec(wanted)!;
    const one = known.find((one) => one.name === name && (version === undefined || one.version === version));
    if (one === undefined) throw new Error(`deno.lock has no ${wanted}`);
    const key = `${name}@${one.version}`;
    if (found.has(key)) return;
    found.set(key, { name, version: one.version });
    one.dependencies.forEach(visit);
  };
  for (const [name, version] of Object.entries(dependencies)) visit(`${name}@${version}`);
  return [...found.entries()].sort(([a], [b]) => a < b ? -1 : 1).map(([, one]) => one);
}

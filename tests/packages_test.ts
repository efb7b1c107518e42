import { deepEqual, ok } from "node:assert/strict";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { test } from "node:test";
import { onDeno } from "./helpers/runs.ts";

const read = (file: string) => JSON.parse(readFileSync(file, "utf8"));

const folders = ["autodiff", "nn", "seldonian", "examples", "tests"].flatMap((folder) =>
  readdirSync(folder, { recursive: true, encoding: "utf8" }).map((file) => `${folder}/${file}`)
);
/** Every `npm:` specifier in the sources. */
const specifiers = ["deps.ts", "mod.ts", ...folders]
  .filter((file) => file.endsWith(".ts") && file !== "autodiff/kernels/build.ts")
  .flatMap((file) =>
    [
      ...Array.from(readFileSync(file, "utf8").matchAll(/(?:from|import\()\s*"(npm:[^"]+)"/g), ([, specifier]) => specifier),
      ...Array.from(
        readFileSync(file, "utf8").matchAll(/\bload\("([^"]+)", "([^"]+)"\)/g),
        ([, name, version]) => `npm:${name}@${version}`,
      ),
    ].map((specifier) => ({ file, specifier }))
  );

test("only deps.ts has npm: specifiers, except for the tests and one data set", () => {
  const files = [...new Set(specifiers.map(({ file }) => file))].sort();
  deepEqual(files, ["deps.ts", "examples/datasets/mnist_files.ts", "tests/deps.ts"]);
});

test("package.json lists the packages and versions of the specifiers, and jsconfig.json maps each specifier", () => {
  const { dependencies, devDependencies, peerDependencies } = read("package.json"),
    { paths } = read("jsconfig.json").compilerOptions;
  const versions = new Map(specifiers.map(({ specifier }) => {
    const [, name, version] = /^npm:((?:@[^/]+\/)?[^@/]+)@([^/]+)/.exec(specifier)!;
    return [name, version];
  }));
  deepEqual(
    Object.fromEntries([...versions].sort()),
    Object.fromEntries(
      Object.entries({ ...dependencies, ...devDependencies, ...peerDependencies })
        // npm refuses to install the kit beside another version of an optional package: a project may have any of the same major.
        .map(([name, range]) => [name, name in peerDependencies ? admitted(range as string, versions.get(name)!) : range])
        .sort(),
    ),
  );
  for (const { specifier } of specifiers) {
    ok(
      Object.keys(paths).some((path) => path.endsWith("*") ? specifier.startsWith(path.slice(0, -1)) : specifier === path),
      specifier,
    );
  }
});

/** The version, if the range has it and all others of its major version. */
function admitted(range: string, version: string): string {
  return range === `^${version.split(".")[0]}.0.0` ? version : range;
}

test("package.json and deno.json have the same name, version and license", () => {
  const [npm, deno] = [read("package.json"), read("deno.json")];
  deepEqual([npm.name, npm.version, npm.license], [deno.name, deno.version, deno.license]);
});

test("files that the documents name exist", () => {
  for (const document of ["README.md", "docs/from_toolkit.md", "bench/README.md"]) {
    const named = readFileSync(document, "utf8").matchAll(/`((?:examples|tests|docs|bench)\/[\w/.]+\.\w+)/g);
    for (const [, file] of named) ok(existsSync(file), `${document} names ${file}`);
  }
});

test(
  "no module of a web page imports a module of Node.js, not even on use: bundlers stop at its name",
  { skip: !onDeno && "deno info is Deno's" },
  async () => {
    for (const entry of ["mod.ts", "seldonian/experiments/mod.ts", "seldonian/monitoring/mod.ts", "seldonian/export/mod.ts"]) {
      const { stdout } = await new Deno.Command(Deno.execPath(), { args: ["info", "--json", entry], stdin: "null" }).output();
      const { modules } = JSON.parse(new TextDecoder().decode(stdout));
      ok(modules.length > 50);
      for (const { specifier, dependencies = [] } of modules) {
        for (const { specifier: name, code } of dependencies) {
          ok(!name.startsWith("node:") || code === undefined, `${specifier} imports ${name}: use builtin()`);
        }
      }
    }
  },
);

test("the lock file has no http addresses", () => {
  ok(!/https?:\/\//.test(readFileSync("deno.lock", "utf8")));
});

test(
  "packages that few need are neither among the modules of mod.ts nor in the lock file",
  { skip: !onDeno && "deno info is Deno's" },
  async () => {
    const { stdout } = await new Deno.Command(Deno.execPath(), { args: ["info", "--json", "mod.ts"], stdin: "null" }).output();
    const { modules } = JSON.parse(new TextDecoder().decode(stdout)), graph = JSON.stringify(modules);
    ok(modules.length > 50 && graph.includes("npm:/ndarray@"));
    // Deno fetches everything that the lock file names.
    const lock = readFileSync("deno.lock", "utf8");
    for (const name of Object.keys(read("package.json").peerDependencies)) {
      ok(!graph.includes(`npm:/${name}@`) && !lock.includes(`"npm:${name}@`) && !lock.includes(`"${name}@`), name);
    }
  },
);

import { deepEqual, equal, ok } from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { brokenLinks } from "../.ci/links.ts";
import { onDeno } from "./helpers/runs.ts";
import { printed } from "./helpers/child.ts";

const readme = readFileSync("README.md", "utf8");

test("relative links in the documents lead to files and headings that exist", () => {
  deepEqual(brokenLinks("."), []);
});

test("the README has at most 120 lines and names the command that tests the main branch", () => {
  ok(readme.split("\n").length <= 121, `${readme.split("\n").length - 1} lines`);
  const run = readFileSync(".ci/run", "utf8"), [, deno] = /^deno=\$\(npx -y (deno@\S+) /m.exec(run)!;
  ok(/^tasks test$/m.test(run) && readme.includes(`npx -y ${deno} task test\n`));
});

test("examples/first.ts and docs/start.md have the README's program", () => {
  const [block, program] = /```ts ignore\n([\s\S]*?)```/.exec(readme)!;
  ok(readFileSync("docs/start.md", "utf8").includes(block));
  ok(readFileSync("examples/first.ts", "utf8").endsWith(`\n${program}`));
});

const skip = !onDeno && "Deno runs the program";

test("the README's program prints the verdict shown below it", { skip }, async () => {
  const [, program, verdict] = /```ts ignore\n([\s\S]*?)```\n[\s\S]*?```text\n([\s\S]*?)```/.exec(readme)!;
  // A program from standard input cannot import the project by its name.
  const root = new URL("../mod.ts", import.meta.url).href;
  const { out, errors } = await printed(
    program.replace('"@seldonian/kit"', `"${root}"`).replace('"loans.safetensors"', "Deno.makeTempFileSync()"),
    "--allow-read",
    "--allow-write",
    "--ext=js",
    "-",
  );
  equal(out, verdict, errors);
});

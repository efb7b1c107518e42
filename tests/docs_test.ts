import { deepEqual, equal, ok } from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { brokenLinks } from "../.ci/links.ts";
import { onDeno } from "./helpers/runs.ts";
import { printed } from "./helpers/child.ts";

const readme = readFileSync("README.md", "utf8");

test("relative links of the documents lead to files and headings, and files that they name are there", () => {
  deepEqual(brokenLinks("."), []);
});

test("the README fits on a page, and names the command that the main branch is tested by", () => {
  ok(readme.split("\n").length <= 121, `${readme.split("\n").length - 1} lines`);
  const [, command] = /npx -y (deno@\S+ task test)/.exec(readFileSync(".ci/run", "utf8"))!;
  ok(readme.includes(`npx -y ${command}\n`));
});

test("docs/start.md begins with the README's program", () => {
  const [program] = /```ts\n[\s\S]*?```/.exec(readme)!;
  ok(readFileSync("docs/start.md", "utf8").includes(program));
});

const skip = !onDeno && "the program is run by Deno";

test("the README's program prints the verdict that stands below it", { skip }, async () => {
  const [, program, verdict] = /```ts\n([\s\S]*?)```\n[\s\S]*?```text\n([\s\S]*?)```/.exec(readme)!;
  // From standard input nothing knows the project's own name.
  const root = new URL("../mod.ts", import.meta.url).href;
  const { out, errors } = await printed(
    program.replace('"@seldonian/kit"', `"${root}"`),
    "--allow-read",
    "--ext=js",
    "-",
  );
  equal(out, verdict, errors);
});

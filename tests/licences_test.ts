import { deepEqual, ok } from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { runtimePackages } from "./helpers/runtime_packages.ts";

const listed: { name: string; version: string; licence: string; kilobytes: number; scripts: string[] }[] = JSON.parse(
  readFileSync(new URL("figures/licences.json", import.meta.url), "utf8"),
);

test("the list of run-time dependencies is that of the lock file: after a change, deno task licences --write", async () => {
  deepEqual(listed.map(({ name, version }) => ({ name, version })), await runtimePackages());
});

test("run-time dependencies have permissive licences and run nothing when they are installed", () => {
  const permissive = ["MIT", "ISC", "BSD-2-Clause", "BSD-3-Clause", "Apache-2.0", "0BSD", "Unlicense"];
  deepEqual(listed.filter(({ licence }) => !permissive.includes(licence)), []);
  deepEqual(listed.filter(({ scripts }) => scripts.length > 0), []);
  ok(listed.length >= 16 && listed.every(({ kilobytes }) => kilobytes > 0));
});

import { equal, match } from "node:assert/strict";
import { spawn } from "node:child_process";
import process from "node:process";
import { test } from "node:test";
import { onDeno } from "../helpers/runs.ts";
import { testsThatWrite } from "../helpers/writing.ts";

testsThatWrite(import.meta.url, () => {
  test("kills, full disks, damaged and forged files, hostile names, planted links and many at once find nothing", async () => {
    const args = [...(onDeno ? ["run", "--no-check", "-A"] : []), "tests/chaos/run.ts", "--short"];
    const child = spawn(process.execPath, args, { stdio: ["ignore", "pipe", "inherit"] });
    let out = "";
    child.stdout.on("data", (data) => out += data);
    equal(await new Promise((resolve) => child.on("close", resolve)), 0, out);
    match(out, /\n[3-9]\d\d attempts, 0 findings\n$/);
  });
});

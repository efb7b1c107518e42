/** Tests that write files. Deno's tests have no permission to write: there, a second Deno with it runs their file. */
import { equal } from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { mayWrite } from "../../mod.ts";

/** Defines the tests of a file, where they may write; otherwise one test that runs this file where they may. */
export function testsThatWrite(url: string, define: () => void): void {
  if (mayWrite(fileURLToPath(url))) return define();
  const file = fileURLToPath(url);
  test(`with permission to write: ${file.split("/tests/").at(-1)}`, async () => {
    const args = ["test", "--no-check", "-A", file];
    const { code, stdout } = await new Deno.Command(Deno.execPath(), { args, stdin: "null", stderr: "inherit" }).output();
    equal(code, 0, new TextDecoder().decode(stdout));
  });
}

/** Gives a function an empty folder, and removes it in the end. */
export async function inFolder(use: (folder: string) => Promise<void> | void): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), "seldonian"));
  try {
    await use(folder);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** Runs a module of tests in a process like this one, with all permissions: its lines of output and exit code. */
export async function ran(
  module: string,
  args: readonly string[],
  shell = "",
): Promise<{ code: number | null; lines: string[] }> {
  const { spawn } = await import("node:child_process"), { default: process } = await import("node:process");
  const own = "Deno" in globalThis ? [process.execPath, "run", "--no-check", "-A"] : [process.execPath];
  const command = [...own, fileURLToPath(new URL(`../fixtures/${module}`, import.meta.url)), ...args];
  const child = shell === ""
    ? spawn(command[0], command.slice(1), { stdio: ["ignore", "pipe", "inherit"] })
    : spawn("sh", ["-c", `${shell} exec "$@"`, "sh", ...command], { stdio: ["ignore", "pipe", "inherit"] });
  let out = "";
  child.stdout!.on("data", (data) => out += data);
  const code = await new Promise<number | null>((resolve) => child.on("close", resolve));
  return { code, lines: out.split("\n").filter((line) => line !== "") };
}

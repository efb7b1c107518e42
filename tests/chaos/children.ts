/** Runs child.ts in processes that are killed, or whose disk is full. */
import { spawn } from "node:child_process";
import { execFileSync } from "node:child_process";
import { mkdirSync } from "node:fs";
import process from "node:process";
import { fileURLToPath } from "node:url";

/** What a child printed, line by line, and how it ended. */
export interface Ended {
  lines: string[];
  code: number | null;
}

/** Runs a child; kills it some milliseconds after its first line, if given; `shell` comes before it. */
export function child(
  args: readonly string[],
  { killAfter, shell = "" }: { killAfter?: number; shell?: string } = {},
): Promise<Ended> {
  const own = [process.execPath, ...("Deno" in globalThis ? ["run", "--no-check", "-A"] : [])];
  const command = [...own, fileURLToPath(new URL("./child.ts", import.meta.url)), ...args];
  const started = spawn("sh", ["-c", `${shell} exec "$@"`, "sh", ...command], { stdio: ["ignore", "pipe", "ignore"] });
  let out = "", timer: ReturnType<typeof setTimeout> | undefined;
  started.stdout!.on("data", (data) => {
    out += data;
    if (killAfter !== undefined) timer ??= setTimeout(() => started.kill("SIGKILL"), killAfter);
  });
  return new Promise((resolve) =>
    started.on("close", (code) => {
      clearTimeout(timer);
      // A line that was cut by the kill is none.
      resolve({ lines: out.split("\n").slice(0, -1), code });
    })
  );
}

/** A folder on a disk with room for some kilobytes: a file system in memory, or where none can be mounted a limit on files. */
export function smallDisk(folder: string, kilobytes: number): { shell: string; end(): void } {
  mkdirSync(folder, { recursive: true });
  try {
    execFileSync("mount", ["-t", "tmpfs", "-o", `size=${kilobytes}k`, "tmpfs", folder], { stdio: "ignore" });
    return { shell: "", end: () => execFileSync("umount", ["-l", folder]) };
  } catch {
    return { shell: `trap '' XFSZ; ulimit -f ${2 * kilobytes};`, end() {} };
  }
}

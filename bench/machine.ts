import { execFile, spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import os from "node:os";
import process from "node:process";
import { promisify } from "node:util";

/** The properties of the machine that figures depend on, one per line. */
export function describeMachine(): string[] {
  const [{ model }] = os.cpus(), flags = readText("/proc/cpuinfo").match(/^flags.*$/m)?.[0].split(" ") ?? [];
  const vectors = ["fma", "avx2", "avx512f"].filter((name) => flags.includes(name)).join(", ");
  return [
    `${os.cpus().length} cores, ${model.trim()}${vectors === "" ? "" : ` (${vectors})`}, ${
      (os.totalmem() / 2 ** 30).toFixed(0)
    } GiB`,
    `${os.type()} ${os.release().split(".").slice(0, 2).join(".")}, ${
      process.versions.deno === undefined ? "" : `Deno ${process.versions.deno}, `
    }V8 ${process.versions.v8}`,
  ];
}

function readText(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return "";
  }
}

/** A native process that shares nothing: seconds to hash a fixed number of bytes. */
const spinText = `
import hashlib, time
data = bytes(1 << 20)
start = time.perf_counter()
for _ in range(1500):
    hashlib.sha256(data).digest()
print(time.perf_counter() - start)
`;

/** The speed-up of two independent native processes: 2 on separate cores, less on siblings. Median of five; `null`: no python3 */
export async function spinGain(): Promise<number | null> {
  const spin = async () => Number((await promisify(execFile)("python3", ["-c", spinText])).stdout);
  try {
    await promisify(execFile)("python3", ["--version"]);
  } catch {
    return null;
  }
  const gains: number[] = [];
  for (let i = 0; i < 5; i++) {
    const alone = await spin(), both = await Promise.all([spin(), spin()]);
    gains.push(2 * alone / Math.max(...both));
  }
  return gains.sort((a, b) => a - b)[2];
}

/** Runs a program to its end and returns its output, seconds and peak memory. */
export function measured(command: readonly string[]): Promise<{ output: string; seconds: number; megabytes: number }> {
  return new Promise((resolve, reject) => {
    const start = performance.now(), [program, ...rest] = command;
    const child = spawn(program, rest, { stdio: ["ignore", "pipe", "inherit"] });
    let output = "", megabytes = 0;
    child.stdout!.on("data", (chunk: Uint8Array) => output += new TextDecoder().decode(chunk));
    // The kernel reports the peak only while the process lives.
    const watch = setInterval(() => {
      const peak = readText(`/proc/${child.pid}/status`).match(/VmHWM:\s+(\d+)/);
      if (peak !== null) megabytes = Math.max(megabytes, Number(peak[1]) / 1024);
    }, 20);
    child.on("error", reject);
    child.on("close", (code) => {
      clearInterval(watch);
      if (code === 0) resolve({ output, seconds: (performance.now() - start) / 1000, megabytes });
      else reject(new Error(`"${command.join(" ")}" ended with code ${code}: see its messages above`));
    });
  });
}

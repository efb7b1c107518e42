/**
 * Makes PyTorch's figures again: `deno run -A tests/parity/record.ts`, half a minute after PyTorch is there, which the first run
 * installs in a folder for temporary files; `… record.ts figures` or `… record.ts curves` for one of both. It needs Python 3.10 or later.
 */
import { execFileSync } from "node:child_process";
import { existsSync } from "node:fs";
import { tmpdir } from "node:os";
import process from "node:process";
import { fileURLToPath } from "node:url";

const torch = "2.13.0", environment = `${tmpdir()}/torch-${torch}`, python = `${environment}/bin/python`;
const run = (...[command, ...words]: string[]) => execFileSync(command, words, { stdio: "inherit" });

if (!existsSync(`${environment}/complete`)) {
  run("python3", "-m", "venv", environment);
  run(python, "-m", "pip", "install", "--quiet", `torch==${torch}`, "numpy");
  run("touch", `${environment}/complete`);
}
// -B: no folder of compiled Python beside the tests.
run(python, "-B", fileURLToPath(new URL("torch_figures.py", import.meta.url)), ...process.argv.slice(2));

/**
 * Makes PyTorch's figures again: `deno run -A tests/parity/record.ts`. The first run installs PyTorch in a folder for temporary
 * files; then it takes half a minute. `… record.ts figures` and `… record.ts curves` make one of both. It needs Python 3.10 or
 * later.
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
// -B: Python writes no folder of compiled files.
const script = (name: string, ...words: string[]) => run(python, "-B", fileURLToPath(new URL(name, import.meta.url)), ...words);
script("torch_figures.py", ...process.argv.slice(2));
script("from_pytorch.py");

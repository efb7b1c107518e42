// Runs `deno task check` beside the tests of `deno task test`, those of a folder in one isolate: to load the kit and to compile its
// hot loops once a file takes a third of all processor time. A file still runs alone: `deno test --no-check -A tests/nn/norms_test.ts`.
import { dirname, join } from "node:path";
import { pathToFileURL } from "node:url";

const root = new URL("..", import.meta.url).pathname;
/** Folders of tests that have tasks of their own. */
const apart = ["proofs", "adversary", "chaos", "gpu", "onnx", "services", "examples"];

function testsIn(folder: string): string[] {
  return Array.from(Deno.readDirSync(join(root, folder))).flatMap(({ name, isDirectory }) => {
    const path = `${folder}/${name}`;
    if (isDirectory) return testsIn(path);
    return name.endsWith("_test.ts") ? [path] : [];
  });
}

const files = testsIn("tests").filter((path) => !apart.includes(path.split("/")[1])).sort();
const folders = [...Map.groupBy(files, dirname)].sort(([, a], [, b]) => b.length - a.length);
// One thread checks types. What it finds is told last, where it is seen.
const checked = new Deno.Command(Deno.execPath(), { args: ["task", "check"], cwd: root, stdin: "null" }).output();
const entries = await Deno.makeTempDir();
try {
  // The largest come first, so that no core waits for them at the end.
  folders.forEach(([folder, files], i) => {
    const lines = files.map((file) => `import ${JSON.stringify(pathToFileURL(join(root, file)).href)};\n`).join("");
    Deno.writeTextFileSync(`${entries}/${`${i}`.padStart(2, "0")}_${folder.replaceAll("/", "_")}_test.ts`, lines);
  });
  const rights = ["--allow-read", "--allow-env=REFERENCE_DIR,PROOFS", "--allow-run"];
  const options = ["--no-check", "--doc", "--parallel", "--ignore=tests,dist", ...rights, ...Deno.args];
  const { code } = await new Deno.Command(Deno.execPath(), { args: ["test", ...options, entries, "."], cwd: root }).spawn()
    .status;
  const check = await checked;
  if (!check.success) { for (const text of [check.stdout, check.stderr]) await Deno.stdout.write(text); }
  Deno.exitCode = code || check.code;
} finally {
  await Deno.remove(entries, { recursive: true });
}

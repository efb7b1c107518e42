// Runs the notebooks with the kit from a URL: `deno task notebooks`. Each must show its result as HTML with the figure, and the
// curves while it trains, or the plots while trials come in. The output is kept in dist/notebooks/ for inspection.
import { serve } from "./serve.ts";
import { ended, told } from "./tally.ts";
const root = new URL("..", import.meta.url).pathname, dist = `${root}dist/notebooks`, deno = Deno.execPath();
/** A folder without a project. */
const elsewhere = await Deno.makeTempDir();
const text = new TextDecoder();

async function run(command: string[], env: Record<string, string> = {}): Promise<boolean> {
  const { code, stdout, stderr } = await new Deno.Command(command[0], {
    args: command.slice(1),
    cwd: elsewhere,
    env,
    stdin: "null",
  })
    .output();
  if (code !== 0) console.log(text.decode(stdout), text.decode(stderr));
  return code === 0;
}

if (!await run(["python3", "--version"]).catch(() => false)) {
  console.log("skipped: there is no python3 to run notebooks with");
  ended();
}
await Deno.mkdir(`${dist}/kernels/deno`, { recursive: true });
const python = `${dist}/venv/bin/python`;
told(
  "installing nbconvert",
  await run(["python3", "-m", "venv", `${dist}/venv`]) &&
    await run([python, "-m", "pip", "install", "--quiet", "nbconvert", "ipykernel"]),
);
await Deno.writeTextFile(
  `${dist}/kernels/deno/kernel.json`,
  JSON.stringify({
    argv: [deno, "jupyter", "--kernel", "--conn", "{connection_file}"],
    display_name: "Deno",
    language: "typescript",
  }),
);

// Another port than the notebook's, where another version may be served.
const server = serve(root);
const verdict = /<strong>The safety test passed\.<\/strong>.*<code>.*<\/code>: <strong>kept<\/strong>.*<svg/s;
const table = /<li><code>.*<\/code> with delta .*<svg.*<table>.*the kit/s;
for (const [name, kept] of [["fair_loans", verdict], ["mnist", verdict], ["experiment", table]] as const) {
  const file = `examples/notebooks/${name}.ipynb`, copy = `${elsewhere}/${name}.ipynb`;
  const text = await Deno.readTextFile(`${root}${file}`);
  await Deno.writeTextFile(copy, text.replaceAll("http://localhost:8000/", server.address));
  const convert = [python, "-m", "nbconvert", "--execute", "--output-dir", dist, copy];
  // A separate cache: an earlier import from this address may be another version.
  const env = { JUPYTER_PATH: dist, DENO_DIR: `${elsewhere}/cache` };
  let runs = false, result = false, growth = false;
  // Deno's kernel is unstable: sometimes it ends a cell before it has sent all output.
  for (let attempt = 0; attempt < 4 && !(result && growth); attempt++) {
    runs = await run([...convert, "--to", "notebook"], env);
    const { cells } = JSON.parse(await Deno.readTextFile(`${dist}/${name}.ipynb`).catch(() => '{ "cells": [] }'));
    // deno-lint-ignore no-explicit-any
    const shown: string[] = cells.flatMap(({ outputs = [] }: any) => outputs).map(({ data }: any) =>
      [data?.["text/html"] ?? []].flat().join("")
    );
    result ||= shown.some((html) => kept.test(html));
    growth ||= shown.some((html) => /<progress .*<\/progress>.*<svg/s.test(html));
    if (!runs) break;
  }
  told(`${file}: runs`, runs);
  told(`${file}: shows the result, its constraint and the figure`, result);
  told(`${file}: shows what is going on as it goes`, growth);
  await run([python, "-m", "nbconvert", "--to", "html", "--output-dir", dist, `${dist}/${name}.ipynb`]);
}
ended();

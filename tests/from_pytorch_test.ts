import { deepEqual, equal, ok } from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import * as kit from "../mod.ts";
import { printed } from "./helpers/child.ts";
import { onDeno } from "./helpers/runs.ts";

const skip = !onDeno && "Deno runs the programs";

/** What PyTorch printed: `python tests/parity/from_pytorch.py` records it. */
const recorded: Record<string, number[][]> = JSON.parse(readFileSync("tests/parity/from_pytorch.json", "utf8"));
const guide = readFileSync("docs/from_pytorch.md", "utf8");
const programs = [...guide.matchAll(/### ([^\n]*)\n\n```python\n(?:.*?)```\n\n```ts\n(.*?)```/gs)];

/** Runs programs in one process. @returns the numbers that each prints, line by line */
async function output(): Promise<Record<string, number[][]>> {
  const root = new URL("../mod.ts", import.meta.url).href;
  const bodies = programs.map(([, title, program]) => {
    // A function has no imports.
    const body = program.replace(
      /import \{([^}]*)\} from "@seldonian\/kit";/g,
      (_, names: string) => `const {${names.replace(/type \w+,?/g, "")}} = kit;`,
    );
    return `(() => {\nconst lines = printed[${JSON.stringify(title)}] = [];\n` +
      `const console = { log: (...values) => lines.push(numbers(values)) };\n${body}})();\n`;
  });
  const numbers = "const numbers = (x) => x instanceof kit.Tensor ? [...x.data] : Array.isArray(x) ? x.flatMap(numbers) : [x];\n";
  const start = `import * as kit from "${root}";\nconst printed = {};\n${numbers}`;
  const { out, errors } = await printed(`${start}${bodies.join("")}console.log(JSON.stringify(printed));`, "--ext=ts", "-");
  equal(errors, "");
  return JSON.parse(out);
}

test("every program of docs/from_pytorch.md has a recorded twin", () => {
  deepEqual(programs.map(([, title]) => title), Object.keys(recorded));
});

test("the programs of docs/from_pytorch.md print the numbers that PyTorch prints, to 1e-5", { skip }, async () => {
  const found = await output();
  for (const [title, lines] of Object.entries(recorded)) {
    deepEqual(found[title].map(({ length }) => length), lines.map(({ length }) => length), title);
    lines.flat().forEach((y, i) => {
      const x = found[title].flat()[i];
      ok(Math.abs(x - y) <= 1e-5 * Math.max(1, Math.abs(y)), `${title}: number ${i} is ${x}, PyTorch's is ${y}`);
    });
  }
});

test("every name in the table of docs/from_pytorch.md exists", () => {
  const [, table] = /## Names\n(.*?)\n## /s.exec(guide)!;
  const known = new Set([...Object.keys(kit.autodiff), ...Object.keys(kit), ...Object.getOwnPropertyNames(kit.Tensor.prototype)]);
  const used = table.split("\n").filter((row) => row.startsWith("| `")).flatMap((row) => {
    const [, , here] = row.split(/(?<!\\)\|/);
    return [...here.matchAll(/`(?:x\.|y\.)?([a-zA-Z]\w*)/g)].map(([, name]) => name);
  });
  ok(used.length > 100);
  deepEqual(used.filter((name) => !known.has(name)), []);
});

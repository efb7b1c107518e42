import { equal, ok } from "node:assert/strict";
import { spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import process from "node:process";
import { test } from "node:test";
import { damages } from "./damages.ts";
import { judged, silent, told } from "./outcomes.ts";
import { type Came, pairCount, tried } from "./run.ts";
import { onDeno } from "../helpers/runs.ts";

const parts = 2;

/** Runs one of the processes that train on damaged tables. They may write files; this process may not. */
async function ran(part: number): Promise<Came[]> {
  const args = ["tests/damages/run.ts", `${part}`, `${parts}`];
  if (onDeno) {
    const allowed = ["run", "--no-check", "--no-prompt", "--allow-read", "--allow-write", "--allow-env"];
    const { stdout, stderr } = await new Deno.Command(Deno.execPath(), { args: [...allowed, ...args], stdin: "null" }).output();
    return parsed(new TextDecoder().decode(stdout), new TextDecoder().decode(stderr));
  }
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, args, { stdio: ["ignore", "pipe", "pipe"] });
    let out = "", errors = "";
    child.stdout.on("data", (data) => out += data);
    child.stderr.on("data", (data) => errors += data);
    child.on("close", () => out ? resolve(parsed(out, errors)) : reject(new Error(errors)));
  });
}

function parsed(out: string, errors: string): Came[] {
  ok(out !== "", errors);
  return out.trimEnd().split("\n").map((line) => JSON.parse(line));
}

let asked: Promise<Came[]> | undefined;

/** All outcomes, with the undamaged table first; computed once for all tests. */
function all(): Promise<Came[]> {
  return asked ??= Promise.all(Array.from({ length: parts }, (_, part) => ran(part))).then((parts) => parts.flat());
}

test("the undamaged table passes without a report, and so do its rows in another order", async () => {
  const came = await all(), [good] = came, reversed = came.find(({ names }) => names[0] === "rows in reverse")!;
  equal(good.code, 0, good.error);
  ok(good.verdict.startsWith("The safety test passed."));
  equal([...told(reversed.data, good.data), ...told(reversed.verdict, good.verdict)].join("\n"), "");
});

test("there are at least 40 damages, and their names differ", () => {
  equal(new Set(damages.map(({ name }) => name)).size, damages.length);
  ok(damages.length >= 40);
});

for (const damage of tried) {
  test(`${damage.name}: ${damage.outcome.join(" or ")}`, async () => {
    const came = await all(), of = came.filter(({ names }) => names.length === 1 && names[0] === damage.name);
    ok(of.length > 0, "the damage was not done");
    for (const one of of) {
      const { wrong } = judged(damage, one, came[0]);
      ok(!wrong, `${wrong}; seed ${one.seed}, exit code ${one.code}\n${one.error || `${one.data}\n\n${one.verdict}`}`);
    }
  });
}

test("two damages at once never pass in silence", async () => {
  const came = await all(), of = came.filter(({ names }) => names.length === 2);
  equal(of.length, pairCount);
  const silences = of.filter((one) => silent(one, came[0])).map(({ names }) => names.join(" + "));
  equal(silences.join("\n"), "");
});

test("docs/damages.md lists each damage; update it with PROOFS=full deno run -A tests/damages/document.ts", () => {
  const text = readFileSync("docs/damages.md", "utf8"),
    written = [...text.matchAll(/^\| (.*?) \| (?!-|What)/gm)].map(([, name]) => name);
  equal(written.join("\n"), damages.map(({ name }) => name.replaceAll("|", "\\|")).join("\n"));
});

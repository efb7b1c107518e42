// Figures that no benchmark measures: deno run -R docs/figures/compared.ts, from the repository's root.
import { readFile } from "node:fs/promises";
import { bounds } from "@seldonian/kit";

// Validity. A model is right on 95 of 100 rows, so it just breaks the promise ACC >= 0.950001. Whether it passes depends only on
// the number of its errors in 60 rows, so the probability is a sum over all numbers.
const n = 60, p = 0.95, limit = 0.950001, delta = 0.05;
for (
  const [who, method] of [["the kit, clopper-pearson", "clopper-pearson"], [
    "Student's bound, as the toolkit",
    "student",
  ]] as const
) {
  let passes = 0, chance = p ** n;
  for (let errors = 0; errors <= n; errors++) {
    const values = Float64Array.from({ length: n }, (_, i) => i < errors ? 0 : 1);
    if (bounds.lowerBound(values, { method, delta, range: [0, 1] }) >= limit) passes += chance;
    chance *= ((n - errors) / (errors + 1)) * ((1 - p) / p);
  }
  console.log(`${who}: a model that breaks its promise passes with probability ${passes.toFixed(3)}, delta ${delta}`);
}

// Lines of a program, without empty lines and comments: German credit, from the CSV file to the verdict.
const [, program] = /```ts ignore\n([\s\S]*?)```/.exec(await readFile("README.md", "utf8"))!;
const peer = await readFile("bench/peers/toolkit.py", "utf8");
const [imports] = /^import autograd[\s\S]*?\n\n/m.exec(peer)!, [job] = /^def german_credit[\s\S]*?\n\n\n/m.exec(peer)!;
const run = peer.split("\n").filter((line) => /SeldonianAlgorithm\(|\.run\(/.test(line)).join("\n");
const lines = (text: string) => text.split("\n").filter((line) => line.trim() !== "" && !/^\s*(\/\/|#)/.test(line)).length;
console.log(`the kit: ${lines(program)} lines; the toolkit: ${lines(imports + job + run)} lines`);

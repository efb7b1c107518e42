/**
 * Programs have the same results as in PyTorch. programs/ and runs.json state them once. tests/figures/parity.json and
 * parity_curves.json have PyTorch's results, with its version. `PROOFS=full` runs training in full length;
 * `deno run -A tests/parity/table.ts` and `… curves.ts` print the distances.
 *
 * After a change of programs, `deno run -A tests/parity/record.ts` makes the figures again in a separate environment, as these
 * do:
 *
 *     python3 -m venv environment && environment/bin/pip install torch==2.13.0 numpy
 *     environment/bin/python -B tests/parity/torch_figures.py
 */
import { deepEqual, equal, ok, throws } from "node:assert/strict";
import { test } from "node:test";
import { differences } from "./differences.ts";
import { compare, figures, results, themes } from "./figures.ts";
import { curves, distance, losses, numbersIn, runs } from "./training.ts";
import { full } from "../helpers/runs.ts";

/** The differences in words; empty if there are none. */
function differing(theme: string, program: string): string[] {
  try {
    if (themes[theme].error) {
      // Errors of the language, such as an unknown name, have other classes.
      throws(
        () => results(program, themes[theme], "float64"),
        (error) => (error instanceof RangeError || error instanceof TypeError) && /^Cannot (?!read)/.test(error.message),
      );
      return [];
    }
    return compare(program, themes[theme], figures[theme][program])
      .filter(({ distance, allowed }) => !(distance <= allowed))
      .map(({ what, dtype, found, wanted, distance, allowed }) =>
        `${what} in ${dtype} is ${found}, wanted ${wanted}: off by ${distance}, allowed ${allowed}`
      );
  } catch (error) {
    return [`${error}`];
  }
}

test("every program has figures of PyTorch, and every figure and every known difference its program", () => {
  deepEqual(Object.keys(figures), Object.keys(themes));
  for (const [name, { programs }] of Object.entries(themes)) {
    equal(new Set(programs).size, programs.length, `${name} has a program twice`);
    deepEqual(Object.keys(figures[name]).sort(), programs.toSorted());
  }
  deepEqual(Object.keys(curves), Object.keys(runs));
  for (const known of Object.keys(differences)) {
    const [theme, program] = known.split(": ", 2);
    ok(themes[theme]?.programs.includes(program), `${known} is no program`);
  }
});

for (const [name, theme] of Object.entries(themes)) {
  test(`${name}: ${theme.programs.length} programs ${theme.error ? "are errors" : "give the numbers"} as in PyTorch`, () => {
    const failures = theme.programs.flatMap((program) => {
      const known = differences[`${name}: ${program}`];
      const found = differing(name, program);
      if (known === undefined) return found.map((difference) => `${program}: ${difference}`);
      if (found.length === 0) return [`${program}: is listed as a difference, and is none`];
      return known === "" ? [`${program}: differs, for no reason that is written: ${found[0]}`] : [];
    });
    equal(failures.length, 0, `\n${failures.join("\n")}`);
  });
}

// Rounding errors grow in training, so the first steps must agree more closely.
const asked: [steps: number, distance: number][] = [[30, 1e-6], [100, 1e-5], [300, 2e-4]];
const wanted = full ? asked : asked.slice(0, 1), [steps] = wanted.at(-1)!;
for (const [name, run] of Object.entries(runs)) {
  test(`${name}: the loss takes PyTorch's course for ${steps} steps`, () => {
    const found = losses(run, steps), exact = numbersIn(curves[name].float64);
    equal(found.length, steps / 10);
    for (const [first, allowed] of wanted) {
      const error = distance(found.slice(0, first / 10), exact.slice(0, first / 10));
      ok(error <= allowed, `off by ${error} in ${first} steps, allowed ${allowed}: ${found}, wanted ${exact}`);
    }
  });
}

/** The relation of two groups before any row is seen, checked on tables with every kind of row. */
import { deepEqual, equal, ok } from "node:assert/strict";
import { test } from "node:test";
import { full } from "../../helpers/runs.ts";
import { constraint } from "../../../mod.ts";
import { ConditionError, tester } from "../../../seldonian/constraints/conditions.ts";
import type { Leaf } from "../../../seldonian/constraints/expression.ts";
import { kinshipOf } from "../../../seldonian/constraints/membership.ts";
import { fc } from "../../deps.ts";

const leaf = (text: string) => constraint(`(${text}) <= 0`).leaves[0];
const kin = (a: string, b: string, exclusive: string[][] = [], classes = 2) =>
  kinshipOf(leaf(a), leaf(b), { exclusive, classes });

test("groups are exclusive if their conditions cannot hold together, and the same if no condition separates them", () => {
  const cases: [a: string, b: string, kinship: string, exclusive?: string[][]][] = [
    ["PR | [M]", "PR | [F]", "unknown"],
    ["PR | [M]", "PR | [F]", "exclusive", [["M", "F"]]],
    ["PR | [M, A]", "PR | [F]", "exclusive", [["A", "B"], ["M", "N", "F"]]],
    ["PR | [M || A]", "PR | [F]", "unknown", [["M", "F"]]],
    ["PR | [M]", "PR | [!M]", "exclusive"],
    ["PR | [M]", "NR | [M]", "same"],
    ["PR | [M]", "NR | [M == 1]", "same"],
    ["PR | [!(M && A)]", "NR | [!M || !A]", "same"],
    ['PR | [race == "a"]', 'PR | [race == "b"]', "exclusive"],
    ['PR | [race == "a"]', 'PR | [race != "a"]', "exclusive"],
    ['PR | [race == "a"]', 'PR | [race != "b"]', "unknown"],
    ['PR | [race < "b"]', 'PR | [race >= "b"]', "exclusive"],
    ['PR | [race <= "b"]', 'PR | [race > "a"]', "unknown"],
    ["PR | [age < 25]", "PR | [age >= 25]", "exclusive"],
    ["PR | [age < 25]", "PR | [age >= 24.999]", "unknown"],
    ["PR | [18 <= age && age < 25]", "PR | [25 <= age]", "exclusive"],
    ["PR | [18 <= age && age < 25]", "PR | [age < 25, age >= 18]", "same"],
    ["TPR", "FPR", "exclusive"],
    ["TPR", "FNR", "same"],
    ["TPR | [M]", "FPR | [M]", "exclusive"],
    ["TPR | [M]", "TPR | [F]", "unknown"],
    ["TPR", "PR", "unknown"],
    ["ACC", "PR", "same"],
    ["PR", "PR | [M]", "unknown"],
  ];
  for (const [a, b, wanted, exclusive] of cases) {
    equal(kin(a, b, exclusive), wanted, `${a} and ${b}`);
    equal(kin(b, a, exclusive), wanted, `${b} and ${a}`);
  }
  // With three classes a row may be neither 0 nor 1; with two it may not.
  deepEqual([kin("FPR_[0]", "FPR_[1]", [], 3), kin("FPR_[0]", "FPR_[1]", [], 2), kin("CM_[0, 1]", "CM_[1, 1]", [], 3)], [
    "unknown",
    "exclusive",
    "exclusive",
  ]);
});

test("the relation of two conditions holds for every row on which both can be evaluated", () => {
  const atom = fc.oneof(
    fc.constantFrom("M", "A"),
    fc.tuple(fc.constantFrom("age", "M"), fc.constantFrom("<", "<=", "==", "!=", ">", ">="), fc.constantFrom(0, 1, 2, 2.5)).map((
      parts,
    ) => parts.join(" ")),
    fc.tuple(fc.constantFrom("<", "<=", "==", "!=", ">", ">="), fc.constantFrom('""', '"a"', '"ab"', '"b"')).map((parts) =>
      `race ${parts.join(" ")}`
    ),
  );
  const condition = fc.letrec<{ all: string }>((tie) => ({
    all: fc.oneof(
      { depthSize: "small", withCrossShrink: true },
      atom,
      tie("all").map((of) => `!(${of})`),
      fc.tuple(tie("all"), fc.constantFrom("&&", "||"), tie("all")).map(([a, operator, b]) => `(${a} ${operator} ${b})`),
    ),
  })).all;
  const columns = new Map<string, Float64Array | string[]>();
  const values = {
    M: [-1, 0, 0.5, 1, 1.5, 2, 2.2, 2.5, 9, NaN],
    A: [0, 1],
    age: [-1, 0, 0.5, 1, 1.5, 2, 2.2, 2.5, 9, NaN],
    race: ["", "\u0000", "a", "a\u0000", "aa", "ab", "abc", "b", "bb"],
  };
  const table: (number | string)[][] = Object.values(values).reduce<(number | string)[][]>(
    (rows, of) => rows.flatMap((row) => of.map((value) => [...row, value])),
    [[]],
  );
  Object.keys(values).forEach((name, i) => columns.set(name, table.map((row) => row[i]) as string[]));
  const counted = { exclusive: 0, same: 0, unknown: 0 };
  const holds = (leaf: Leaf) => {
    const test = tester(leaf.conditions[0], columns);
    return table.map((_, row) => {
      try {
        // An unknown condition is not met.
        return test(row) === true;
      } catch (error) {
        if (error instanceof ConditionError) return null;
        throw error;
      }
    });
  };
  fc.assert(
    fc.property(condition, condition, fc.constantFrom<string[][]>([], [["M", "A"]]), (a, b, exclusive) => {
      const [first, second] = [a, b].map((text) => leaf(`PR | [${text}]`)),
        kinship = kinshipOf(first, second, { exclusive, classes: 2 });
      const [x, y] = [first, second].map(holds);
      const possible = table.flatMap((row, i) =>
        x[i] === null || y[i] === null || (exclusive.length > 0 && row[0] === 1 && row[1] === 1) ? [] : [i]
      );
      const both = possible.some((i) => x[i] && y[i]), differ = possible.some((i) => x[i] !== y[i]);
      counted[kinship]++;
      // These rows include every case that such conditions can separate, so nothing more can be known.
      equal(kinship, both ? differ ? "unknown" : "same" : "exclusive", `${a} and ${b}`);
    }),
    { seed: 3, numRuns: full ? 2200 : 700 },
  );
  ok(Object.values(counted).every((count) => count > (full ? 30 : 5)), JSON.stringify(counted));
});

import { equal, ok, rejects, throws } from "node:assert/strict";
import { test } from "node:test";
import { constraint, ConstraintError, DataSet, measures, safetyTest, where } from "../../../mod.ts";
import { fc } from "../../deps.ts";
import { echo } from "../../helpers/models.ts";

const { PR } = measures;

const people = new DataSet({
  features: [[0.9], [0.2], [0.6], [0.7], [0.1]],
  labels: [1, 0, 1, 1, 0],
  columns: {
    age: [17, 25, 31, 64, 25],
    race: ["a", "b", "b", "c", "a"],
    M: [1, 0, 1, 0, 1],
    "home town": ["x", "y", "x", "y", "x"],
  },
});

test("conditions compare columns as JavaScript does", async () => {
  const table: [string, (row: { age: number; race: string; M: number; town: string }) => boolean][] = [
    ["age < 25", ({ age }) => age < 25],
    ["25 >= age", ({ age }) => age <= 25],
    ["age == 25", ({ age }) => age === 25],
    ["age !== 25", ({ age }) => age !== 25],
    ["age > -3 && age <= 31", ({ age }) => age <= 31],
    ['race == "a"', ({ race }) => race === "a"],
    ['race >= "b" && !M', ({ race, M }) => race >= "b" && M !== 1],
    ['!(race == "b" || M) || age > 60', ({ race, M, age }) => !(race === "b" || M === 1) || age > 60],
    ['(race == "b" || M) && age < 30', ({ race, M, age }) => (race === "b" || M === 1) && age < 30],
    ['"home town" == "x"', ({ town }) => town === "x"],
  ];
  const { labels, columns } = people, p = people.whole().features.data as Float32Array;
  const [age, race, M, town] = ["age", "race", "M", "home town"].map((name) => columns.get(name)!);
  for (const [text, holds] of table) {
    const stated = constraint(`(PR | [${text}]) <= 0.9`), [leaf] = stated.leaves;
    equal(`${constraint(`${stated}`)}`, `${stated}`);
    equal(`${PR.given(where(text)).atMost(0.9)}`, `${stated}`);
    const chosen = labels.map((_, i) =>
      Number(holds({ age: age[i] as number, race: race[i] as string, M: M[i] as number, town: town[i] as string }))
    );
    const { constraints: [{ leaves: [{ n, mean }] }] } = await safetyTest({
      model: echo,
      data: people,
      constraints: [{ text: stated, delta: 0.1 }],
    });
    const count = chosen.reduce((a, b) => a + b, 0), sum = p.reduce((sum, value, i) => sum + chosen[i] * value, 0);
    equal(n, count, `${leaf}`);
    ok(Math.abs(mean - sum / count) < 1e-7, `${leaf}`);
  }
});

test("errors for conditions that cannot be evaluated name the cause", async () => {
  const report = (text: string) => safetyTest({ model: echo, data: people, constraints: [{ text, delta: 0.1 }] });
  const table: [string, RegExp][] = [
    [
      "(PR | [age]) <= 1",
      /^Cannot tell whether row \d counts for PR \| \[age\]: column "age" is \d+, not 0 or 1; write a comparison/,
    ],
    ["(PR | [race]) <= 1", /column "race" is "\w", not 0 or 1; write a comparison, as in \[race == "\w"\]/],
    ["(PR | [race < 3]) <= 1", /column "race" is "\w", which is compared with 3; write a text, in quotes, as in \[race < "\w"\]/],
    ["(PR | [race == a]) <= 1", /"a" is not a value; write a text in quotes, or define it in forEvery/],
    ["(PR | [rave == 3]) <= 1", /unknown column "rave"; the nearest is "race"/],
    ["(PR | M) <= 1", /there is no data set "M" in others; for the rows where a column is 1 write \(PR \| \[M\]\)/],
  ];
  for (const [text, message] of table) {
    await rejects(report(text), (error: Error) => message.test(error.message) || error.message);
  }
  throws(() => where("M, age < 3"), /it is several conditions; join them by &&/);
});

test("any text of a condition is read or is an error of the kit", () =>
  fc.assert(
    fc.property(
      fc.array(
        fc.constantFrom(
          "age",
          "M",
          "<",
          ">=",
          "==",
          "=",
          "!",
          "&&",
          "||",
          "(",
          ")",
          "[",
          "]",
          "25",
          '"a"',
          ",",
          "-",
          "|",
          "other",
        ),
      ),
      (words) => {
        try {
          const read = constraint(`(PR | [${words.join(" ")}]) <= 0.5`);
          equal(`${constraint(`${read}`)}`, `${read}`);
        } catch (error) {
          ok(error instanceof ConstraintError, `${words.join(" ")}: ${error}`);
        }
      },
    ),
    { seed: 5, numRuns: 2000 },
  ));

/** Every value that a program hands in is checked where it enters, and the error says what to do. */
import { deepEqual } from "node:assert/strict";
import { test } from "node:test";
import { bounds, constraint, measures, nn, safetyTest, type Tensor, train } from "../../../mod.ts";
import { errorOf, loose } from "../../helpers/misspelt.ts";
import { features, labels, problem, question } from "../../helpers/small_question.ts";

const { hoeffding } = bounds, named = (name: string, more: object) => ({ ...measures.ACC.measure, name, ...more });
const own = (more: object) => ({ bound: { ...hoeffding, name: "mine", ...more } });
const measured = (values: () => unknown) => ({
  measures: [named("Mine", { values })],
  constraints: [{ text: "Mine >= 0.1", delta: 0.05 }],
});
const ofNumbers = "wanted a tensor of one number, as by operations on the moments' mean and variance";
const oneNumber = "wanted a tensor of one number, float32 or float64, as by .mean()";

const table: [what: string, options: object, message: string][] = [
  [
    "text labels",
    { data: { features, labels: labels.map((y) => ["no", "yes"][y]) } },
    'RangeError: Cannot use "no" in labels: row 0 must be a finite number; number the classes, as by ' +
    'labels.map((label) => ["no","yes"].indexOf(label)), or name them to prepare(), as in label: { column: "y", classes: ["no","yes"] }',
  ],
  [
    "labels that are numbers as texts",
    { data: { features, labels: labels.map(String) } },
    'RangeError: Cannot use "0" in labels: row 0 must be a finite number; make numbers of them, as by labels.map(Number)',
  ],
  [
    "an objective without a result",
    { objective: () => {} },
    `TypeError: Cannot minimise an objective that is undefined: ${oneNumber}`,
  ],
  [
    "an objective with one result a row",
    { objective: (p: Tensor) => p },
    `TypeError: Cannot minimise an objective that is a tensor of shape [20, 1], float32: ${oneNumber}`,
  ],
  ["a penalty without a result", { penalty: () => {} }, `TypeError: Cannot add a penalty that is undefined: ${oneNumber}`],
  [
    "a measure without a result",
    measured(() => {}),
    "TypeError: Cannot use the values of Mine: they are undefined; wanted a tensor with one number a row, [20]",
  ],
  [
    "a measure with a list",
    measured(() => [1]),
    "TypeError: Cannot use the values of Mine: they are a list; wanted a tensor with one number a row, [20]",
  ],
  [
    "a measure of a name that is taken",
    { measures: [named("PR", {})] },
    'RangeError: Cannot use a custom measure named "PR": the kit has a measure of this name; rename yours',
  ],
  [
    "the same in a constraint built in code",
    { constraints: [{ text: constraint("PR >= 0.1", { measures: [named("PR", {})] }), delta: 0.05 }] },
    'RangeError: Cannot use a custom measure named "PR": the kit has a measure of this name; rename yours',
  ],
  [
    "two measures of one name",
    { measures: [named("Mine", {}), named("Mine", {})] },
    'RangeError: Cannot use two measures named "Mine": a result could not show which is which; rename one',
  ],
  [
    "a bound that is NaN",
    own({ upper: () => NaN }),
    'RangeError: Cannot bound a mean by "mine": its upper() gives NaN for 20 values; wanted a number, Infinity where it knows none',
  ],
  [
    "a bound without a result",
    own({ upper: () => {} }),
    'RangeError: Cannot bound a mean by "mine": its upper() gives undefined for 20 values; wanted a number, Infinity where it knows none',
  ],
  [
    "a forecast without a result",
    own({ forecast: () => {} }),
    `RangeError: Cannot bound a mean by "mine": its forecast() gives undefined for 20 values; ${ofNumbers}`,
  ],
  [
    "a forecast that is NaN",
    own({ forecast: ({ mean }: bounds.Moments) => mean.mul(NaN) }),
    `RangeError: Cannot bound a mean by "mine": its forecast() gives [NaN] for 20 values; ${ofNumbers}`,
  ],
  [
    "a percentage",
    { constraints: [{ text: "ACC >= 95%", delta: 0.05 }] },
    "ConstraintError: Cannot read constraint: 95% is not a number; write 0.95\n  ACC >= 95%\n         ^",
  ],
  [
    "decisions of a regression",
    {
      data: { features, labels: features.map(([x]) => x) },
      model: new nn.LinearRegression(2),
      objective: nn.meanSquaredError,
      rates: "decided",
      constraints: [{ text: "Mean_Squared_Error <= 3", delta: 0.05 }],
    },
    'RangeError: Cannot judge decisions by Mean_Squared_Error, which is of a model\'s output: leave out rates: "decided", ' +
    "or test Mean_Squared_Error by itself",
  ],
];

for (const [what, options, message] of table) {
  test(`train() refuses ${what}, with the cure`, async () => {
    const error = await errorOf(() => train(loose({ ...problem, ...options })));
    deepEqual(`${error?.name}: ${error?.message}`, message);
  });
}

test("a bound that is NaN for the data alone is an error, not a test that was not passed", async () => {
  // On the trial's values, half of which are 1, it gives a number.
  const bound = { ...hoeffding, name: "mine", upper: (z: Float64Array) => z.includes(0) ? 1 : NaN };
  const error = await errorOf(() => safetyTest({ ...question, bound }));
  deepEqual(
    error?.message,
    'Cannot bound a mean by "mine": its upper() gives NaN for 40 values; wanted a number, Infinity where it knows none',
  );
});

test("an objective by its name is that loss", async () => {
  const [byName, itself] = await Promise.all(
    ["logLoss" as const, nn.logLoss].map((objective) => train({ ...problem, objective })),
  );
  deepEqual(byName.toJSON(), itself.toJSON());
});

import { equal, match, ok, throws } from "node:assert/strict";
import { test } from "node:test";
import { DataSet, explainConstraint, safetyTest, samplesNeeded, type SamplesNeededOptions, type Shift } from "../../../mod.ts";
import { promise, uniforms } from "../../helpers/promises.ts";

const shift = { race: { a: [0.2, 0.4], b: [0.6, 0.8] } } as const;

test("an explanation names the populations that a constraint is promised for, and how it is bounded there", () => {
  const told = explainConstraint("(PR | [M]) - (PR | [F]) <= 0.1", 0.05, { shift });
  match(told, /is kept if, in every population where race is a 0\.2 to 0\.4, b 0\.6 to 0\.8, g = .* is at most 0; the test errs/);
  match(told, /\n {2}means are of rows weighted by their group's part, each bounded where it is worst\n/);
});

/** Planned groups, and the rows that they stand for: a group's rates of PR among M and among the others. */
const worlds: { name: string; text: string; shift: Shift; groups: SamplesNeededOptions["groups"]; rates: number[][] }[] = [
  {
    name: "a rate, known parts",
    text: "PR <= 0.3",
    shift: { race: { a: 0.5, b: 0.5 } },
    groups: { a: { part: 0.8, rates: { PR: 0.1 } }, b: { part: 0.2, rates: { PR: 0.2 } } },
    rates: [[0.1, 0.1], [0.2, 0.2]],
  },
  {
    name: "a rate, intervals",
    text: "PR <= 0.4",
    shift: { race: { a: [0.3, 0.9], b: [0.1, 0.7] } },
    groups: { a: { part: 0.7, rates: { PR: 0.1 } }, b: { part: 0.3, rates: { PR: 0.3 } } },
    rates: [[0.1, 0.1], [0.3, 0.3]],
  },
  {
    name: "a difference, half of each group",
    text: "(PR | [M]) - (PR | [F]) <= 0.2",
    shift: { race: { a: 0.5, b: 0.5 } },
    groups: {
      a: { part: 0.6, rates: { "PR | [M]": { rate: 0.2, part: 0.5 }, "PR | [F]": { rate: 0.2, part: 0.5 } } },
      b: { part: 0.4, rates: { "PR | [M]": { rate: 0.3, part: 0.5 }, "PR | [F]": { rate: 0.3, part: 0.5 } } },
    },
    rates: [[0.2, 0.2], [0.3, 0.3]],
  },
];

for (const { name, text, shift, groups, rates } of worlds) {
  test(`samplesNeeded() knows populations: ${name}; a test of so many rows passes about as often as was asked`, async () => {
    const n = samplesNeeded(text, { delta: 0.05, shift, groups, power: 0.8, draws: 100 }), trials = 100;
    const parts = [groups!.a.part, groups!.b.part];
    const powerAt = async (n: number) => {
      let passed = 0;
      for (let trial = 0; trial < trials; trial++) {
        const uniform = uniforms(1000 + trial);
        const drawn = Array.from({ length: n }, (_, i) => {
          const d = i < parts[0] * n ? 0 : 1, m = uniform() < 0.5 ? 1 : 0;
          return { race: "ab"[d], m, z: uniform() < rates[d][1 - m] ? 1 : 0 };
        });
        const M = drawn.map(({ m }) => m), columns = { race: drawn.map(({ race }) => race), M, F: M.map((m) => 1 - m) };
        const features = drawn.map(({ z }) => [z]), labels = drawn.map(({ z }) => z);
        const data = new DataSet({ features, labels, columns, exclusive: [["M", "F"]] });
        if ((await safetyTest({ ...promise(text, { rates: "decided" }), shift, data })).passed) passed++;
      }
      return passed / trials;
    };
    const [at, half] = [await powerAt(n), await powerAt(Math.round(n / 2))];
    ok(at > 0.65 && at < 0.95 && half < at - 0.1, `${n} rows pass with probability ${at}, half of them with ${half}`);
  });
}

test("samplesNeeded() for populations like today's needs about as many rows as without them, and more for others", () => {
  const rates = { PR: 0.1 }, options = { delta: 0.05, power: 0.8, draws: 100 };
  const needed = (a: number) =>
    samplesNeeded("PR <= 0.2", {
      ...{ ...options, shift: { race: { a, b: 1 - a } } },
      groups: { a: { part: 0.8, rates }, b: { part: 0.2, rates } },
    });
  const plain = samplesNeeded("PR <= 0.2", { ...options, rates }), alike = needed(0.8), other = needed(0.3);
  ok(alike > 0.9 * plain && alike < 1.6 * plain && other > 1.5 * alike, `${plain}, ${alike}, ${other}`);
});

test("samplesNeeded() answers Infinity where a population breaks the promise, and rows of no group count for nothing", () => {
  const groups = { a: { part: 0.9, rates: { PR: 0.1 } }, b: { part: 0.1, rates: { PR: 0.5 } } }, delta = 0.05;
  const shift = { race: { a: [0.2, 1], b: [0, 0.8] } } as const;
  equal(samplesNeeded("PR <= 0.4", { delta, shift, groups }), Infinity);
  // A group of the shift that cannot have rows of a measure has no rate of it.
  const own = {
    a: { part: 0.9, rates: { 'PR | [race == "a"]': 0.1 } },
    b: { part: 0.1, rates: {} },
  };
  const found = samplesNeeded('(PR | [race == "a"]) <= 0.2', { delta, power: 0.8, draws: 50, shift, groups: own });
  const alone = samplesNeeded("PR <= 0.2", { delta, power: 0.8, draws: 50, rates: { PR: 0.1 } });
  ok(Math.abs(0.9 * found / alone - 1) < 0.15, `${found}, ${alone}`);
});

test("samplesNeeded() with populations names what is missing, unknown, or not proven", () => {
  const rates = { PR: 0.1 }, groups = { a: { part: 0.8, rates }, b: { part: 0.2, rates } }, delta = 0.05;
  const ask = (more: object, text = "PR <= 0.2") => () =>
    samplesNeeded(text, { delta, shift: { race: { a: 0.4, b: 0.6 } }, groups, ...more } as never);
  const wrong: [() => number, RegExp][] = [
    [
      ask({ groups: undefined }),
      /^TypeError: Cannot tell how much data is needed: groups is missing; wanted the groups of shift/,
    ],
    [ask({ rates }), /^TypeError: .* there are rates of all rows, and shift; give groups/],
    [ask({ shift: undefined, rates }), /^TypeError: .* there are groups, which are of a shift; give shift/],
    [ask({ shift: undefined, groups: undefined }), /^TypeError: .* rates is missing; wanted the rate of each measure/],
    [ask({ groups: { a: groups.a } }), /^TypeError: .* groups\["b"\] is missing; wanted the group's part and rates/],
    [ask({ groups: { ...groups, c: groups.a } }), /^RangeError: .* groups has "c", and shift has a, b; name the same/],
    [ask({ groups: { ...groups, b: { part: 0.3, rates } } }), /^RangeError: .* their parts of the data sum to 1\.1; wanted 1/],
    [ask({ groups: { ...groups, b: { part: NaN, rates } } }), /^RangeError: Cannot use the part NaN of groups\["b"\]/],
    [
      ask({ groups: { ...groups, b: { part: 0.2, rates: {} } } }),
      /"PR" has no rate in groups\["b"\]\.rates; those given are none/,
    ],
    [ask({ groups: { ...groups, b: { part: 0.2, rates: { PR: 2 } } } }), /the rate 2 of "PR" in groups\["b"\]\.rates: wanted/],
    [ask({ groups: { ...groups, b: { part: 0.2, rate: rates } } }), /there is no option "groups\["b"\]\.rate"/],
    [ask({ bound: "student" }), /the bound "student" is not proven for them/],
    [ask({ shift: { race: { a: 0.4, b: 0.7 } } }), /its lower ends sum to 1\.1/],
  ];
  for (const [call, message] of wrong) throws(call, message);
});

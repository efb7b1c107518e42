import { deepEqual, equal, ok, throws } from "node:assert/strict";
import { test } from "node:test";
import { Monitor, type Outcome } from "../../../seldonian/monitoring/mod.ts";
import { fc } from "../../deps.ts";
import { classes, drawn, numbers, optionsFor, people, uniforms } from "../../helpers/worlds.ts";

const promised: [readonly Outcome[], string[]][] = [
  [people, [
    "FPR <= 0.2",
    "abs((TPR | [M]) - (TPR | [F])) <= 0.1",
    "(PR | [O]) - PR <= 0.05",
    "PR * TPR <= 0.2",
    "min(PR, FPR) <= 0.1",
  ]],
  [classes, ["PR_[2] <= 0.3", "(TPR_[1] | [M]) - (TPR_[1] | [F]) <= 0.1", "ACC >= 0.9"]],
  [numbers, ["Mean_Squared_Error <= 0.2", "CVaR_[0.1] <= 0.5", "(Mean_Error | [M]) - (Mean_Error | [F]) <= 0.1"]],
];

test("outcomes one by one, in batches, and with a round trip through JSON between them: the same state to the bit", () => {
  for (const [population, texts] of promised) {
    const options = optionsFor(`${texts}`);
    fc.assert(
      fc.property(fc.integer(), fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 2, maxLength: 6 }), (seed, sizes) => {
        const outcomes = drawn(population, sizes.reduce((sum, size) => sum + size, 0), uniforms(seed));
        const whole = new Monitor(texts, options), singly = new Monitor(texts, options);
        whole.add(outcomes);
        for (const outcome of outcomes) singly.add([outcome]);
        let kept = new Monitor(texts, options), from = 0;
        for (const size of sizes) {
          kept.add(outcomes.slice(from, from += size));
          kept = Monitor.fromJSON(JSON.parse(JSON.stringify(kept)));
        }
        const state = JSON.stringify(whole);
        equal(JSON.stringify(singly), state);
        equal(JSON.stringify(kept), state);
        deepEqual(kept.report(), whole.report());
      }),
      { numRuns: 3, seed: 1 },
    );
  }
});

test("the state stays small, however many outcomes there are", () => {
  const monitor = new Monitor(promised[0][1], optionsFor("")), uniform = uniforms(3), sizes: number[] = [];
  for (let i = 0; i < 8; i++) {
    monitor.add(drawn(people, 1000, uniform));
    sizes.push(JSON.stringify(monitor).length);
  }
  ok(sizes[7] < 1.5 * sizes[0], `${sizes}`);
  ok(monitor.history().length <= 100);
});

test("an alarm stays, and says at which outcome it rang", () => {
  const monitor = new Monitor(["FPR <= 0.1"]);
  const bad: Outcome = { output: 1, label: 0 }, good: Outcome = { output: 0, label: 0 };
  let first = 0;
  for (let i = 1; first === 0; i++) if (monitor.add([bad]).alarm !== null) first = i;
  ok(first > 1 && first < 10, `${first}`);
  const { alarm, promises: [promise] } = monitor.add(Array(2000).fill(good));
  equal(alarm!.outcome, first);
  ok(alarm!.eValue >= 20);
  ok(promise.eValue < 20);
  equal(promise.alarm!.outcome, first);
});

test("means are those of the outcomes that count", () => {
  const { promises: [{ measures: found, formulas }] } = new Monitor(["abs((FPR | [M]) - (FPR | [F])) <= 0.1"], optionsFor(""))
    .add(people);
  for (const { name, n, mean } of found) {
    const rows = people.filter(({ label, columns }) => label === 0 && columns![name.at(-2)!] === true);
    equal(n, rows.length);
    equal(mean, rows.reduce((sum, { output }) => sum + (output as number), 0) / n);
  }
  equal(formulas.length, 2);
  for (const { value, lower, upper } of formulas) ok(lower < value && value < upper);
});

test("an outcome without a label counts for PR and NR only, and for others once its label is there", () => {
  const monitor = new Monitor(["PR <= 0.5", "FPR <= 0.5", "ACC >= 0.5", "TP <= 0.5"]),
    counts = () => monitor.report().promises.map(({ measures: [{ n }] }) => n);
  monitor.add([{ output: 1 }, { output: 0 }]);
  deepEqual(counts(), [2, 0, 0, 0]);
  monitor.correct({ output: 1 }, { output: 1, label: 0 });
  deepEqual(counts(), [2, 1, 1, 1]);
  deepEqual(monitor.report().promises.map(({ measures: [{ mean }] }) => mean), [0.5, 1, 0, 0]);
  equal(monitor.report().outcomes, 2);
});

test("with probability 1 - alpha no formula leaves its interval: each has its part of alpha", () => {
  const texts = ["FPR <= 0.3", "abs((TPR | [M]) - (TPR | [F])) <= 0.1", "PR * TPR <= 0.2"], options = optionsFor("");
  const together = new Monitor(texts, { ...options, alpha: 0.2 }).add(people).promises.flatMap(({ formulas }) => formulas);
  const apart = texts.flatMap((text) => {
    const alpha = 0.2 / 4 * (text.startsWith("abs") ? 2 : 1);
    return new Monitor([text], { ...options, alpha }).add(people).promises[0].formulas;
  });
  deepEqual(together, apart);
});

test("what always holds rings no alarm", () => {
  const groups = ["(PR | [M]) - (PR | [F])", "(PR | [O]) - PR"];
  const texts = [
    ...groups.map((text) => `${text} <= 1`),
    ...groups.map((text) => `${text} <= 1.5`),
    "PR <= 1",
    "PR >= 0",
    "PR * TPR <= 1",
  ];
  for (const text of texts) equal(new Monitor([text], optionsFor("")).add(drawn(people, 3000, uniforms(1))).alarm, null, text);
});

test("an error adds nothing", () => {
  const monitor = new Monitor(["(FPR | [M]) <= 0.2"]), good: Outcome = { output: 0.3, label: 0, columns: { M: 1 } };
  monitor.add([good]);
  const before = JSON.stringify(monitor),
    wrong: [unknown, RegExp][] = [
      [{ output: 1.5, label: 0, columns: { M: 1 } }, /output 1\.5 as a probability \(outcome 3\)/],
      [{ output: NaN, label: 0, columns: { M: 1 } }, /output NaN in outcome 3/],
      [{ output: [0.5, 0.5], label: 0, columns: { M: 1 } }, /outcome 3: it has 2 outputs; wanted 1/],
      [{ output: 0.5, label: 2, columns: { M: 1 } }, /label 2 in outcome 3: wanted a class/],
      [{ output: 0.5, label: "no", columns: { M: 1 } }, /outcome 3: its label is "no"; wanted a finite number, or classes/],
      [{ output: 0.5, label: 0 }, /outcome 3: it lacks column "M", which the promise names; give it, or null if unknown/],
      [{ output: 0.5, label: 0, columns: { M: 2 } }, /whether outcome 3 counts.*column "M" is 2, not 0 or 1/],
      [{ output: 0.5, lable: 0, columns: { M: 1 } }, /there is no option "lable"; the nearest is "label"/],
      [
        { output: 0.5, label: 0, columns: { M: 1, N: 1n } },
        /Cannot use 1 in column N: outcome 3 must be a finite number, a truth value/,
      ],
      [{ label: 0, columns: { M: 1 } }, /outcome 3: output is undefined; wanted a number/],
      [7, /outcome 3: it is 7; wanted \{ output, label, columns \}/],
    ];
  for (const [outcome, message] of wrong) {
    throws(() => monitor.add([good, outcome as Outcome]), message);
    equal(JSON.stringify(monitor), before);
  }
  // A refused correction does not even say how many outputs there are.
  const fresh = new Monitor(["PR <= 0.2"]), empty = JSON.stringify(fresh);
  throws(() => fresh.correct({ output: [0.5, 0.5], label: 1 }, { output: [0.5, 0.5] }), /its label was known/);
  equal(JSON.stringify(fresh), empty);
});

test("a missing value of a column counts in no group; names of labels are classes", () => {
  const monitor = new Monitor(["(FPR | [M]) <= 0.2"], { classes: ["no", "yes"] });
  monitor.add([{ output: 1, label: "no", columns: { M: null } }, { output: 1, label: "no", columns: { M: true } }, {
    output: 1,
    label: "yes",
    columns: { M: true },
  }]);
  equal(monitor.report().promises[0].measures[0].n, 1);
  throws(() => monitor.add([{ output: 1, label: "maybe", columns: { M: 1 } }]), /label is "maybe"; wanted one of "no", "yes"/);
});

test("what cannot be watched is refused at once, with the cure", () => {
  throws(() => new Monitor([]), /Cannot promise nothing/);
  throws(
    () => new Monitor(["Mean_Squared_Error <= 1"]),
    /declare a range to watch it, as in ranges: \{ Mean_Squared_Error: \[0, 25\] \}/,
  );
  throws(() => new Monitor(["(ACC | other) >= 0.9"]), /it is on another data set, "other", and a monitor sees outcomes only/);
  throws(() => new Monitor(["ACC >= 1.2"]), /no model can keep it/);
  throws(
    () => new Monitor(["ACC >= 0.9"], { alpah: 0.1 } as object),
    /there is no option "alpah"; the nearest is "alpha"/,
  );
  throws(() => new Monitor(["ACC >= 0.9"], { alpha: 2 }), /alpha is 2; wanted a number between 0 and 1/);
  throws(() => new Monitor("ACC >= 0.9" as unknown as string[]), /wanted a certificate, or a list of promises/);
  throws(() => Monitor.fromJSON({} as never), /wanted its state/);
  throws(() => Monitor.fromJSON(new Monitor(["ACC >= 0.9"]).toJSON(), { mesures: [] } as object), /the nearest is "measures"/);
});

test("a value beyond its range counts as the end, and is counted", () => {
  const { beyond, promises: [{ measures: [{ mean }] }] } = new Monitor(["Mean_Error <= 1"], optionsFor("Mean_Error"))
    .add([{ output: 9, label: 0 }, { output: 1, label: 0 }]);
  equal(beyond, 1);
  equal(mean, 1.5);
});

test("classes are different names, as many as there are outputs", () => {
  for (const classes of [["a", "a"], [{}], [null]] as never[]) {
    throws(() => new Monitor(["ACC >= 0.5"], { classes }), /classes is .*; wanted different names or numbers: \["no", "yes"\]/);
  }
  const monitor = new Monitor(["ACC >= 0.5"], { classes: ["a", "b"] });
  throws(
    () => monitor.add([{ output: [0.2, 0.3, 0.5], label: "a" }]),
    /Cannot add outcome 1: it has 3 outputs, and classes has 2 names; wanted one for each output/,
  );
  equal(monitor.add([{ output: [0.2, 0.8], label: "b" }, { output: [1, 0], label: "b" }]).promises[0].measures[0].n, 2);
});

test("a state that was changed or cut is refused; one whose keys a store has sorted goes on", () => {
  const monitor = new Monitor(["FPR <= 0.1", "(PR | [M]) - (PR | [F]) <= 0.1"], optionsFor(""));
  monitor.add(people.slice(0, 200));
  const edits: ((state: Record<string, never> & ReturnType<typeof monitor.toJSON>) => unknown)[] = [
    (state) => state.options.alpha = 0.9,
    (state) => state.promises[0] = "FPR <= 0.5",
    (state) => state.kept.pool.held = [],
    (state) => state.kept.pool.held[3] = 1,
    (state) => state.kept.pool.held[3] = NaN,
    (state) => state.kept.states.pop(),
    (state) => state.kept.alarm = { outcome: 1, eValue: 20 },
    (state) => Object.assign(state, { kept: undefined }),
    (state) => Object.assign(state, { options: null }),
    (state) => Object.assign(state, { promises: [] }),
    (state) => Object.assign(state, { check: undefined }),
  ];
  for (const edit of edits) {
    for (const  of of[monitor.toJSON(), JSON.parse(JSON.stringify(monitor))]) {
      edit(of);
      throws(
        () => Monitor.fromJSON(of),
        /Cannot continue a monitor: its state is not as it was kept; wanted what toJSON\(\) gave/,
      );
    }
  }
  for (const  of of[null, 3, "x", [], { ...monitor.toJSON(), format: "seldonian monitor 3" }]) {
    throws(() => Monitor.fromJSON(of as never), /wanted its state, with format "seldonian monitor 4"/);
  }
  const sorted = JSON.parse(
    JSON.stringify(monitor),
    (_, value) => value?.constructor === Object ? Object.fromEntries(Object.entries(value).sort()) : value,
  );
  deepEqual(Monitor.fromJSON(sorted).report(), monitor.report());
});

test("custom measures are watched, and named again when a monitor goes on", () => {
  const late = {
    name: "LATE",
    task: "custom",
    indices: 0,
    range: [0, 1],
    values: ({ labels }: { labels: unknown }) => labels,
  } as never;
  const monitor = new Monitor(["LATE <= 0.2"], { measures: [late] });
  monitor.add([{ output: 0, label: 1 }, { output: 0, label: 0 }]);
  const again = Monitor.fromJSON(monitor.toJSON(), { measures: [late] });
  deepEqual(again.report(), monitor.report());
});

test("among several promises each alarm needs its share, and the first alarm is that some promise is broken", () => {
  const texts = ["FPR <= 0.9", "FNR <= 0.9", "PR <= 0.1"], monitor = new Monitor(texts), alone = new Monitor([texts[2]]);
  let together = 0, single = 0;
  for (let i = 0; i < 200; i++) {
    const outcome: Outcome = { output: i % 4 === 0 ? 1 : 0, label: i % 2 };
    if (single === 0 && alone.add([outcome]).alarm !== null) single = i;
    if (together === 0 && monitor.add([outcome]).alarm !== null) together = i;
  }
  ok(single > 0 && together > single && together < 2 * single, `${single}, ${together}`);
  deepEqual(monitor.report().promises.map(({ alarm }) => alarm !== null), [false, false, true]);
});

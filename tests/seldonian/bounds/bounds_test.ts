import { deepEqual, equal, ok, throws } from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { bounds, grad, Tensor } from "../../../mod.ts";
import { fc } from "../../deps.ts";

const { families, lowerBound, upperBound } = bounds;
const bounded = families.filter(({ values }) => values !== "binary");
/** Families in which a larger value never lowers the bound: those of the mean alone, and Anderson's, which is a sum of them. */
const monotone = ["clopper-pearson", "hoeffding", "chernoff-kl", "bentkus", "anderson"];
/** Families whose bounds at two deltas are related only by their guarantee, because they bet for one delta. */
const bets = ["star"];

const unit = fc.double({ min: 0, max: 1, noNaN: true }).map((x) => Math.round(x * 1e6) / 1e6);
const samples = fc.array(unit, { minLength: 6, maxLength: 30 }).map((z) => Float64Array.from(z));
const counts = fc.array(fc.constantFrom(0, 1), { minLength: 6, maxLength: 30 }).map((z) => Float64Array.from(z));
const valuesFor = (family: bounds.Bound) => family.values === "binary" ? counts : samples;
const range = [0, 1] as const, runs = { seed: 11, numRuns: 60 };

for (const method of families) {
  const values = valuesFor(method);

  test(`${method.name}: the upper bound is not below the lower one for delta up to 0.2, and both are in the range`, () =>
    fc.assert(
      fc.property(values, fc.constantFrom(0.2, 0.05, 1e-3, 1e-6), (z, delta) => {
        const [low, high] = [lowerBound(z, { method, delta, range }), upperBound(z, { method, delta, range })];
        ok(low <= high && low >= 0 && high <= 1, `[${low}, ${high}]`);
      }),
      runs,
    ));

  test(`${method.name}: the lower bound mirrors the upper one`, () =>
    fc.assert(
      fc.property(values, (z) => {
        const found = lowerBound(z, { method, delta: 0.05, range });
        equal(found, 0 - upperBound(z.map((x) => 0 - x), { method, delta: 0.05, range: [-1, 0] }));
      }),
      runs,
    ));

  test(`${method.name}: bounds shift and scale with the values and their range`, () =>
    fc.assert(
      fc.property(values, fc.integer({ min: -3, max: 3 }), fc.constantFrom(0.5, 2, 8), (z, shift, scale) => {
        const found = upperBound(z, { method, delta: 0.05, range });
        const moved = upperBound(z.map((x) => shift + scale * x), { method, delta: 0.05, range: [shift, shift + scale] });
        // Star bets in steps of 1/1024, and rounding may tip one.
        const slack = bets.includes(method.name) ? scale / 1000 : 1e-6 * scale;
        ok(Math.abs(moved - (shift + scale * found)) <= slack, `${moved}, not ${shift + scale * found}`);
      }),
      runs,
    ));

  if (!bets.includes(method.name)) {
    test(`${method.name}: a smaller delta never lowers the upper bound`, () =>
      fc.assert(
        fc.property(values, fc.constantFrom(0.5, 0.2, 0.05, 1e-3), fc.constantFrom(0.9, 0.5, 0.01), (z, delta, factor) => {
          const [at, below] = [delta, delta * factor].map((delta) => upperBound(z, { method, delta, range }));
          ok(below >= at - 1e-12, `${below} at ${delta * factor}, ${at} at ${delta}`);
        }),
        runs,
      ));
  }

  if (monotone.includes(method.name)) {
    test(`${method.name}: a larger value never lowers the bound`, () =>
      fc.assert(
        fc.property(values, fc.nat(), (z, at) => {
          const raised = z.with(at % z.length, 1), options = { method, delta: 0.05, range };
          ok(upperBound(raised, options) >= upperBound(z, options) - 1e-12);
        }),
        runs,
      ));
  }

  test(`${method.name}: more of the same values lower the bound, and the forecast predicts it`, () => {
    const z = Float64Array.from({ length: 40 }, (_, i) => method.values === "binary" ? Number(i % 4 === 0) : ((i * 7) % 40) / 39);
    const many = Float64Array.from({ length: 640 }, (_, i) => z[i % 40]), options = { method, delta: 0.05, range };
    const [few, more] = [upperBound(z, options), upperBound(many, options)], mean = z.reduce((sum, x) => sum + x, 0) / 40;
    ok(mean < more && more < few, `${mean} < ${more} < ${few}`);
    const moments = { mean: Tensor.scalar(mean), variance: Tensor.from(z).variance() };
    const predicted = method.forecast(moments, { delta: 0.05, range, n: 640 }).value;
    // Anderson's borrows Hoeffding's, which is never lower.
    const slack = method.name === "anderson" ? 0.5 : 0.2;
    ok(
      predicted >= more - 0.15 * (more - mean) && predicted <= more + slack * (more - mean),
      `${predicted} predicted, ${more} found`,
    );
  });

  test(`${method.name}: the gradient of a tensor's bound is the slope of its forecast`, () => {
    const z = Tensor.from(Float64Array.of(0.2, 0.5, 0.3, 0.4, 0.6, 0.45, 0.7, 0.35)), n = 8, delta = 0.05;
    if (method.values === "binary") return;
    const [slope] = grad((z) => upperBound(z, { method, delta, range }))(z);
    const at = (values: Float64Array) => {
      const x = Tensor.from(values);
      return method.forecast({ mean: x.mean(), variance: x.variance() }, { n, delta, range }).value;
    };
    for (const i of [0, 3, 7]) {
      const step = 1e-5, { data } = z as { data: Float64Array };
      const wanted = (at(data.with(i, data[i] + step)) - at(data.with(i, data[i] - step))) / (2 * step);
      ok(Math.abs(slope.data[i] - wanted) <= 1e-4 * Math.max(1, Math.abs(wanted)), `${slope.data[i]}, not ${wanted}`);
    }
  });
}

interface Peer {
  z: number[];
  delta: number;
  student: [number, number];
  betting: [number, number];
  clopperPearson?: [number, number];
}

test("clopper-pearson and student agree with SciPy, betting with confseq", () => {
  // Made by bench/peers/bounds.py.
  const peers: Peer[] = JSON.parse(readFileSync(new URL("../../figures/bounds.json", import.meta.url), "utf8"));
  ok(peers.length >= 40);
  for (const { z, delta, ...wanted } of peers) {
    const named = { student: "student", betting: "betting", clopperPearson: "clopper-pearson" } as const;
    for (const [name, [low, high]] of Object.entries(wanted) as [keyof typeof named, [number, number]][]) {
      const options = { method: named[name], delta, range: name === "student" ? undefined : range };
      // confseq reads the values in the given order; upperBound() shuffles them.
      const inGivenOrder = (values: number[]) => bounds.betting.upper(Float64Array.from(values), { delta, range });
      const found = name === "betting"
        ? [1 - inGivenOrder(z.map((x) => 1 - x)), inGivenOrder(z)]
        : [lowerBound(z, options), upperBound(z, options)];
      [low, high].forEach((want, i) =>
        ok(
          Math.abs(found[i] - want) <= 2e-9 * Math.max(1, Math.abs(want)),
          `${name} of ${z.length} at ${delta}: ${found[i]}, not ${want}`,
        )
      );
    }
  }
});

test("sorted values do no harm to families that depend on the order, because a seed shuffles them", () => {
  // Without shuffling, star misses 84 and betting 155 of these 200 sorted draws with mean 1/2.
  for (const method of ["star", "betting"] as const) {
    let missed = 0;
    for (let draw = 0; draw < 200; draw++) {
      const z = Float64Array.from({ length: 40 }, (_, i) => ((draw * 7919 + i * i * 104729 + i * 31337) % 1009) / 1008).sort();
      if (upperBound(z, { method, delta: 0.05, range, seed: draw }) < 0.5) missed++;
    }
    ok(missed <= 20, `${method} missed ${missed} of 200`);
  }
  const z = Float64Array.from({ length: 40 }, (_, i) => i / 39),
    ask = (seed: number) => upperBound(z, { delta: 0.05, range, seed });
  equal(ask(1), ask(1));
  ok([2, 3, 4].some((seed) => ask(seed) !== ask(1)));
});

test("auto is star for a finite range, Student's without one, and Clopper-Pearson for 0 and 1", () => {
  const z = [0.2, 0.5, 0.3, 0.4, 0.6];
  equal(upperBound(z, { delta: 0.05, range }), upperBound(z, { delta: 0.05, range, method: "star" }));
  equal(upperBound(z, { delta: 0.05 }), upperBound(z, { delta: 0.05, method: "student" }));
  equal(bounds.boundFor({ range, binary: true }).name, "clopper-pearson");
});

test("bounds are right for one value, equal values and a tiny delta", () => {
  for (const method of bounded) {
    const found = upperBound([0.5], { method, delta: 0.05, range });
    ok(found <= 1 && found >= 0.5);
    const same = new Float64Array(500).fill(0.25);
    const high = upperBound(same, { method, delta: 0.05, range });
    ok(high >= 0.25 - 1e-9 && high < 0.35, `${method.name}: ${high}`);
    equal(upperBound([0.5, 0.25, 0.75], { method, delta: 1e-300, range }) >= 0.5, true);
  }
  // The bound is trivial: the end of the range.
  equal(upperBound([0.5, 0.25, 0.75], { method: "star", delta: 1e-12, range }), 1);
  equal(upperBound([0, 0, 0], { method: "clopper-pearson", delta: 1e-300, range }), 1);
  equal(lowerBound([0, 0, 0], { method: "clopper-pearson", delta: 0.05, range }), 0);
});

test("errors for bad input name the value and its position", () => {
  const ask = (values: number[], more: Record<string, unknown> = {}) => () =>
    upperBound(values, { method: "hoeffding", delta: 0.05, range, ...more } as bounds.BoundOptions);
  const table: [() => unknown, string][] = [
    [ask([]), "Cannot bound a mean of no values: wanted at least one"],
    [ask([0.5, NaN]), "Cannot bound a mean: value 1 is NaN; wanted finite numbers"],
    [ask([0.5, 0.1, 1.5]), "Cannot bound a mean: value 2 is 1.5, outside of the declared range [0, 1]"],
    [ask([0.5], { delta: 0 }), "Cannot bound a mean with delta 0: wanted one between 0 and 1"],
    [ask([0.5], { delta: 1 }), "Cannot bound a mean with delta 1: wanted one between 0 and 1"],
    [ask([0.5], { range: [1, 0] }), "Cannot bound a mean in the range [1, 0]: wanted a lower end below an upper one"],
    [
      ask([0.5], { range: [0, Infinity] }),
      'Cannot bound a mean by "hoeffding" in the range [0, Infinity]: it needs a finite range; give the least and the greatest possible value, or use "student"',
    ],
    [
      ask([0, 0.5], { method: "clopper-pearson" }),
      'Cannot bound a mean: value 1 is 0.5, and "clopper-pearson" takes only 0 and 1; use "star" for values between',
    ],
    [
      ask([0.5], { method: "t" }),
      `Cannot bound a mean by "t": wanted auto, ${families.map(({ name }) => name).join(", ")}, or a Bound`,
    ],
  ];
  for (const [act, message] of table) throws(act, { name: "RangeError", message });
  throws(ask([0.5], { weights: [1] }), {
    name: "TypeError",
    message: 'Cannot bound a mean with the option "weights": no family here is proven for weighted values',
  });
  throws(ask([0.5], { alpha: 1 }), {
    name: "TypeError",
    message: 'Cannot bound a mean: there is no option "alpha"; wanted some of method, delta, range, seed',
  });
  throws(() => lowerBound([0.5, 2], { method: "hoeffding", delta: 0.05, range }), {
    message: "Cannot bound a mean: value 1 is 2, outside of the declared range [0, 1]",
  });
  for (const name of ["hoeffding", "buehler", "one-account", "thomas-learned-miller"]) {
    throws(() => lowerBound([0.5], { method: { ...bounds.hoeffding, name }, delta: 0.05, range }), {
      message: `Cannot bound a mean by a custom "${name}": the kit has a bound of this name; rename yours`,
    });
  }
  deepEqual(families.map(({ name }) => name), [...new Set(families.map(({ name }) => name))]);
});

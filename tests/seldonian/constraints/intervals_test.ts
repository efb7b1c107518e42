import { ok } from "node:assert/strict";
import { test } from "node:test";
import { constraint, Tensor } from "../../../mod.ts";
import { student } from "../../../seldonian/bounds/student.ts";
import { Batch } from "../../../seldonian/constraints/batch.ts";
import { DomainError, type Interval } from "../../../seldonian/constraints/interval.ts";
import { operations, type Operator } from "../../../seldonian/constraints/operations.ts";
import { evaluatePromise, promise } from "../../../seldonian/constraints/promise.ts";
import { fc } from "../../deps.ts";
import { exactly } from "../../helpers/exact.ts";

/** A possibly infinite interval, and a number in it. */
interface Held {
  lower: number;
  upper: number;
  value: number;
}

const end = fc.oneof(fc.constantFrom(0, 1, -1, 0.5), fc.double({ min: -4, max: 4, noNaN: true }));
const held: fc.Arbitrary<Held> = fc.tuple(end, end, end, fc.boolean(), fc.boolean()).map(([a, b, c, open, wide]) => {
  const [lower, value, upper] = [a, b, c].sort((x, y) => x - y);
  return { lower: open ? -Infinity : lower, upper: wide ? Infinity : upper, value };
});

for (const [name, { interval, value, operands }] of Object.entries(operations)) {
  test(`the interval of ${name} contains every result of values in its operands' intervals`, () => {
    let compared = 0;
    fc.assert(
      fc.property(held, held, held, (...all) => {
        const used = all.slice(0, Math.min(operands[1], 3));
        const truth = value(...used.map(({ value }) => value));
        let found: Interval;
        try {
          found = interval(...used.map(({ lower, upper }) => ({ lower: Tensor.scalar(lower), upper: Tensor.scalar(upper) })));
        } catch (error) {
          ok(error instanceof DomainError);
          return;
        }
        // A quotient by 0 has no value.
        if (Number.isNaN(truth) || (name === "/" && used[1].value === 0)) return;
        const slack = Number.isFinite(truth) ? 1e-12 * Math.max(1, Math.abs(truth)) : 0;
        compared++;
        ok(
          found.lower.value - slack <= truth && truth <= found.upper.value + slack,
          `${truth} not in [${found.lower.value}, ${found.upper.value}]`,
        );
      }),
      { seed: 5, numRuns: 2000 },
    );
    ok(compared > 100, `${compared}`);
  });
}

test("sums, differences and products are rounded outward: they contain the exact result, and only it if it is a double", () =>
  fc.assert(
    fc.property(end, end, (a, b) => {
      const point = (x: number) => ({ lower: Tensor.scalar(x), upper: Tensor.scalar(x) }), one = exactly(1);
      const table: [Operator, bigint][] = [
        ["+", (exactly(a) + exactly(b)) * one],
        ["-", (exactly(a) - exactly(b)) * one],
        ["*", exactly(a) * exactly(b)],
      ];
      for (const [name, truth] of table) {
        const { lower, upper } = operations[name].interval(point(a), point(b)), value = operations[name].value(a, b);
        if (value === 0) continue;
        ok(exactly(lower.value) * one <= truth && truth <= exactly(upper.value) * one, `${a} ${name} ${b}`);
        if (Math.abs(value) > 1e-280 && exactly(value) * one === truth) {
          ok(lower.value === value && upper.value === value, `${a} ${name} ${b} is exact`);
        }
      }
    }),
    { seed: 8, numRuns: 2000 },
  ));

test("quotients by powers of two are exact, and others are not said to be", () => {
  const point = (x: number) => ({ lower: Tensor.scalar(x), upper: Tensor.scalar(x) });
  for (const [a, b] of [[3, 2], [-0.7, 0.25], [0.1, -8], [1, 1], [5, -1]]) {
    const { lower, upper } = operations["/"].interval(point(a), point(b));
    ok(lower.value === a / b && upper.value === a / b, `${a} / ${b} is within [${lower.value}, ${upper.value}]`);
  }
  const third = operations["/"].interval(point(1), point(3)), one = exactly(1);
  ok(exactly(third.lower.value) * 3n < one && one < exactly(third.upper.value) * 3n);
});

interface Tree {
  interval: Interval;
  value: number;
}

const { tree } = fc.letrec<{ tree: Tree }>((tie) => ({
  tree: fc.oneof(
    { maxDepth: 5 },
    held.map(({ lower, upper, value }) => ({ interval: { lower: Tensor.scalar(lower), upper: Tensor.scalar(upper) }, value })),
    fc.tuple(fc.constantFrom(...Object.keys(operations) as Operator[]), tie("tree"), tie("tree")).filter(([name, x]) =>
      name !== "**" || x.interval.lower.value >= 0
    ).map(([name, x, y]) => {
      const { operands, interval, value } = operations[name], used = [x, y].slice(0, operands[1]);
      try {
        return { interval: interval(...used.map((u) => u.interval)), value: value(...used.map((u) => u.value)) };
      } catch {
        return x;
      }
    }),
  ),
}));

test("the interval of a random formula contains its value", () =>
  fc.assert(
    fc.property(tree, ({ interval, value }) => {
      if (!Number.isFinite(value)) return;
      const slack = 1e-9 * Math.max(1, Math.abs(value));
      ok(interval.lower.value - slack <= value && value <= interval.upper.value + slack);
    }),
    { seed: 6, numRuns: 2000 },
  ));

test("evaluatePromise() reports an infinite upper bound, with its reason, where a formula has none", () => {
  const batch = new Batch(
    Tensor.from(Float64Array.of(0.1, 0.2, 0.9, 0.8, 0.4, 0.6)),
    Tensor.from(new Float64Array(6)),
    new Map(),
  );
  const found = (text: string) => {
    const judgement = { rates: "expected", bound: student, ranges: {} } as const;
    return evaluatePromise(promise(constraint(text), 0.05, judgement, { analysis: "interval", shares: "equal" }), batch);
  };
  const ratio = found("1 / (PR - 0.5) <= 3");
  ok(
    ratio.interval.upper.value === Infinity &&
      ratio.note === "its interval arithmetic has no finite upper bound, as where a divisor may be 0",
  );
  const power = found("(PR - 0.5) ** 0.5 <= 3");
  ok(power.interval.upper.value === Infinity && /^Cannot raise \[-0\.\d+, 0\.\d+\] to a power/.test(power.note!), power.note);
  const few = found("TPR <= 1");
  ok(few.interval.upper.value === Infinity && few.note === "TPR has 0 rows, and a bound needs at least 5", few.note);
});

import { equal, ok } from "node:assert/strict";
import { test } from "node:test";
import { optim } from "../../../../mod.ts";
import { mersenne } from "../../../../deps.ts";
import { fc } from "../../../deps.ts";

const searches: Record<string, (start: number[]) => optim.Minimizer> = {
  "bfgs by differences": (start) => optim.bfgs(start),
  "cmaEs": (start) => optim.cmaEs(start, { random: mersenne(1) }),
  "nelderMead": (start) => optim.nelderMead(start),
  "powell": (start) => optim.powell(start),
};

/** f, and the number of its calls. */
function counted(f: (x: Float64Array) => optim.Found | number) {
  let count = 0;
  return { f: (x: Float64Array) => (ok(++count < 200_000, "it does not end"), f(x)), count: () => count };
}

for (const [name, search] of Object.entries(searches)) {
  test(`${name}: finds the centre of any bowl`, () =>
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.integer({ min: -30, max: 30 }), fc.integer({ min: -2, max: 2 })), { minLength: 1, maxLength: 5 }),
        fc.integer({ min: -9, max: 9 }),
        (axes, tilt) => {
          // Σ 10^k (x - c)² + tilt² (Σ (x - c))², which is convex.
          const { f } = counted((x) => {
            const d = axes.map(([c], i) => x[i] - c / 10), sum = d.reduce((a, b) => a + b, 0);
            return axes.reduce((value, [, k], i) => value + 10 ** k * d[i] ** 2, (tilt / 10 * sum) ** 2 - 3);
          });
          const { x, value } = optim.minimize(search(axes.map(() => 0)), f);
          axes.forEach(([c], i) => ok(Math.abs(x[i] - c / 10) < 1e-4, `${x} instead of ${axes.map(([c]) => c / 10)}`));
          ok(value >= -3 && value < -3 + 1e-6);
        },
      ),
      { seed: 2, numRuns: 40 },
    ));

  test(`${name}: follows a curved valley, and avoids points where f is NaN`, () => {
    const rosenbrock = ([x, y]: Float64Array) => x < -1.5 ? NaN : 100 * (y - x * x) ** 2 + (1 - x) ** 2;
    const { f } = counted(rosenbrock), { x } = optim.minimize(search([-1.2, 1]), f);
    ok(Math.abs(x[0] - 1) < 1e-3 && Math.abs(x[1] - 1) < 1e-3, `${x}`);
  });

  test(`${name}: the same start gives the same bits`, () => {
    const run = () => optim.minimize(search([1, 2, 3]), (x) => x.reduce((sum, xi, i) => sum + (xi - i) ** 4, 0));
    equal(`${run().x}`, `${run().x}`);
  });
}

test("bfgs with gradients needs fewer than 100 evaluations for a thousand numbers", () => {
  const n = 1000,
    { f, count } = counted((x) => ({
      value: x.reduce((sum, xi, i) => sum + (1 + i % 50) * (xi - 1) ** 2, 0),
      gradient: x.map((xi, i) => 2 * (1 + i % 50) * (xi - 1)),
    }));
  const { x } = optim.minimize(optim.bfgs(new Float64Array(n)), f);
  ok(x.every((xi) => Math.abs(xi - 1) < 1e-8) && count() < 100, `${count()} evaluations`);
});

test("cmaEs finds the centre of a bowl of 120 numbers", () => {
  const { f } = counted((x) => x.reduce((sum, xi, i) => sum + 10 ** (i % 4) * (xi - 0.3) ** 2, 0));
  const { x } = optim.minimize(optim.cmaEs(new Float64Array(120), { random: mersenne(4), tolerance: 1e-6 }), f);
  ok(x.every((xi) => Math.abs(xi - 0.3) < 1e-3));
});

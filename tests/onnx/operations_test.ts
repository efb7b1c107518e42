import { deepEqual, ok } from "node:assert/strict";
import { test } from "node:test";
import { nn } from "../../mod.ts";
import { toOnnx } from "../../seldonian/export/mod.ts";
import { operators } from "../../seldonian/export/operators.ts";
import { traced } from "../../seldonian/export/trace.ts";
import { layers, operations } from "./cases.ts";
import { difference, opened, skip } from "./runtime.ts";

const cases = [
  ...Object.entries(layers).flatMap(([name, all]) => all.map((one) => [name, one] as const)),
  ...Object.entries(operations),
];

test("every layer and operation gives the same numbers in the runtime, for five rows and for one", { skip }, async () => {
  const far: Record<string, number> = {};
  for (const [name, [model, rows]] of cases) {
    const run = await opened(toOnnx(model, { example: rows }));
    for (const features of [rows, rows.slice(0, 1, 2)]) {
      const wanted = model.forward(features), { output } = await run({ features });
      deepEqual(output.dims, [...wanted.shape], name);
      // Sums of a few numbers in float32.
      const by = difference(wanted.data, output.data);
      if (!(by < 1e-6)) far[`${name} of ${features.shape}`] = by;
    }
  }
  deepEqual(far, {});
});

test("the cases have every layer of nn, and every operation that can be written", () => {
  const known = Object.entries(nn).filter(([, value]) => typeof value === "function" && "forward" in (value.prototype ?? {}));
  deepEqual(known.map(([name]) => name).filter((name) => !Object.hasOwn(layers, name) && !abstract.has(name)), []);
  ok(known.length > 30);
  const used = new Set(
    cases.flatMap(([, [model, rows]]) =>
      traced((count) => [rows.take(Array.from({ length: count }, (_, i) => i % 5))], ([x]) => model.forward(x)).operations.map((
        { name },
      ) => name)
    ),
  );
  deepEqual(Object.keys(operators).filter((name) => !used.has(name)), []);
});

/** Classes that others extend. */
const abstract = new Set(["BatchNorm", "Recurrent", "RecurrentCell"]);

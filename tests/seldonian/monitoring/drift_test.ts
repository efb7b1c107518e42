import { deepEqual, equal, ok, throws } from "node:assert/strict";
import { test } from "node:test";
import { csv, describe } from "../../../mod.ts";
import { Monitor, type Outcome } from "../../../seldonian/monitoring/mod.ts";
import { uniforms } from "../../helpers/worlds.ts";

/** Outcomes with a mean age and a part of people from the north. */
function rows(count: number, seed: number, age: number, north: number): Outcome[] {
  const uniform = uniforms(seed);
  return Array.from({ length: count }, () => ({
    output: uniform(),
    columns: { age: age + 20 * (uniform() - 0.5), region: uniform() < north ? "north" : "south", member: uniform() < 0.5 },
  }));
}

test("columns that did not move are within chance, those that did come first", () => {
  const monitor = new Monitor(["PR <= 0.9"]);
  deepEqual(monitor.add(rows(1000, 1, 40, 0.5)).drift, []);
  const still = monitor.add(rows(3000, 2, 40, 0.5)).drift;
  deepEqual(still.map(({ name }) => name).sort(), ["age", "member", "output", 'region == "north"', 'region == "south"']);
  ok(still.every(({ errors }) => errors < 4), JSON.stringify(still));
  const [one, two, three] = monitor.add(rows(2000, 3, 43, 0.7)).drift;
  deepEqual([one.name, two.name, three.name].sort(), ["age", 'region == "north"', 'region == "south"']);
  for (const { name, before, now, errors } of [one, two, three]) {
    ok(errors > 6);
    const [was, is] = name === "age" ? [40, 43] : name.includes("north") ? [0.5, 0.7] : [0.5, 0.3];
    ok(Math.abs(before - was) < 0.1 * was && Math.abs(now - is) < 0.1 * is, `${name}: ${before}, ${now}`);
  }
});

test("a described table is the reference, and a level that it lacks is noticed", () => {
  const text = rows(500, 4, 40, 0.5).map(({ columns: { age, region } = {} }) => `${age},${region}`);
  const reference = describe(csv(`age,region\n${text.join("\n")}\n`)), monitor = new Monitor(["PR <= 0.9"], { reference });
  const { drift } = monitor.add([
    ...rows(300, 5, 40, 0.5),
    ...Array.from({ length: 100 }, (): Outcome => ({ output: 1, columns: { age: 40, region: "west" } })),
  ]);
  equal(drift[0].name, 'region == "west"');
  ok(drift.find(({ name }) => name === "age")!.errors < 4);
  deepEqual(Monitor.fromJSON(JSON.parse(JSON.stringify(monitor))).report().drift, drift);
});

test("columns and levels with names that every object has are columns like any others", () => {
  const names = ["__proto__", "constructor", "toString", "hasOwnProperty"], own = Object.getOwnPropertyNames(Object.prototype);
  const monitor = new Monitor(['(PR | [constructor == "a"]) <= 0.9']),
    columns = JSON.parse(
      `{"__proto__": 1, "constructor": "a", "toString": "__proto__", "hasOwnProperty": "toString"}`,
    );
  monitor.add(Array(1200).fill({ output: 0.5, columns }));
  deepEqual(Object.getOwnPropertyNames(Object.prototype), own);
  const again = Monitor.fromJSON(JSON.parse(JSON.stringify(monitor))), { drift } = again.add([{ output: 1, columns }]);
  for (const name of names) ok(drift.some((one) => one.name.startsWith(name)), name);
  throws(() => again.add([{ output: 1, columns: {} }]), /outcome 1202: it lacks column "constructor"/);
  equal(Object.keys({}).length, 0);
});

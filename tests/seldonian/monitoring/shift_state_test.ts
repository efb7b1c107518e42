/** What monitors for other populations keep, and what they refuse. */
import { deepEqual, equal, throws } from "node:assert/strict";
import { test } from "node:test";
import { Monitor, type MonitorOptions, type Outcome } from "../../../seldonian/monitoring/mod.ts";
import { uniforms } from "../../helpers/worlds.ts";

type Shift = NonNullable<MonitorOptions["shift"]>;
const known: Shift = { g: { a: 0.5, b: 0.5 } };

test("a monitor for other populations goes on from its state to the bit, in batches of any size; groups may be numbers", () => {
  const shift: Shift = { g: { 0: [0.3, 0.7], 1: [0.3, 0.7] } }, uniform = uniforms(3);
  const rows = Array.from(
    { length: 300 },
    (): Outcome => ({ output: uniform(), columns: { g: uniform() < 0.4 ? 1 : 0, M: uniform() < 0.5 } }),
  );
  const texts = ["PR <= 0.4", "(PR | [M]) - PR <= 0.1"], whole = new Monitor(texts, { shift });
  whole.add(rows);
  let parts = new Monitor(texts, { shift });
  rows.forEach((row) => {
    parts.add([row]);
    parts = Monitor.fromJSON(JSON.parse(JSON.stringify(parts)));
  });
  deepEqual(parts.toJSON(), whole.toJSON());
});

test("what cannot be watched for other populations is refused at once, and outcomes of no group with their place", () => {
  const refused: [string, RegExp][] = [
    [
      "PR * NR <= 0.1",
      /Cannot watch "PR \* NR <= 0\.1" for other populations: .* is no sum of means of one or two groups; watch it without shift/,
    ],
    ["(PR | [M]) + (PR | [F]) - PR <= 0.5", /is no sum of means of one or two groups/],
    ["min(PR - 0.3, NR - 0.3) <= 0", /it may be kept in another way in each population/],
    ["CVaR_[0.1] <= 2", /CVaR is no mean/],
  ];
  for (const [text, message] of refused) {
    throws(() => new Monitor([text], { shift: known, ranges: text.startsWith("CVaR") ? { CVaR: [0, 4] } : {} }), message);
  }
  // Whether the column has numbers is not known yet.
  throws(
    () => new Monitor(["(PR | [g == 1]) * (NR | [g < 3]) <= 0.1"], { shift: { g: { 1: 0.5, 2: 0.5 } } }),
    /is no sum of means of one or two groups/,
  );
  throws(() => new Monitor(["PR <= 0.1"], { shift: { g: { a: 0.5, b: 0.4 } } }), /no population has such proportions/);
  const monitor = new Monitor(["PR <= 0.1"], { shift: known }), before = JSON.stringify(monitor);
  const one = (g: string | null): Outcome => ({ output: 1, columns: { g } });
  throws(() => monitor.add([one("a"), one("c")]), /Cannot shift: outcome 2 is in none of the groups, because g is "c"/);
  throws(() => monitor.add([one(null)]), /outcome 1 is in none of the groups/);
  throws(() => monitor.add([{ output: 1 }]), /Cannot add outcome 1: it lacks column "g"/);
  equal(JSON.stringify(monitor), before);
  equal(monitor.add([one("a")]).outcomes, 1);
});

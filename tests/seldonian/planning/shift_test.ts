import { match, throws } from "node:assert/strict";
import { test } from "node:test";
import { explainConstraint, samplesNeeded } from "../../../mod.ts";

const shift = { race: { a: [0.2, 0.4], b: [0.6, 0.8] } } as const;

test("an explanation names the populations that a constraint is promised for, and how it is bounded there", () => {
  const told = explainConstraint("(PR | [M]) - (PR | [F]) <= 0.1", 0.05, { shift });
  match(told, /is kept if, in every population where race is a 0\.2 to 0\.4, b 0\.6 to 0\.8, g = .* is at most 0; the test errs/);
  match(told, /\n {2}means are of rows weighted by their group's part, each bounded where it is worst\n/);
});

test("samplesNeeded() says that it does not know populations, and what to do", () => {
  throws(
    () => samplesNeeded("ACC >= 0.9", { delta: 0.05, rates: { ACC: 0.95 }, shift } as never),
    /^RangeError: Cannot tell how much data is needed for other populations: .* Leave it out, and take Σ p² \/ q times as many/,
  );
});

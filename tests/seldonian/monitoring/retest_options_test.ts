import { test } from "node:test";
import { planRetest, retest, verifyRetest } from "../../../seldonian/monitoring/mod.ts";
import { linear } from "../../helpers/line.ts";
import { checkForeign, checkMisspelt, type Reader } from "../../helpers/misspelt.ts";
import { delta, model } from "../../helpers/promises.ts";

const planned = { model, constraints: [{ text: "PR <= 0.9", delta }] }, plan = await planRetest(planned), data = linear(4);

const readers: Reader[] = [
  ["planRetest()", "constraints, measures, rates, analysis, ranges, model, candidate", (o) => planRetest({ ...planned, ...o })],
  ["retest()", "model, data, seen, repeats, delta, measures, ledger", (o) => retest(plan, { model, data, ...o })],
  ["verifyRetest()", "measures, promise, publicKey", (o) => verifyRetest(plan, model, [], o)],
];

test("a misspelt option of tests in sequence is named, with the nearest", () => checkMisspelt(readers));

test("no value of an option of tests in sequence gets as far as an error of the engine", () => checkForeign(readers));

import { rejects } from "node:assert/strict";
import { test } from "node:test";
import { csv, nn, prepare, train } from "../../../mod.ts";

const rows = Array.from({ length: 60 }, (_, i) => i);

test("the error for a condition that fails on every row names no row, unless it shows the row's value", async () => {
  const table = csv(["x,sex,y", ...rows.map((i) => `${i % 9},${i % 3 ? "Male" : "Female"},${i % 2}`)].join("\n"));
  const { data } = prepare(table, { label: "y", columns: ["sex"] });
  const asked = (text: string) =>
    train({ data, model: new nn.LogisticRegression(1), objective: nn.logLoss, constraints: [{ text, delta: 0.05 }] });
  await rejects(
    asked("(PR | [sex == Female]) <= 0.9"),
    /^(?!.*(row|line) \d).*: "Female" is not a value; write a text in quotes/,
  );
  await rejects(asked("(PR | [sex < 3]) <= 0.9"), /unclear whether line \d+ counts: column "sex" is "(Fem|M)ale", /);
});

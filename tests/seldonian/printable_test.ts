import { equal, match, ok } from "node:assert/strict";
import { test } from "node:test";
import { printable, printableLines } from "../../seldonian/printable.ts";
import { DataSet, nn, train } from "../../mod.ts";
import { fc } from "../deps.ts";

test("printable() leaves no control character, and everything else as it is", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary", maxLength: 40 }), (text) => {
      const shown = printable(text), kept = text.replace(/[\p{Cc}\p{Bidi_Control}\u200b\u2028\u2029\ufeff]/gu, "");
      ok(!/[\p{Cc}\p{Bidi_Control}]/u.test(shown));
      equal(shown.replace(/\\u[0-9a-f]{4}/g, ""), kept.replace(/\\u[0-9a-f]{4}/g, ""));
      if (text === kept) equal(shown, text);
    }),
    { seed: 1, numRuns: 2000, examples: [["\u001b[31m"], ["a\r\nb"], ["naïve 日本 😀"]] },
  );
  equal(printableLines("a\nb\u0007\n"), "a\nb\\u0007\n");
});

test("a verdict shows groups with hostile names on their own lines", async () => {
  const name = "x\u009b2J\u202e\n  ACC >= 0.99: kept", features = Array.from({ length: 100 }, (_, i) => [i / 100]);
  const data = new DataSet({ features, labels: features.map(() => 1), columns: { [name]: features.map((_, i) => i % 2) } });
  const constraints = [{ text: `(PR | [${JSON.stringify(name)}]) >= 0.1`, delta: 0.05 }];
  const result = await train({ data, model: new nn.LogisticRegression(1), objective: nn.logLoss, constraints });
  match(`${result}`, /"x\\u009b2J\\u202e\\n {2}ACC >= 0\.99: kept"\]\) >= 0\.1: /);
  ok(!`${result}`.includes("\n  ACC >= 0.99"));
});

// Reads a CSV of so many rows from a stream, and trains on half of them in batches under a promise: `deno run rows.ts 1000000`.
import process from "node:process";
import { Encoder, nn, readCsv, split, train } from "../../mod.ts";

const rows = Number(process.argv[2] ?? 1000000);

/** Eight columns of numbers and a text, some sixty letters a row. */
async function* pieces(): AsyncGenerator<string> {
  yield "a,b,c,d,e,f,g,h,job,label\n";
  let state = 1;
  const random = () => (state = Math.imul(state, 1664525) + 1013904223 | 0) / 2 ** 31;
  for (let row = 0; row < rows;) {
    let text = "";
    for (const end = Math.min(rows, row + 1000); row < end; row++) {
      const x = Array.from({ length: 8 }, () => random().toFixed(4));
      text += `${x.join(",")},${["cook", "nurse", "clerk"][row % 3]},${Number(x[0]) + Number(x[1]) > 0 ? 1 : 0}\n`;
    }
    yield await Promise.resolve(text);
  }
}

const start = performance.now(), table = await readCsv(pieces()), read = performance.now();
const parts = split(table, { seed: 0 }),
  encoder = new Encoder(parts.candidate, { label: "label", groups: { cooks: ({ job }) => job === "cook" } });
const data = { candidate: encoder.encode(parts.candidate), safety: encoder.encode(parts.safety) }, encoded = performance.now();
const result = await train({
  data,
  model: new nn.Sequential(new nn.Linear(encoder.featureNames.length, 1), new nn.Sigmoid()),
  objective: nn.logLoss,
  constraints: [{ text: "(ACC | [cooks]) >= 0.8", delta: 0.05 }],
  optimizer: { thetaRate: 0.02, batchSize: 1000, epochs: 1 },
});
const [a, b, c] = [read - start, encoded - read, performance.now() - encoded].map((milliseconds) =>
  (milliseconds / 1000).toFixed(1)
);
console.log(`${result.passed ? "passed" : "no solution"}: ${a} s reading, ${b} s encoding, ${c} s training and testing`);

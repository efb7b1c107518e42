// Reads a CSV, and trains on half of its rows in batches with a promise: `deno run rows.ts 1000000 [stream]`. With "stream", rows
// are read again at every pass and never all in memory.
import process from "node:process";
import { csvTables, Encoder, nn, readCsv, split, splitTables, train } from "../../mod.ts";

const rows = Number(process.argv[2] ?? 1000000), streamed = process.argv[3] === "stream";

/** Eight columns of numbers and a text, about sixty characters per row. */
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

const encoding = { label: "label", groups: { cooks: ({ job }: Record<string, unknown>) => job === "cook" } };

async function inMemory() {
  const { candidate, safety } = split(await readCsv(pieces()), { seed: 0 }), encoder = new Encoder(candidate, encoding);
  return { encoder, data: { candidate: encoder.encode(candidate), safety: encoder.encode(safety) } };
}

async function inPieces() {
  const { candidate, safety } = splitTables(csvTables(pieces), { seed: 0 }), encoder = await Encoder.fit(candidate, encoding);
  return { encoder, data: { candidate: await encoder.stream(candidate), safety: await encoder.stream(safety) } };
}

const start = performance.now(), { encoder, data } = streamed ? await inPieces() : await inMemory(), ready = performance.now();
const result = await train({
  data,
  model: new nn.Sequential(new nn.Linear(encoder.featureNames.length, 1), new nn.Sigmoid()),
  objective: nn.logLoss,
  constraints: [{ text: "(ACC | [cooks]) >= 0.8", delta: 0.05 }],
  optimizer: { thetaRate: 0.1, batchSize: 1000, epochs: 1 },
});
const [a, b] = [ready - start, performance.now() - ready].map((milliseconds) => (milliseconds / 1000).toFixed(1));
console.log(`${result.passed ? "passed" : "no solution"}: ${a} s reading and encoding, ${b} s training and testing`);

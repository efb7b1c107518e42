// Which text messages are spam? A network of embeddings and attention. At most 3 % of the real messages are taken for spam, and at
// least 75 % of the spam is found, each with 95 % confidence. Under a minute.
//
//   deno run examples/spam.ts [--epochs N] [--seed N]
import { parseArgs } from "node:util";
import { DataSet, nn, Tensor, train } from "../mod.ts";
import { smsSpam } from "./datasets/sms_spam.ts";

const { values: flags } = parseArgs({
  options: { epochs: { type: "string", default: "20" }, seed: { type: "string", default: "0" } },
});

/** The first 24 words as numbers, 0 where there is none. A hash needs no list of words, which would have seen the safety data. */
const length = 24, buckets = 2048;
const bucketOf = (word: string) =>
  1 + [...word].reduce((hash, c) => Math.imul(hash ^ c.codePointAt(0)!, 0x01000193) >>> 0, 0x811c9dc5) % buckets;
const messages = await smsSpam(), numbers = new Float32Array(messages.length * length);
messages.forEach(({ words }, i) => numbers.set((words.length > 0 ? words.slice(0, length) : [""]).map(bucketOf), i * length));
const data = new DataSet({
  features: Tensor.from(numbers, [messages.length, length]),
  labels: messages.map(({ spam }) => spam ? 1 : 0),
});

/** A vector for each word, one look of each at all others, their mean, and a probability. */
class Reader {
  readonly words = new nn.Embedding(buckets + 1, 16, { paddingIdx: 0 });
  readonly attention = new nn.MultiheadAttention(16, 2, { batchFirst: true });
  readonly norm = new nn.LayerNorm(16);
  readonly drop = new nn.Dropout(0.5);
  readonly last = new nn.Linear(16, 1);
  forward(words: Tensor, pass?: nn.Pass): Tensor {
    const x = this.drop.forward(this.words.forward(words), pass),
      keyPaddingMask = words.equal(0),
      there = words.notEqual(0).reshape(...words.shape, 1);
    const seen = this.norm.forward(x.add(this.attention.attend(x, x, x, { keyPaddingMask }, pass)));
    const mean = seen.mul(there).sum(1).div(there.sum(1));
    return new nn.Sigmoid().forward(this.last.forward(this.drop.forward(mean, pass)));
  }
}

const result = await train({
  data,
  model: new Reader(),
  objective: nn.logLoss,
  constraints: [{ text: "FPR <= 0.03", delta: 0.05 }, { text: "TPR >= 0.75", delta: 0.05 }],
  rates: "decided",
  optimizer: { thetaRate: 0.02, schedule: "warm-up", batchSize: 100, epochs: Number(flags.epochs) },
  seed: Number(flags.seed),
});
console.log(`${result}`);

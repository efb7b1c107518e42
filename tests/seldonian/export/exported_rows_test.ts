/** With which rows a model can be exported. */
import { equal, ok, rejects } from "node:assert/strict";
import { test } from "node:test";
import { csv, DataSet, Encoder, nn, type Passed, prepare, type Split, split, type Tensor, train } from "../../../mod.ts";
import { exportOnnx } from "../../../seldonian/export/mod.ts";
import { linear, options } from "../../helpers/line.ts";

const table = (rows: number, scale: number, levels: string) =>
  csv(`x,k,y\n${
    Array.from({ length: rows }, (_, i) => {
      const x = scale * Math.sin(7.1 * i + scale);
      return `${x.toFixed(5)},${levels[i % 2]},${x > 0 ? "yes" : "no"}\n`;
    }).join("")
  }`);
const label = { column: "y", classes: ["no", "yes"] }, { data, encoder } = prepare(table(400, 1, "uv"), { label });
const trained = async (data: Split | DataSet, width: number, more = {}) =>
  await train(
    options({
      data,
      model: new nn.LogisticRegression(width),
      rates: "decided",
      optimizer: { thetaRate: 0.1, epochs: 40 },
      ...more,
    }),
  ) as Passed;
const result = await trained(data, 3);
ok(result.passed);
const exported = async (data: DataSet, of = result) => (await exportOnnx(of, { data, rows: 0 })).onnx;
const plain = (data: DataSet) => new DataSet({ features: data.whole().features as Tensor, labels: data.labels });

const refused =
  /^RangeError: Cannot export a model with its safety data: \d+ tested rows are among the \d+ given; give candidate data/;
const foreign = /^RangeError: Cannot export a model with the encoder of other data: the rows are encoded otherwise than those/;

test("rows of another encoder are refused, of the same width too, and of one that names classes in another order", async () => {
  for (const [scale, levels] of [[1, "vw"], [100, "uv"], [100, "vw"]] as const) {
    const other = table(200, scale, levels), encoded = new Encoder(other, { label }).encode(other);
    await rejects(exported(encoded), foreign, `${scale} ${levels}`);
  }
  const turned = new Encoder(encoder.toJSON(), { label: { column: "y", classes: ["yes", "no"] } });
  await rejects(exported(turned.encode(table(200, 2, "uv"))), foreign);
});

test("other rows of the model's encoder make the same file, also of one that was saved; and features without it are taken", async () => {
  const wanted = await exported(data.candidate), saved = new Encoder(JSON.parse(JSON.stringify(encoder)), { label });
  for (const one of [encoder, saved]) equal(`${await exported(one.encode(table(200, 2, "uv")))}`, `${wanted}`);
  ok((await exported(plain(data.candidate))).length > 0);
});

test("a model of plain features is not exported with an encoder", async () => {
  const of = await trained({ candidate: plain(data.candidate), safety: plain(data.safety) }, 3);
  ok((await exported(plain(data.candidate), of)).length > 0);
  await rejects(exported(encoder.encode(table(200, 2, "uv")), of), /which are features without an encoder; give candidate data/);
  await rejects(exported(data.safety, of), refused);
});

test("safety rows are refused: all of them, all but one, a few beside candidate rows, in another order, and copies", async () => {
  const { candidate, safety } = data, count = safety.size, some = Array.from({ length: count - 1 }, (_, row) => row);
  await rejects(exported(safety), refused);
  await rejects(exported(safety.take(some)), refused);
  await rejects(exported(safety.take([3])), refused);
  await rejects(exported(safety.take(some.toReversed())), refused);
  await rejects(exported(plain(safety)), refused);
  await rejects(exported(plain(safety.take(some))), refused);
  await rejects(exported(encoder.encode(table(400, 1, "uv"))), refused);
  ok((await exported(candidate)).length > 0);
});

test("so are rows of another set that a constraint names", async () => {
  const rows = linear(700),
    part = (from: number, size: number) => split(rows.take(Array.from({ length: size }, (_, i) => from + i)));
  const main = part(0, 400), others = { held: part(400, 300) };
  const of = await train(options({
    data: main,
    others,
    constraints: [{ text: "ACC >= 0.6", delta: 0.05 }, { text: "(ACC | held) >= 0.6", delta: 0.05 }],
  })) as Passed;
  ok(of.passed, `${of}`);
  await rejects(exported(others.held.safety.take([0, 1, 2]), of), refused);
});

test("rows that equal tested ones by chance are not refused", async () => {
  const features = Array.from({ length: 400 }, (_, i) => [i % 2, i % 3 === 0 ? 1 : 0]);
  const few = split(new DataSet({ features, labels: features.map(([x]) => x) })), of = await trained(few, 2);
  ok(of.passed && (await exported(few.candidate, of)).length > 0);
});

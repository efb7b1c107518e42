import { equal, rejects } from "node:assert/strict";
import { test } from "node:test";
import { DataSet, DataStream, type nn, safetyTest, split, type Tensor, train } from "../../../mod.ts";
import { permutation, randomStream } from "../../../seldonian/random.ts";
import { delta, promise, rows, untrained } from "../../helpers/promises.ts";

test("a stream whose order changes from pass to pass is refused", async () => {
  let pass = 0;
  const z = rows(400, (i) => i % 2);
  const pieces = async function* () {
    const order = permutation(400, randomStream(pass++, "order"));
    yield await Promise.resolve(
      new DataSet({ features: Array.from(order, (i) => [z[i], i]), labels: Array.from(order, (i) => z[i]) }),
    );
  };
  const stream = await DataStream.open(pieces), first: nn.Module = { forward: (x: Tensor) => x.slice(1, 0, 1) };
  await rejects(safetyTest({ ...promise("ACC >= 0.5"), model: first, data: stream }), /Cannot use a stream of data that changes/);
});

test("streams are compared by their rows, and keep their strata", async () => {
  const part = (from: number, to: number) =>
    new DataSet({ features: rows(to - from, (i) => [(from + i) / 1000]), labels: rows(to - from, (i) => i % 2) });
  const stream = (...parts: DataSet[]) =>
    DataStream.open(async function* () {
      for (const one of parts) yield await Promise.resolve(one);
    });
  const data = { candidate: await stream(part(0, 200), part(200, 400)), safety: await stream(part(200, 400)) };
  await rejects(
    train({ ...untrained, data, constraints: [{ text: "PR >= 0.1", delta }] }),
    /^RangeError: Cannot test on rows that were trained on: 200 of 200 rows/,
  );
  const strata = split(part(0, 400), { stratify: rows(400, (i) => i % 2) }).safety;
  equal((await safetyTest({ ...promise("PR >= 0.1"), data: await stream(strata) })).constraints[0].guarantee, "approximate");
});

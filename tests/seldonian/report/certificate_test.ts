import { deepEqual, equal, match, ok, rejects } from "node:assert/strict";
import { test } from "node:test";
import { bounds, type Certificate, DataSet, type measures, nn, split, train, type TrainOptions, verify } from "../../../mod.ts";
import { fc } from "../../deps.ts";
import { logistic } from "../../helpers/models.ts";
import { points } from "../../helpers/line.ts";

/** Rows whose classes a line through the origin separates, with noise; half are M, half F. */
const features = points(400);
const M = features.map((_, i) => i % 2), F = M.map((m) => 1 - m);
const labels = features.map(([x, y], i) => x + 0.3 * y + 0.3 * Math.sin(11.7 * i) > 0 ? 1 : 0);
const data = split(new DataSet({ features, labels, columns: { M, F }, exclusive: [["M", "F"]] }), { seed: 5 });

/** The distance of a probability from a certain decision. */
const doubt: measures.Measure = {
  name: "Doubt",
  task: "classification",
  indices: 0,
  range: [0, 0.5],
  values: ({ predictions }) => predictions.reshape(predictions.size).sub(0.5).abs().neg().add(0.5),
};

const kinds: Record<string, Partial<TrainOptions<nn.Module>>> = {
  "one measure": { constraints: [{ text: "ACC >= 0.6", delta: 0.05 }] },
  "formulas of two groups, several candidates": {
    constraints: [{ text: "abs((PR | [M]) - (PR | [F])) <= 0.3", delta: 0.1 }, { text: "ACC >= 0.55", delta: 0.05 }],
    candidates: 3,
  },
  "decisions, a ratio and two ways": {
    constraints: [{ text: "max(min((PR | [M]) / (PR | [F]), 1), 2 * ACC - 1) >= 0.5", delta: 0.1 }],
    rates: "decided",
  },
  "interval analysis, Student's bound, shares": {
    constraints: [{ text: "exp(-ACC) + 0.1 * (PR | [M]) <= 0.8", delta: 0.1 }],
    analysis: "interval",
    bound: "student",
    shares: { ACC: 2, "PR | [M]": 1 },
  },
  "a family of bounds for one measure, and a custom measure": {
    constraints: [{ text: "Doubt <= 0.45", delta: 0.05 }, { text: "(PR | [M]) <= 0.9", delta: 0.05 }],
    bound: { Doubt: "hoeffding" },
    measures: [doubt],
  },
  "a regression with a declared range": {
    constraints: [{ text: "Mean_Squared_Error <= 0.4", delta: 0.05 }],
    ranges: { Mean_Squared_Error: [0, 1] },
    objective: nn.meanSquaredError,
  },
};

async function certified(more: Partial<TrainOptions<nn.Module>> = kinds["one measure"]) {
  const model = logistic();
  const result = await train({
    data,
    model,
    objective: nn.logLoss,
    constraints: [],
    optimizer: { thetaRate: 0.05, epochs: 60 },
    seed: 3,
    ...more,
  });
  ok(result.passed, `${result}`);
  return { bytes: nn.save(result.model), text: JSON.stringify(await result.certificate()), result };
}

for (const [name, more] of Object.entries(kinds)) {
  test(`verify() repeats the safety test from a certificate, to the last bit: ${name}`, async () => {
    const { bytes, text } = await certified(more);
    const { measures } = more, model = nn.load(logistic(), bytes);
    const { valid, differences, assumed } = await verify(JSON.parse(text), model, data.safety, { measures });
    deepEqual([valid, differences], [true, []]);
    ok(assumed.includes("nobody can be in two of M, F") && assumed.length >= 2);
  });
}

test("a certificate with any changed character is refused", async () => {
  const { bytes, text } = await certified(kinds["formulas of two groups, several candidates"]), whole = JSON.parse(text);
  const model = nn.load(logistic(), bytes);
  await fc.assert(
    fc.asyncProperty(fc.nat(text.length - 1), fc.constantFrom(...'0123456789abcdef.,-"{}[]xt '), async (at, letter) => {
      let changed: unknown;
      try {
        changed = JSON.parse(text.slice(0, at) + letter + text.slice(at + 1));
      } catch {
        return;
      }
      fc.pre(JSON.stringify(changed) !== JSON.stringify(whole));
      try {
        const { valid, differences } = await verify(changed, model, data.safety);
        ok(!valid && differences.length > 0 && differences.every((one) => one.includes("and the certificate says")));
      } catch (error) {
        ok(error instanceof RangeError && error.message.startsWith("Cannot read the certificate: "), `${error}`);
      }
    }),
    { seed: 1, numRuns: 300 },
  );
});

test("a flipped bit in the model's file is refused, by the file or by the certificate", async () => {
  const { bytes, text } = await certified();
  await fc.assert(
    fc.asyncProperty(fc.nat(8 * bytes.length - 1), async (bit) => {
      const flipped = bytes.slice();
      flipped[bit >> 3] ^= 1 << (bit & 7);
      let model: nn.Module;
      try {
        model = nn.load(logistic(), flipped);
      } catch (error) {
        return ok(error instanceof RangeError && /^Cannot (read safetensors|load)/.test(error.message), `${error}`);
      }
      // A flip in the header's white space changes nothing.
      if (nn.save(model).every((byte, i) => byte === bytes[i])) return ok(bit >> 3 < bytes.length - 12);
      match((await verify(JSON.parse(text), model, data.safety)).differences[0], /^the model's SHA-256 is /);
    }),
    { seed: 4, numRuns: 300 },
  );
});

test("another model, other data and forged figures are refused, with the difference", async () => {
  const { bytes, text } = await certified(), certificate: Certificate = JSON.parse(text), model = nn.load(logistic(), bytes);
  for (let i = bytes.length - 12; i < bytes.length; i++) {
    const flipped = bytes.slice();
    flipped[i] ^= 1;
    const { valid, differences: [first] } = await verify(certificate, nn.load(logistic(), flipped), data.safety);
    ok(!valid);
    match(first, /^the model's SHA-256 is [0-9a-f]{64}, and the certificate says [0-9a-f]{64}$/);
  }
  const rows = [...Array(data.safety.size).keys()], { features, labels, columns } = data.safety.at(rows);
  const other = (change: (i: number) => number) =>
    new DataSet({
      features,
      labels: labels.data.map((y, i) => i === 7 ? change(y) : y),
      columns: Object.fromEntries(columns),
      exclusive: data.safety.exclusive,
    });
  equal((await verify(certificate, model, other((y) => y))).valid, true);
  match((await verify(certificate, model, other((y) => 1 - y))).differences[0], /^the SHA-256 of the data is /);
  match(
    (await verify(certificate, model, data.safety.take(rows.slice(1)))).differences[0],
    /^the number of rows of the data is 199, /,
  );
  match((await verify(certificate, model, data.safety.take(rows.toReversed()))).differences[0], /^the SHA-256 of the data is /);

  // With a new digest, only repeating the test shows the forgery.
  const forged = structuredClone(certificate),
    { sha256: _, ...stated } = forged,
    [found] = stated.found.constraints as { upper: number }[];
  found.upper -= 0.01;
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", new TextEncoder().encode(JSON.stringify(stated))));
  const seal = Array.from(digest, (byte) => byte.toString(16).padStart(2, "0")).join("");
  const { valid, differences } = await verify({ ...stated, sha256: seal }, model, data.safety);
  deepEqual([valid, differences.length], [false, 1]);
  match(differences[0], /^constraints\.0\.upper is -0\.\d+, and the certificate says -0\.\d+$/);
});

test("a custom bound cannot be certified, a custom measure must be given to verify(), and other JSON is refused", async () => {
  await rejects(certified({ ...kinds["one measure"], bound: { ...bounds.star, name: "mine" } }), {
    message: 'Cannot certify a test by a custom Bound, "mine": use a family by its name',
  });
  const own = await certified(kinds["a family of bounds for one measure, and a custom measure"]);
  await rejects(verify(JSON.parse(own.text), own.result.model, data.safety), /unknown measure "Doubt"/);
  const model = nn.initialize(logistic(), 0);
  for (const wrong of [null, 3, {}, { format: "seldonian certificate 1" }, []]) {
    await rejects(verify(wrong, model, data.safety), (error: Error) => {
      ok(error instanceof RangeError && error.message.startsWith("Cannot read the certificate: "), error.message);
      return true;
    });
  }
});

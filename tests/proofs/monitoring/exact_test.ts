/** By enumeration of all streams: evidence has a mean of at most 1 wherever the promise holds, and alarms are false rarely enough. */
import { ok } from "node:assert/strict";
import { test } from "node:test";
import { Monitor, type Outcome } from "../../../seldonian/monitoring/mod.ts";

/** All streams of 0 and 1 of a length. */
function streams(length: number): number[][] {
  return length === 0 ? [[]] : streams(length - 1).flatMap((head) => [[...head, 0], [...head, 1]]);
}

/** The probability of a stream, given each step's probability of 1. */
function probability(stream: readonly number[], of: (step: number) => number): number {
  return stream.reduce((product, z, i) => product * (z === 1 ? of(i) : 1 - of(i)), 1);
}

const laws: [string, (limit: number, step: number) => number][] = [
  ["at the limit", (limit) => limit],
  ["below it", (limit) => limit / 3],
  ["below it, then at it", (limit, step) => step < 5 ? 0 : limit],
  ["at it in turns", (limit, step) => step % 2 === 0 ? limit : limit / 2],
];

test("one rate: the evidence has a mean of at most 1 and alarms keep alpha, at the limit, below it, and in turns", () => {
  const all = Array.from({ length: 9 }, (_, n) => streams(n + 1));
  for (
    const [text, limit, alpha] of [["PR <= 0.3", 0.3, 0.3], ["PR <= 0.05", 0.05, 0.5], ["NR <= 0.2", 0.2, 0.3], [
      "PR <= 0",
      0,
      0.05,
    ]] as const
  ) {
    const value = text.startsWith("NR") ? (z: number) => 1 - z : (z: number) => z;
    const found = all.map((some) =>
      some.map((stream) => ({
        stream,
        report: new Monitor([text], { alpha }).add(stream.map((z): Outcome => ({ output: value(z) }))),
      }))
    );
    for (const [name, law] of laws) {
      for (const some of found) {
        let mean = 0, alarms = 0;
        for (const { stream, report } of some) {
          const weight = probability(stream, (step) => law(limit, step));
          mean += weight * report.eValue;
          if (report.alarm !== null) alarms += weight;
        }
        ok(mean <= 1 + 1e-12, `${text}, ${name}, ${some[0].stream.length} outcomes: the mean is ${mean}`);
        ok(alarms <= alpha, `${text}, ${name}: alarms have probability ${alarms}`);
      }
    }
  }
});

test("several promises on the same outcomes: the evidence that some is broken, and alarms of any", () => {
  const texts = ["PR <= 0.3", "(PR | [A]) <= 0.3", "(PR | [B]) <= 0.3", "NR >= 0.6"], alpha = 0.3;
  for (const order of ["ABABABAB", "AABBBBBB"]) {
    const found = streams(order.length).map((stream) => ({
      stream,
      report: new Monitor(texts, { alpha }).add(
        stream.map((output, i) => ({ output, columns: { A: order[i] === "A", B: order[i] === "B" || i % 3 === 0 } })),
      ),
    }));
    for (const law of [0.3, 0.2]) {
      let mean = 0, alarms = 0;
      for (const { stream, report } of found) {
        const weight = probability(stream, () => law);
        mean += weight * report.eValue;
        if (report.alarm !== null || report.promises.some(({ alarm }) => alarm !== null)) alarms += weight;
      }
      ok(mean <= 1 + 1e-12, `${order}, rate ${law}: the mean is ${mean}`);
      ok(alarms <= alpha, `${order}, rate ${law}: alarms have probability ${alarms}`);
    }
  }
});

test("several promises where the group of one depends on the values of the other: the same over labels and outputs", () => {
  const rows = [[1, 1, 0.45], [1, 0, 0.05], [0, 1, 0.05], [0, 0, 0.45]] as const;
  const all = (length: number): number[][] =>
    length === 0 ? [[]] : all(length - 1).flatMap((head) => rows.map((_, i) => [...head, i]));
  const mean = all(5).reduce((sum, stream) => {
    const outcomes = stream.map((i) => ({ label: rows[i][0], output: rows[i][1] }));
    const weight = stream.reduce((product, i) => product * rows[i][2], 1);
    return sum + weight * new Monitor(["PR <= 0.5", "FPR <= 0.1"]).add(outcomes).eValue;
  }, 0);
  ok(mean <= 1 + 1e-12, `the mean is ${mean}`);
});

test("formulas that are not linear, and limits on CVaR: the same", () => {
  // Errors of 0 and 1 have a CVaR of p / level.
  const cases: [string, number, (z: number) => Outcome][] = [
    ["PR ** 2 <= 0.09", 0.3, (output) => ({ output })],
    ["exp(PR) <= exp(0.05)", 0.05, (output) => ({ output })],
    ["CVaR_[0.5] <= 0.4", 0.2, (output) => ({ output, label: 0 })],
    ["CVaR_[0.1] <= 0.5", 0.05, (output) => ({ output, label: 0 })],
    ["CVaR_[0.5] >= 0.4", 0.8, (z) => ({ output: 1 - z, label: 0 })],
  ];
  for (const [text, limit, outcomeOf] of cases) {
    for (const length of [3, 6]) {
      const found = streams(length).map((stream) => ({
        stream,
        report: new Monitor([text], { alpha: 0.5, ranges: text.startsWith("CVaR") ? { CVaR: [0, 1] } : {} }).add(
          stream.map(outcomeOf),
        ),
      }));
      for (const law of [limit, limit / 2]) {
        let mean = 0, alarms = 0;
        for (const { stream, report } of found) {
          const weight = probability(stream, () => law);
          mean += weight * report.eValue;
          if (report.alarm !== null) alarms += weight;
        }
        ok(mean <= 1 + 1e-12, `${text}, rate ${law}: the mean is ${mean}`);
        ok(alarms <= 0.5, `${text}, rate ${law}: alarms have probability ${alarms}`);
      }
    }
  }
});

test("two groups that exclude each other: the same, given the groups, for any base rates and where they move", () => {
  const text = "(PR | [M]) - (PR | [F]) <= 0.2", groups = ["MFMFMF", "MMMFFF", "FFMMMF", "MFMFMFMFMF".slice(0, 8), "MMMMMFFF"];
  const bases: [string, (step: number) => number][] = [
    ["low", () => 0],
    ["in the middle", () => 0.4],
    ["high", () => 0.8],
    ["rising from block to block", (step) => step < 6 ? 0.1 : 0.7],
  ];
  for (const order of groups) {
    const found = streams(order.length).map((stream) => ({
      stream,
      report: new Monitor([text], { exclusive: [["M", "F"]] }).add(
        stream.map((output, i): Outcome => ({ output, columns: { M: order[i] === "M", F: order[i] === "F" } })),
      ),
    }));
    for (const [name, base] of bases) {
      for (const gap of [0.2, 0.1, -0.1]) {
        const of = (step: number) => Math.max(0, base(step) + (order[step] === "M" ? gap : 0));
        const mean = found.reduce((sum, { stream, report }) => sum + probability(stream, of) * report.eValue, 0);
        ok(mean <= 1 + 1e-12, `${order}, ${name}, gap ${gap}: the mean is ${mean}`);
      }
    }
  }
});

test("which group comes next may follow from earlier outcomes of its block: the same, over all ways of a block", () => {
  const options = { exclusive: [["M", "F"]] },
    outcomeOf = (group: string, output: number): Outcome => ({
      output,
      columns: { M: group === "M", F: group === "F" },
    });
  type Seen = readonly (readonly [group: string, output: number])[];
  const of = (seen: Seen, group: string) => seen.filter(([of]) => of === group).map(([, output]) => output);
  const mean = (values: readonly number[]) => values.reduce((sum, z) => sum + z, 0) / values.length;
  // Each ends when the groups have as many rows as a block takes of M, and 3 of F.
  const rules: [string, (seen: Seen, least: number) => string | null][] = [
    ["M until its mean is above a half, two too many at most", (seen, least) => {
      const m = of(seen, "M"), f = of(seen, "F").length;
      return f === 0 && m.length < least + 2 && (m.length < least || mean(m) <= 0.5) ? "M" : f < 3 ? "F" : null;
    }],
    ["M until its last is 1, then F until its last is 0", (seen, least) => {
      const m = of(seen, "M"), f = of(seen, "F");
      if (f.length === 0 && m.length < least + 2 && (m.length < least || m.at(-1) === 0)) return "M";
      return f.length < 3 || (f.length < 5 && f.at(-1) === 1) ? "F" : null;
    }],
    ["the other group after a 1", (seen, least) => {
      const m = of(seen, "M").length, f = of(seen, "F").length;
      if (m >= least && f >= 3) return null;
      if (m === least + 2 || f === 5) return m === least + 2 ? "F" : "M";
      return seen.length % 2 === 0 || seen.at(-1)![1] === 1 ? m > f ? "F" : "M" : seen.at(-1)![0];
    }],
  ];
  for (const [warm, least] of [["", 3], ["MMFMMFMMF", 4]] as const) {
    for (const gap of [0, 0.2]) {
      const begun = new Monitor([`(PR | [M]) - (PR | [F]) <= ${gap}`], options);
      begun.add([...warm].map((group, i) => outcomeOf(group, i % 4 === 0 ? 1 : 0)));
      const state = begun.toJSON(), before = begun.report().eValue;
      for (const [name, next] of rules) {
        const ends: { seen: Seen; eValue: number }[] = [];
        const visit = (seen: Seen): void => {
          const group = next(seen, least);
          if (group !== null) return [0, 1].forEach((output) => visit([...seen, [group, output]]));
          const outcomes = seen.map(([group, output]) => outcomeOf(group, output));
          ends.push({ seen, eValue: Monitor.fromJSON(state).add(outcomes).eValue });
        };
        visit([]);
        ok(ends.every(({ eValue }) => eValue !== before), "each is a whole block");
        for (const base of [0.1, 0.5, 0.7]) {
          const rate = (group: string) => base + (group === "M" ? gap : 0);
          const after = ends.reduce(
            (sum, { seen, eValue }) =>
              sum + eValue * seen.reduce((p, [group, z]) => p * (z === 1 ? rate(group) : 1 - rate(group)), 1),
            0,
          );
          ok(after <= before + 1e-12, `gap ${gap}, ${name}, base ${base}, after "${warm}": ${after}, not ${before}`);
        }
      }
    }
  }
});

test("two groups that overlap: the same over memberships and values together", () => {
  // The kinds of a row: in A only, in both, in B only, each with 0 or 1.
  const kinds = [[1, 0], [1, 1], [0, 1]].flatMap(([A, B]) => [0, 1].map((z) => ({ A, B, z })));
  const compositions = (left: number, kind: number): number[][] =>
    kind === kinds.length - 1
      ? [[left]]
      : Array.from({ length: left + 1 }, (_, n) => compositions(left - n, kind + 1).map((rest) => [n, ...rest])).flat();
  const factorial = (n: number): number => n < 2 ? 1 : n * factorial(n - 1), rows = 6;
  for (const text of ["(PR | [A]) - (PR | [B]) <= 0.1", "(PR | [A]) + (PR | [B]) <= 0.7", "(PR | [A]) - PR <= 0.05"]) {
    const found = compositions(rows, 0).map((counts) => ({
      counts,
      eValue: new Monitor([text]).add(
        counts.flatMap((n, kind) =>
          Array.from({ length: n }, () => ({ output: kinds[kind].z, columns: { A: kinds[kind].A, B: kinds[kind].B } }))
        ),
      ).eValue,
    }));
    for (const shares of [[0.3, 0.4, 0.3], [0.05, 0.05, 0.9], [0.5, 0, 0.5], [0.1, 0.8, 0.1]]) {
      for (
        const rates of [[0.3, 0.3, 0.2], [0.9, 0.1, 0.1], [0, 0.5, 0.4], [0.6, 0, 0], [0.35, 0.35, 0.35], [1, 0.5, 1], [
          0,
          0.6,
          0,
        ], [0, 0.9, 0.1]]
      ) {
        const probabilities = kinds.map(({ z }, kind) => {
          const cell = Math.floor(kind / 2);
          return shares[cell] * (z === 1 ? rates[cell] : 1 - rates[cell]);
        });
        const meanIn = (cells: number[]) =>
          cells.reduce((sum, cell) => sum + shares[cell] * rates[cell], 0) / cells.reduce((sum, cell) => sum + shares[cell], 0);
        const [a, b, all] = [meanIn([0, 1]), meanIn([1, 2]), meanIn([0, 1, 2])];
        const g = text.includes("+") ? a + b - 0.7 : text.includes("- PR") ? a - all - 0.05 : a - b - 0.1;
        if (g > 1e-12) continue;
        const mean = found.reduce((sum, { counts, eValue }) => {
          const ways = counts.reduce((ways, n) => ways / factorial(n), factorial(rows));
          return sum + ways * counts.reduce((product, n, kind) => product * probabilities[kind] ** n, 1) * eValue;
        }, 0);
        ok(mean <= 1 + 1e-12, `${text}, shares ${shares}, rates ${rates}: the mean is ${mean}`);
      }
    }
  }
});

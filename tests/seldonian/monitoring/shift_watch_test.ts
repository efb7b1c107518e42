/**
 * Promises for other populations than the one that outcomes are from: at the edge of the promise, where it is kept in every
 * population of the set and just so in the worst, alarms are false with probability at most alpha. `PROOFS=full` prints a table.
 */
import { equal, ok, throws } from "node:assert/strict";
import { test } from "node:test";
import { Monitor, type MonitorOptions, type Outcome } from "../../../seldonian/monitoring/mod.ts";
import { full } from "../../helpers/runs.ts";
import { uniforms } from "../../helpers/worlds.ts";

type Shift = NonNullable<MonitorOptions["shift"]>;
type Parts = Exclude<Shift[string], number | readonly [number, number]>;
const interval: Shift = { g: { a: [0.3, 0.7], b: [0.3, 0.7] } }, known: Shift = { g: { a: 0.5, b: 0.5 } };

/** A kind of row in a group of the shift: its probability there, and what it is. */
type Kind = [p: number, row: Outcome];
const rate = (p: number): Kind[] => [[p, { output: 1 }], [1 - p, { output: 0 }]];

/** Rows that are M with probability `part`, and yes with probability `m` if they are and `f` if not. */
const people = (part: number, m: number, f: number): Kind[] =>
  [[1, part, m], [0, 1 - part, f]].flatMap(([M, share, yes]) =>
    rate(yes).filter(([p]) => p > 0).map(([p, row]): Kind => [share * p, { ...row, columns: { M, F: 1 - M } }])
  );
const inGroup = (g: string, { columns, ...row }: Outcome): Outcome => ({ ...row, columns: { ...columns, g } });

/** The greatest value of a formula of the rows' kinds over populations of the interval. */
function worst(
  laws: Record<string, Kind[]>,
  populations: number[][],
  value: (mean: (of: (row: Outcome) => number) => number) => number,
) {
  const groups = Object.values(laws);
  return Math.max(
    ...populations.map((p) =>
      value((of) => groups.reduce((sum, kinds, d) => sum + p[d] * kinds.reduce((part, [q, row]) => part + q * of(row), 0), 0))
    ),
  );
}
const between = (low: number, high: number) =>
  Array.from({ length: 401 }, (_, k) => low + (high - low) * k / 400).map((a) => [a, 1 - a]);
const difference = (mean: (of: (row: Outcome) => number) => number) =>
  ["M", "F"].map((name) =>
    mean(({ output, columns }) => Number(columns![name]) * (output as number)) / mean(({ columns }) => Number(columns![name]))
  )
    .reduce((m, f) => m - f);

/** The mean of the evidence after all streams of rows in groups of this order, and the probability of an alarm. */
function enumerated(text: string, shift: Shift, order: string, laws: Record<string, Kind[]>, options: MonitorOptions = {}) {
  const alpha = 0.3;
  let streams: { weight: number; rows: Outcome[] }[] = [{ weight: 1, rows: [] }];
  for (const g of order) {
    streams = streams.flatMap(({ weight, rows }) =>
      laws[g].map(([p, row]) => ({ weight: weight * p, rows: [...rows, inGroup(g, row)] }))
    );
  }
  let mean = 0, alarms = 0;
  for (const { weight, rows } of streams) {
    const { eValue, alarm } = new Monitor([text], { alpha, shift, ...options }).add(rows);
    mean += weight * eValue;
    alarms += weight * Number(alarm !== null);
  }
  ok(alarms <= alpha, `${text}, ${order}: alarms have probability ${alarms}`);
  return mean;
}

test("one rate: by enumeration the evidence has a mean of at most 1, for every law at the edge and every order of groups", () => {
  const nearly: number[] = [];
  for (const [shift, part] of [[interval, 0.7], [known, 0.5]] as const) {
    for (const [least, greatest] of [[0.3, 0.3], [0.1, 0], [0, 0]]) {
      const limit = 0.3, other = greatest || (limit - (1 - part) * least) / part;
      for (const laws of [{ a: rate(least), b: rate(other) }, { a: rate(other), b: rate(least) }]) {
        for (const order of full ? ["ababababab", "aaaabaaaab", "bbababaabb"] : ["ababab", "aaabab"]) {
          nearly.push(enumerated(`PR <= ${limit}`, shift, order, laws));
        }
      }
    }
  }
  ok(nearly.every((mean) => mean <= 1 + 1e-12), `${nearly}`);
  ok(nearly.filter((mean) => mean > 0.999).length > nearly.length / 2, "at the edge bets are fair");
});

test("a difference of two groups within the populations: the same, also where who is in a group depends on the population", () => {
  for (
    const laws of [
      { a: people(0.8, 0.5, 0), b: people(0.2, 1, 0) },
      { a: people(0.1, 1, 0.8), b: people(0.9, 1, 0.1) },
    ]
  ) {
    const edge = worst(laws, between(0.3, 0.7), difference);
    const mean = enumerated(`(PR | [M]) - (PR | [F]) <= ${edge}`, interval, "aabbab", laws, { exclusive: [["M", "F"]] });
    ok(mean <= 1 + 1e-12 && mean > 0.98, `${mean}`);
  }
});

/** Whether a stream rings, with outcomes one by one, of the group that `next` says. */
function rings(promised: string, shift: Shift, laws: Record<string, Kind[]>, length: number, seed: number, {
  next = (uniform) => uniform() < 0.15 ? "b" : "a",
  options = {},
}: { next?: (uniform: () => number, last: Outcome | undefined) => string; options?: MonitorOptions } = {}): boolean {
  const uniform = uniforms(seed), monitor = new Monitor([promised], { shift, exclusive: [["M", "F"]], ...options });
  let last: Outcome | undefined;
  const rows = Array.from({ length }, () => {
    const g = next(uniform, last);
    let left = uniform();
    const [, row] = laws[g].find(([p]) => (left -= p) < 0) ?? laws[g][0];
    return last = inGroup(g, row);
  });
  return monitor.add(rows).alarm !== null;
}

const three = { g: { a: [0.2, 0.6], b: [0.2, 0.6], c: [0, 0.3] } } as const;
const corners = [[0.6, 0.4, 0], [0.4, 0.6, 0], [0.6, 0.2, 0.2], [0.2, 0.6, 0.2], [0.5, 0.2, 0.3], [0.2, 0.5, 0.3]];
const twoLaws = { a: people(0.8, 0.5, 0.3), b: people(0.2, 0.7, 0.35) };
const atEdge: [
  name: string,
  text: (edge: number) => string,
  Shift,
  Record<string, Kind[]>,
  edge: number,
  next?: Parameters<typeof rings>[5],
][] = [
  ["a rate, known parts", (edge) => `PR <= ${edge}`, known, { a: rate(0.05), b: rate(0.15) }, 0.1],
  ["from below", (edge) => `PR >= ${edge}`, known, { a: rate(0.9), b: rate(0.7) }, 0.8],
  ["a rate, intervals", (edge) => `PR <= ${edge}`, interval, { a: rate(0.5), b: rate(0.5) }, 0.5],
  [
    "a rate, three groups",
    (edge) => `PR <= ${edge}`,
    three,
    { a: rate(0.1), b: rate(0.2), c: rate(0.5) },
    worst(
      { a: rate(0.1), b: rate(0.2), c: rate(0.5) },
      corners,
      (mean) => mean(({ output }) => output as number),
    ),
    {
      next: (uniform) => "aabc"[Math.floor(4 * uniform())],
    },
  ],
  [
    "a group of the promise",
    (edge) => `(PR | [M]) <= ${edge}`,
    interval,
    twoLaws,
    worst(
      twoLaws,
      between(0.3, 0.7),
      (mean) =>
        mean(({ output, columns }) => Number(columns!.M) * (output as number)) / mean(({ columns }) => Number(columns!.M)),
    ),
  ],
  [
    "a difference",
    (edge) => `(PR | [M]) - (PR | [F]) <= ${edge}`,
    interval,
    twoLaws,
    worst(twoLaws, between(0.3, 0.7), difference),
  ],
  [
    "a group and everybody",
    (edge) => `(PR | [M]) - PR <= ${edge}`,
    interval,
    twoLaws,
    worst(
      twoLaws,
      between(0.3, 0.7),
      (mean) =>
        mean(({ output, columns }) => Number(columns!.M) * (output as number)) / mean(({ columns }) => Number(columns!.M)) -
        mean(({ output }) => output as number),
    ),
  ],
  ["served until a yes", (edge) => `PR <= ${edge}`, known, { a: rate(0.05), b: rate(0.15) }, 0.1, {
    next: (uniform, last) => last === undefined || last.output === 1 ? (uniform() < 0.5 ? "b" : "a") : last.columns!.g as string,
  }],
];

for (const [name, text, shift, laws, edge, how] of atEdge) {
  test(`at the edge in the worst population alarms ring in at most alpha of the streams: ${name}`, () => {
    const [streams, length] = full ? [400, 3000] : [3, 300];
    let rung = 0;
    for (let stream = 0; stream < streams; stream++) if (rings(text(edge), shift, laws, length, 7e6 + stream, how)) rung++;
    if (full) console.log(`| ${name}: ${text(edge)} | ${(100 * rung / streams).toFixed(2)} % |`);
    ok(rung <= 0.05 * streams + 5 * Math.sqrt(0.05 * streams) + 1, `${rung} of ${streams}`);
  });
}

test("a promise that is kept today and broken in a population of the set rings; broken today and kept in the set, it does not", () => {
  // Today 85 % are a.
  const laws = { a: rate(0.05), b: rate(0.6) };
  ok(rings("PR <= 0.2", known, laws, 1500, 1));
  ok(!new Monitor(["PR <= 0.2"]).add(Array.from({ length: 1500 }, (_, i) => ({ output: Number(i % 9 === 0) }))).alarm);
  const fewer: Shift = { g: { a: [0.1, 0.3], b: [0.7, 0.9] } }, other = { a: rate(0.6), b: rate(0.05) };
  ok(!rings("PR <= 0.25", fewer, other, 1500, 2));
  // At each vertex of the set nobody is M, or nobody F.
  const all: Shift = { g: { a: [0, 1], b: [0, 1], c: [0, 1] } },
    apart = { a: people(1, 0.9, 0), b: people(0, 0, 0.1), c: people(0, 0, 0) };
  const next = (uniform: () => number) => "abc"[Math.floor(3 * uniform())];
  ok(rings("(PR | [M]) - (PR | [F]) <= 0.2", all, apart, 900, 3, { next }));
});

test("no block loses more than all of a bet: where the promise is kept by far, evidence falls", () => {
  const uniform = uniforms(9);
  for (const shift of [known, interval]) {
    for (const part of [0.1, 0.3, 0.5, 0.9]) {
      const monitor = new Monitor(["(PR | [M]) - (PR | [F]) <= 0.02"], { shift, exclusive: [["M", "F"]] });
      const { promises: [{ eValue }], alarm } = monitor.add(Array.from({ length: 600 }, (): Outcome => {
        const M = uniform() < part;
        return { output: M ? 0 : 1, columns: { M, F: !M, g: uniform() < 0.5 ? "a" : "b" } };
      }));
      ok(eValue < 1 && alarm === null, `${eValue}`);
    }
  }
});

test("a group that is in no population counts for nothing, and none waits for it", () => {
  const without = ["PR <= 0.2", "(PR | [g != 'a']) <= 0.2", "(PR | [M]) - (PR | [F]) <= 0.1"].map((text) => {
    const parts: Parts = { a: 0.5, b: [0.25, 0.5], c: [0, 0.25] };
    const [with0, alone] = [{ ...parts, d: 0 }, parts].map((g) => new Monitor([text], { shift: { g }, exclusive: [["M", "F"]] }));
    const rows = Array.from({ length: 200 }, (_, i): Outcome => {
      const M = i % 5 < 3;
      return { output: Number(M), columns: { M, F: !M, g: "abc"[i % 7 % 3] } };
    });
    const more = rows.map((row, i): Outcome => i % 9 === 0 ? inGroup("d", row) : row);
    equal(with0.add(rows).eValue, alone.add(rows).eValue);
    with0.add(more);
    return [with0.report().eValue, alone.add(more.filter(({ columns }) => columns!.g !== "d")).eValue];
  });
  for (const [found, wanted] of without) ok(found === wanted && found > 1, `${found}, ${wanted}`);
  throws(
    () => new Monitor(["(PR | [g != 'a']) <= 0.2"], { shift: { g: { a: 1, b: 0, c: 0 } } }),
    /Cannot watch .* for other populations: none of them has rows of each group in/,
  );
});

test("the interval is of the worst population, and its value nears it", () => {
  const uniform = uniforms(5), monitor = new Monitor(["PR <= 0.5", "(PR | [g == 'a']) <= 0.5"], { shift: interval });
  const report = monitor.add(Array.from({ length: 2000 }, () => {
    const g = uniform() < 0.2 ? "b" : "a";
    return { output: uniform() < (g === "b" ? 0.6 : 0.1) ? 1 : 0, columns: { g } };
  }));
  const [{ formulas: [{ value, lower, upper }] }, own] = report.promises, worst = 0.3 * 0.1 + 0.7 * 0.6 - 0.5;
  ok(lower <= worst && worst <= upper && upper - lower < 0.2 && Math.abs(value - worst) < 0.05, `${[lower, value, upper]}`);
  // Rows of one group are in every population alike.
  const alone = new Monitor(["(PR | [g == 'a']) <= 0.5"]).add(
    Array.from({ length: 3 }, () => ({ output: 1, columns: { g: "a" } })),
  );
  equal(own.formulas[0].text, alone.promises[0].formulas[0].text);
  equal(report.populations, "g is a 0.3 to 0.7, b 0.3 to 0.7");
});

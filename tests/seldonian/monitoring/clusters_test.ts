/** Promises about clusters, each of which is one observation of the mean of its outcomes. */
import { deepEqual, equal, ok, throws } from "node:assert/strict";
import { test } from "node:test";
import { Monitor, type MonitorOptions, type Outcome } from "../../../seldonian/monitoring/mod.ts";
import { full } from "../../helpers/runs.ts";
import { uniforms } from "../../helpers/worlds.ts";

const yes = (output: number, columns: Outcome["columns"] = {}): Outcome => ({ output, columns });
const options = { clusters: true, exclusive: [["M", "F"]] };

test("a cluster counts once, as the mean of its outcomes that count", () => {
  const clusters = [[1, 0], [0], [1, 1, 0, 0], [1, 1]], monitor = new Monitor(["PR <= 0.3"], options);
  const report = monitor.add(clusters.map((cluster) => cluster.map((output) => yes(output))));
  const alike = new Monitor(["PR <= 0.3"]).add([0.5, 0, 0.5, 1].map((output) => yes(output)));
  deepEqual([report.promises, report.outcomes], [alike.promises, 4]);
  // Without a label, or outside of the group, an outcome is none of the cluster's.
  const some = new Monitor(["(ER | [M]) <= 0.3"], options).add([[
    { output: 1, label: 0, columns: { M: 1 } },
    { output: 1, label: 1, columns: { M: 1 } },
    { output: 1, columns: { M: 1 } },
    { output: 1, label: 0, columns: { M: 0 } },
  ]]);
  deepEqual(some.promises[0].measures, [{ name: "ER | [M]", n: 1, mean: 0.5 }]);
});

test("clusters in batches of any size, with a round trip between them, give the same state; what is no list is refused", () => {
  const uniform = uniforms(4),
    clusters = Array.from({ length: 40 }, () =>
      Array.from({ length: 1 + Math.floor(3 * uniform()) }, () => {
        const M = uniform() < 0.5;
        return yes(uniform() < 0.4 ? 1 : 0, { M, F: !M });
      }));
  const texts = ["PR <= 0.3", "(PR | [M]) - (PR | [F]) <= 0.1"], whole = new Monitor(texts, options);
  whole.add(clusters);
  let parts = new Monitor(texts, options);
  for (const cluster of clusters) {
    parts.add([cluster]);
    parts = Monitor.fromJSON(JSON.parse(JSON.stringify(parts)));
  }
  deepEqual(parts.toJSON(), whole.toJSON());
  const before = JSON.stringify(parts), one = clusters[0][0];
  throws(
    () => parts.add([one]),
    /^TypeError: Cannot add .* as cluster 1: the promise is about clusters; wanted a list of all outcomes/,
  );
  throws(() => parts.add([[one], []]), /as cluster 2/);
  throws(() => parts.add([[one], [one, yes(2)]]), /outcome 2 of cluster 42/);
  throws(() => parts.correct(one, one), /Cannot correct an outcome of a cluster, .*: add clusters when their outcomes are final/);
  throws(() => new Monitor(texts).add([[one]] as never), /Cannot add outcome 1: it is/);
  throws(() => new Monitor(texts, { ...options, shift: { M: { 0: 0.5, 1: 0.5 } } }), /a cluster may have rows of several groups/);
  equal(JSON.stringify(parts), before);
});

test("CVaR is none of clusters' means, whose tails are shorter: it is refused, as the test does", () => {
  const ranges: MonitorOptions["ranges"] = { CVaR: [0, 1] };
  for (const text of ["CVaR_[0.5] >= 0.75", "CVaR_[0.5] <= 0.75"]) {
    throws(() => new Monitor([text], { clusters: true, ranges }), /^ConstraintError: .*CVaR of means of clusters would hide/);
    new Monitor([text], { ranges });
  }
});

/** Families: a man or none, a woman or none, who agree with each other. */
const families: [p: number, outcomes: Outcome[]][] = [
  [0.3, [yes(1, { M: 1, F: 0 }), yes(0, { M: 0, F: 1 })]],
  [0.4, [yes(0, { M: 1, F: 0 }), yes(1, { M: 0, F: 1 })]],
  [0.3, [yes(1, { M: 1, F: 0 })]],
];

test("groups that exclude each other share clusters: by enumeration the evidence has a mean of at most 1", () => {
  for (
    const [text, edge] of [["(PR | [M]) - (PR | [F]) <= ", 0.6 - 4 / 7], ["(PR | [F]) - (PR | [M]) <= ", 4 / 7 - 0.6]] as const
  ) {
    let streams: { weight: number; rows: Outcome[][] }[] = [{ weight: 1, rows: [] }];
    for (let k = 0; k < 6; k++) {
      streams = streams.flatMap(({ weight, rows }) =>
        families.map(([p, family]) => ({ weight: weight * p, rows: [...rows, family] }))
      );
    }
    const found = streams.map(({ weight, rows }) => ({ weight, e: new Monitor([`${text}${edge}`], options).add(rows).eValue }));
    const mean = found.reduce((sum, { weight, e }) => sum + weight * e, 0);
    ok(mean <= 1 + 1e-12 && mean > 0.9, `${mean}`);
  }
});

test("no cluster loses more than all of a bet, though it has a mean in each of two groups", () => {
  const kept = new Monitor(["(PR | [M]) - (PR | [F]) <= 0.03"], options).add(Array(200).fill(families[1][1]));
  ok(kept.promises[0].eValue < 1 && kept.alarm === null, `${kept.promises[0].eValue}`);
});

test("at the edge alarms ring in at most alpha of the streams of clusters, whose outcomes agree; counted one by one they ring", () => {
  const [streams, length] = full ? [200, 1000] : [4, 300];
  for (const promised of ["PR <= 0.5", `(PR | [M]) - (PR | [F]) <= ${0.6 - 4 / 7}`]) {
    let rung = 0, apart = 0;
    for (let stream = 0; stream < streams; stream++) {
      const uniform = uniforms(8e6 + stream),
        clusters = Array.from({ length }, () => {
          if (promised.startsWith("PR")) return Array<Outcome>(6).fill(yes(uniform() < 0.5 ? 1 : 0));
          let left = uniform();
          return (families.find(([p]) => (left -= p) < 0) ?? families[0])[1];
        });
      if (new Monitor([promised], options).add(clusters).alarm !== null) rung++;
      if (new Monitor([promised], { exclusive: [["M", "F"]] }).add(clusters.flat()).alarm !== null) apart++;
    }
    if (full) console.log(`| ${promised} | ${(100 * rung / streams).toFixed(2)} % | ${(100 * apart / streams).toFixed(2)} % |`);
    ok(rung <= 0.05 * streams + 5 * Math.sqrt(0.05 * streams), `${promised}: ${rung} of ${streams}`);
    if (promised.startsWith("PR")) ok(apart > 0.5 * streams, `${apart} of ${streams}`);
  }
});

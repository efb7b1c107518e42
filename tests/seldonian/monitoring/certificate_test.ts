import { deepEqual, equal, throws } from "node:assert/strict";
import { test } from "node:test";
import { measures, nn, type Shift, train } from "../../../mod.ts";
import { Monitor, type MonitorOptions } from "../../../seldonian/monitoring/mod.ts";

/** The certificate of a model on some data. */
async function certificateOf(options: { shift?: Shift }, clusters?: number[]) {
  const features = Array.from({ length: 400 }, (_, i) => [(i % 20) / 10 - 1]);
  const result = await train({
    data: {
      features,
      labels: features.map(([x]) => x > 0 ? 1 : 0),
      columns: { g: features.map((_, i) => i % 3 === 0 ? "a" : "b") },
      ...(clusters && { clusters }),
    },
    model: new nn.LogisticRegression(1),
    objective: nn.logLoss,
    constraints: [{ text: "ACC >= 0.6", delta: 0.05 }, { text: measures.FPR.atMost(0.5), delta: 0.1 }],
    rates: "decided",
    optimizer: { thetaRate: 0.05, epochs: 100 },
    ...options,
  });
  if (!result.passed) throw new Error(`${result}`);
  return result.certificate();
}

test("a certificate's promises are watched as they were tested", async () => {
  const certificate = await certificateOf({}), monitor = new Monitor(certificate);
  deepEqual(monitor.report().promises.map(({ text }) => text), ["ACC >= 0.6", "FPR <= 0.5"]);
  deepEqual(monitor.add([{ output: 0.7, label: 1 }]).promises[0].measures, [{ name: "ACC", n: 1, mean: 1 }]);
  deepEqual(new Monitor(JSON.parse(JSON.stringify(certificate))).toJSON().options, monitor.toJSON().options);
  const edited: [(one: typeof certificate) => void, RegExp][] = [
    [
      ({ test: { constraints: [one] } }) => one.text = "ACC >= 0.5",
      /found\.constraints\.0: it is of ACC >= 0\.6 with delta 0\.05, and test\.constraints of ACC >= 0\.5/,
    ],
    [
      ({ test: { constraints: [one] } }) => one.delta = 0.5,
      /0: it is of ACC >= 0\.6 with delta 0\.05, and test\.constraints of ACC >= 0\.6 with delta 0\.5/,
    ],
    [({ test }) => test.constraints.pop(), /there are 2 reports, and test\.constraints has 1/],
    [({ found }) => found.constraints = "x", /found\.constraints: .* "x"/],
  ];
  for (const [edit, message] of edited) {
    const one = JSON.parse(JSON.stringify(certificate));
    edit(one);
    throws(() => new Monitor(one), message);
  }
});

test("a promise about clusters is watched by clusters, and one for other populations for them", async () => {
  const clustered = await certificateOf({}, Array.from({ length: 400 }, (_, i) => i >> 1));
  const one = { output: 0.7, label: 1 }, ofClusters = new Monitor(clustered);
  throws(() => ofClusters.add([one]), /the promise is about clusters; wanted a list of all outcomes of it/);
  deepEqual(ofClusters.add([[one, { ...one, label: 0 }]]).promises[0].measures, [{ name: "ACC", n: 1, mean: 0.5 }]);
  const shifted = await certificateOf({ shift: { g: { a: [0.3, 0.5], b: [0.5, 0.7] } } });
  const monitor = new Monitor(shifted), columns = { g: "a" };
  equal(monitor.add([{ output: 0.7, label: 1, columns }]).populations, "g is a 0.3 to 0.5, b 0.5 to 0.7");
  throws(() => monitor.add([{ output: 0.7, label: 1, columns: { g: "c" } }]), /outcome 2 is in none of the groups/);
});

test("an option that says otherwise than the certificate is refused, naming both; the same is no matter", async () => {
  const plain = await certificateOf({}), clustered = await certificateOf({}, Array.from({ length: 400 }, (_, i) => i >> 1));
  const shift = { g: { a: [0.3, 0.5], b: [0.5, 0.7] } } as const, shifted = await certificateOf({ shift });
  const ranged = JSON.parse(JSON.stringify(plain));
  ranged.test.ranges = { ACC: [0, 2] };
  const other: [typeof plain, MonitorOptions, RegExp][] = [
    [
      clustered,
      { clusters: false },
      /^RangeError: Cannot watch a certificate with clusters false: it says true; leave out clusters/,
    ],
    [plain, { clusters: true }, /with clusters true: it says false/],
    [plain, { rates: "expected" }, /with rates "expected": it says "decided"/],
    [plain, { shift }, /with shift g is a 0\.3 to 0\.5, b 0\.5 to 0\.7: it says nothing of other populations/],
    [
      shifted,
      { shift: { g: { a: 0.4, b: 0.6 } } },
      /with shift g is a 0\.4, b 0\.6: it says g is a 0\.3 to 0\.5, b 0\.5 to 0\.7/,
    ],
    [shifted, { shift: { g: null } as never }, /wanted/],
    [ranged, { ranges: { ACC: [0, 1] } }, /with ranges\.ACC \[0, 1\]: it says \[0, 2\]/],
    [ranged, { ranges: { ACC: 1 } as never }, /with ranges\.ACC 1/],
  ];
  for (const [certificate, options, message] of other) throws(() => new Monitor(certificate, options), message);
  const same: [typeof plain, MonitorOptions][] = [
    [clustered, { clusters: true }],
    [plain, { clusters: false, rates: "decided", ranges: { ACC: [0, 1] } }],
    [shifted, { shift }],
    [ranged, { ranges: { ACC: [0, 2] } }],
  ];
  for (const [certificate, options] of same) new Monitor(certificate, options);
  // Promises of one's own say what they like.
  equal(new Monitor(shifted.test.constraints, { shift: { g: { a: 0.4, b: 0.6 } } }).report().populations, "g is a 0.4, b 0.6");
});

test("a certificate of a test that failed promises nothing, and is not watched as if it did", async () => {
  const certificate = JSON.parse(JSON.stringify(await certificateOf({}))), { found } = certificate;
  Object.assign(found.constraints[1], { passed: false, verdict: "not shown", upper: 0.1 });
  found.passed = false;
  throws(
    () => new Monitor(certificate),
    /^RangeError: Cannot watch a certificate whose test failed, so that nothing is promised;/,
  );
  new Monitor(certificate.test.constraints);
});

test("a certificate without what was found, or of another form, is refused in words", async () => {
  const certificate = JSON.parse(JSON.stringify(await certificateOf({}))), { test, found, ...others } = certificate;
  throws(() => new Monitor({ ...others, test }), /^TypeError: Cannot watch: the promises is .*; wanted a certificate, or a list/);
  throws(() => new Monitor({ test, found: { ...found, constraints: 3 } } as never), /^RangeError: Cannot read the certificate/);
  const { ranges: _, ...unranged } = test;
  new Monitor({ ...certificate, test: unranged }, { ranges: { ACC: [0, 1] } });
});

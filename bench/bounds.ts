/**
 * How much bounds waste: the mean distance of a 95 % upper bound above the true mean, for every family and for confseq, the
 * package by the authors of the hedged capital bound, on the same samples.
 *
 *   deno task bench:bounds [--samples 100] [--json FILE]
 * @module
 */
import { writeFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { bounds } from "../mod.ts";
import { randomStream } from "../seldonian/random.ts";
import { type RandomGenerator, uniformFloat64 } from "../deps.ts";

const { values: flags } = parseArgs({ options: { samples: { type: "string", default: "100" }, json: { type: "string" } } });
const samples = Number(flags.samples), delta = 0.05, range = [0, 1] as const;

const u = uniformFloat64;
/** Distributions on [0, 1], with their means. */
const laws: Record<string, [draw: (random: RandomGenerator) => number, mean: number]> = {
  "Bernoulli, p 0.05": [(random) => Number(u(random) < 0.05), 0.05],
  "Bernoulli, p 0.5": [(random) => Number(u(random) < 0.5), 0.5],
  uniform: [u, 0.5],
  "narrow, 0.7 ± 0.1": [(random) => 0.7 + 0.1 * (u(random) + u(random) + u(random) - 1.5) * 2, 0.7],
  "many small, u⁴": [(random) => u(random) ** 4, 0.2],
  "many large, 1 - u⁸": [(random) => 1 - u(random) ** 8, 8 / 9],
  "probabilities, σ(2 g)": [(random) => 1 / (1 + Math.exp(-2 * 2 * (u(random) + u(random) + u(random) - 1.5))), 0.5],
};

const peer = await confseq(),
  columns = [...bounds.families.map(({ name }) => name), ...(peer === null ? [] : ["confseq", "confseq, hedged"])];
const found: { law: string; n: number; slack: Record<string, number | null> }[] = [];
console.log(
  `Mean slack of a ${
    100 * (1 - delta)
  } % upper bound over ${samples} samples, of 0s and 1s exactly where counts decide; * may miss more often than it says\n`,
);
console.log(`| law | n | ${columns.map((name) => `${name}${approximate(name) ? " *" : ""}`).join(" | ")} |`);
console.log(`| --- | --: | ${columns.map(() => "---:").join(" | ")} |`);
for (const [law, [draw, mean]] of Object.entries(laws)) {
  for (const n of [20, 50, 100, 500]) {
    const random = randomStream(n, "draws");
    const all = Array.from({ length: samples }, () => Float64Array.from({ length: n }, () => draw(random)));
    const slack: Record<string, number | null> = {};
    for (const method of bounds.families) {
      if (method.values === "binary" && !law.startsWith("Bernoulli")) slack[method.name] = null;
      else if (law.startsWith("Bernoulli") && countsDecide(method.name)) slack[method.name] = exactly(n, mean, method);
      else slack[method.name] = average(all.map((z) => bounds.upperBound(z, { method, delta, range }) - mean));
    }
    if (peer !== null) {
      const [plain, hedged] = await peer.ask(all, delta);
      slack["confseq"] = plain - mean;
      slack["confseq, hedged"] = hedged - mean;
    }
    found.push({ law, n, slack });
    const proven = columns.flatMap((name) => slack[name] === null || approximate(name) ? [] : [slack[name]!]),
      least = Math.min(...proven);
    const cells = columns.map((name) =>
      slack[name] === null ? "" : slack[name] === least ? `**${slack[name]!.toFixed(4)}**` : slack[name]!.toFixed(4)
    );
    console.log(`| ${law} | ${n} | ${cells.join(" | ")} |`);
  }
}
peer?.end();

// A difference of two rates, over all pairs of counts: exactly.
console.log(
  "\n| difference of two rates, 95 % | one statistic | two Clopper-Pearson bounds at half of delta |\n| --- | ---: | ---: |",
);
for (const [p, n] of [[0.5, 50], [0.5, 200], [0.9, 50]] as const) {
  const law = binomial(n, p);
  let one = 0, two = 0;
  const upper = Array.from({ length: n + 1 }, (_, k) => rateUpper(k, n, delta / 2));
  for (let i = 0; i <= n; i++) {
    for (let j = 0; j <= n; j++) {
      const weight = law[i] * law[j];
      if (weight < 1e-7) continue;
      one += weight * bounds.twoRatesUpper({ coefficient: 1, k: i, n }, { coefficient: -1, k: j, n }, delta);
      two += weight * (upper[i] - (1 - upper[n - j]));
    }
  }
  console.log(`| p ${p} each, n ${n} each | ${one.toFixed(4)} | ${two.toFixed(4)} |`);
  found.push({ law: `difference, p ${p}`, n, slack: { "one statistic": one, "two Clopper-Pearson": two } });
}

// A difference of two rates of groups that may overlap.
console.log(
  `\n| difference of two rates at 0.5, groups that may overlap, ${
    100 * (1 - delta)
  } % | one account | two Clopper-Pearson bounds at half of delta | from two counts, only for groups that exclude each other |`,
);
console.log("| --- | ---: | ---: | ---: |");
const memberships: Record<string, (random: RandomGenerator) => [boolean, boolean]> = {
  "half each, none in both": (random) => u(random) < 0.5 ? [true, false] : [false, true],
  "0.2 and 0.8, none in both": (random) => u(random) < 0.2 ? [true, false] : [false, true],
  "half each, independently": (random) => [u(random) < 0.5, u(random) < 0.5],
  "three tenths against everyone": (random) => [u(random) < 0.3, true],
};
for (const n of [400, 1600]) {
  for (const [groups, draw] of Object.entries(memberships)) {
    const random = randomStream(n, "draws"), widths: number[][] = [[], [], []];
    for (let sample = 0; sample < samples; sample++) {
      const members = Array.from({ length: n }, () => draw(random)),
        values = Float64Array.from(members, () => Number(u(random) < 0.5));
      const [first, second] = [0, 1].map((group) => {
        const member = Uint8Array.from(members, (row) => Number(row[group]));
        const size = member.reduce((sum, one) => sum + one, 0), k = values.reduce((sum, z, i) => sum + z * member[i], 0);
        return { member, values, k, n: size };
      });
      const estimate = first.k / first.n - second.k / second.n;
      widths[0].push(bounds.oneAccountUpper({ coefficient: 1, ...first }, { coefficient: -1, ...second }, delta) - estimate);
      widths[1].push(rateUpper(first.k, first.n, delta / 2) + rateUpper(second.n - second.k, second.n, delta / 2) - 1 - estimate);
      if (groups.endsWith("none in both")) {
        widths[2].push(bounds.twoRatesUpper({ coefficient: 1, ...first }, { coefficient: -1, ...second }, delta) - estimate);
      }
    }
    const [one, apart, counts] = widths.map((all) => all.length === 0 ? null : average(all));
    console.log(`| ${groups}, n ${n} | ${one!.toFixed(4)} | ${apart!.toFixed(4)} | ${counts?.toFixed(4) ?? ""} |`);
    found.push({
      law: `groups that may overlap, ${groups}`,
      n,
      slack: { "one account": one, "two Clopper-Pearson": apart, "two counts": counts },
    });
  }
}
if (flags.json !== undefined) writeFileSync(flags.json, `${JSON.stringify({ samples, delta, found }, null, 2)}\n`);

function approximate(name: string): boolean {
  return bounds.families.some((family) => family.name === name && family.guarantee === "approximate");
}

/** Whether a bound on 0s and 1s depends only on the count, so that its mean is a sum over counts. */
function countsDecide(name: string): boolean {
  return !["star", "betting", "bootstrap"].includes(name);
}

function exactly(n: number, p: number, method: bounds.Bound): number {
  return binomial(n, p).reduce((sum, weight, k) => {
    if (weight < 1e-12) return sum;
    const z = Float64Array.from({ length: n }, (_, i) => i < k ? 1 : 0);
    return sum + weight * (bounds.upperBound(z, { method, delta, range }) - p);
  }, 0);
}

function rateUpper(k: number, n: number, delta: number): number {
  return bounds.upperBound(Float64Array.from({ length: n }, (_, i) => i < k ? 1 : 0), {
    method: "clopper-pearson",
    delta,
    range,
  });
}

function average(values: number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

function binomial(n: number, p: number): number[] {
  const law = [(1 - p) ** n];
  for (let k = 1; k <= n; k++) law.push(law[k - 1] * (n - k + 1) / k * p / (1 - p));
  return law;
}

/** confseq in a separate process, if bench:peers has installed it. */
async function confseq() {
  const { existsSync } = await import("node:fs"), { spawn } = await import("node:child_process");
  const { createInterface } = await import("node:readline"), { fileURLToPath } = await import("node:url");
  const at = (path: string) => fileURLToPath(new URL(path, import.meta.url));
  if (!existsSync(at(".peers/confseq")) || !existsSync(at(".peers/bin/python"))) {
    console.log("confseq is not installed: `deno task bench:peers` does that\n");
    return null;
  }
  const child = spawn(at(".peers/bin/python"), [at("peers/bounds.py")], { stdio: ["pipe", "pipe", "inherit"] });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  return {
    async ask(samples: Float64Array[], delta: number): Promise<[number, number]> {
      child.stdin.write(`${JSON.stringify({ delta, samples: samples.map((z) => [...z]) })}\n`);
      const answers = JSON.parse((await lines.next()).value!) as [number, number][];
      return [0, 1].map((i) => average(answers.map((answer) => answer[i]))) as [number, number];
    },
    end: () => child.stdin.end(),
  };
}

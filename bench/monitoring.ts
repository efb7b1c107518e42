// How soon alarms ring when a rate moves, beside other monitors. All but CUSUM keep the same promise: a false alarm, ever, with
// probability at most 0.05. CUSUM is tuned to a move by 0.05, and keeps 0.05 for 25,000 outcomes of the law before the move alone:
// that of one rate knows it, and that of pairs has its threshold from it.
//
//   deno run -A bench/monitoring.ts [streams] [--rate | --groups]
import { uniforms } from "./uniforms.ts";
import { Monitor, type Outcome } from "../seldonian/monitoring/mod.ts";

const alpha = 0.05, horizon = 25_000, streams = Number(Deno.args.find((one) => /^\d+$/.test(one)) ?? 200);

/** The promised limit of a difference. */
const gap = 0.1;

/** A row of a stream: a value 0 or 1 of group A or B. */
interface Row {
  inA: boolean;
  z: number;
}
/** A monitor of rows; true once its alarm rings. */
type Watcher = (row: Row) => boolean;

/** Where a rate, or the rate of group A, moves by so much; B stays. */
interface World {
  name: string;
  share: number;
  a: number;
  b: number;
}
const oneRate: World = { name: "PR <= 0.1, at 0.1", share: 1, a: 0.1, b: 0 };
const twoGroups: World = { name: "abs((PR | [A]) - (PR | [B])) <= 0.1, at 0.4 and 0.3", share: 0.3, a: 0.4, b: 0.3 };

function* rowsOf({ share, a, b }: World, seed: number, good: number, move: number): Generator<Row> {
  const uniform = uniforms(seed);
  for (let t = 0; t < horizon; t++) {
    const inA = uniform() < share;
    yield { inA, z: uniform() < (inA ? a + (t < good ? 0 : move) : b) ? 1 : 0 };
  }
}

/** One bettor, by online Newton steps, on values of at least -worst whose mean is at most 0 under the promise. */
function newton(level: number, worst: number): (y: number) => boolean {
  let bet = 0, squares = 1, capital = 1;
  return (y) => {
    const x = y / worst;
    capital *= 1 + bet * x;
    const slope = -x / (1 + bet * x);
    squares += slope * slope;
    bet = Math.min(0.5, Math.max(0, bet - 2 / (2 - Math.log(3)) * slope / squares));
    return capital >= 1 / level;
  };
}

/** Differences of one A and one B; what waits longer than its partner is left. */
function pairs(): (row: Row) => number | null {
  let a: number | null = null, b: number | null = null;
  return ({ inA, z }) => {
    if (inA) a = z;
    else b = z;
    if (a === null || b === null) return null;
    const difference = a - b;
    a = b = null;
    return difference;
  };
}

/** "Auditing Fairness by Betting" (B. Chugg et al., 2023). */
function paired(): Watcher {
  const sides = [newton(alpha / 2, 1 + gap), newton(alpha / 2, 1 + gap)], pair = pairs();
  return (row) => {
    const difference = pair(row);
    return difference !== null && sides.map((bettor, i) => bettor((i === 0 ? difference : -difference) - gap)).some(Boolean);
  };
}

/** MAPIE 1.6.0's risk monitoring: a gamma-exponential mixture with the variance seen, at level / 4 for a monitor at `level`. */
function mapie(threshold: number, level: number): Watcher {
  const twice = 2 * Math.log(0.5 / level), rho = 1 / (twice + Math.log1p(twice));
  const constant = rho * Math.log(rho) - logGamma(rho) - logLowerGamma(rho, rho);
  let n = 0, sum = 0, spread = 0;
  return ({ z }) => {
    const mean = n === 0 ? 0.5 : sum / n;
    spread += (z - mean) ** 2;
    sum += z;
    n++;
    const lead = sum - n * threshold, x = lead + spread + rho, v = spread + rho;
    return lead > 0 && constant + logGamma(v) + logLowerGamma(v, x) - v * Math.log(x) + lead + spread >= Math.log(1 / level);
  };
}

function logGamma(x: number): number {
  let shift = 0;
  for (; x < 10; x++) shift -= Math.log(x);
  const y = 1 / (x * x);
  return shift + (x - 0.5) * Math.log(x) - x + 0.5 * Math.log(2 * Math.PI) +
    (1 / 12 - y * (1 / 360 - y * (1 / 1260 - y / 1680))) / x;
}

/** The logarithm of the regularised lower incomplete gamma function, by its series. */
function logLowerGamma(a: number, x: number): number {
  let term = 1 / a, sum = term;
  for (let k = 1; k < 100_000 && term > sum * 1e-15; k++) sum += term *= x / (a + k);
  return a * Math.log(x) - x - logGamma(a) + Math.log(sum);
}

/** Sums of two sides, never below 0, with the greatest so far. */
function cusum(threshold: number, gains: (row: Row) => readonly number[] | null): Watcher & { greatest: () => number } {
  const sums = [0, 0];
  let greatest = 0;
  const watch = (row: Row) => {
    gains(row)?.forEach((gain, i) => sums[i] = Math.max(0, sums[i] + gain));
    greatest = Math.max(greatest, ...sums);
    return greatest >= threshold;
  };
  return Object.assign(watch, { greatest: () => greatest });
}

/** Two-sided CUSUM for moves of A's rate by 0.05 either way. */
function cusumOfRate({ a }: World, threshold: number) {
  const ratios = [0.05, -0.05].map((move) => [Math.log((1 - a - move) / (1 - a)), Math.log((a + move) / a)]);
  return cusum(threshold, ({ inA, z }) => inA ? ratios.map((ratio) => ratio[z]) : null);
}

/** CUSUM of the logarithms that the best bets for a move by 0.05 win on pairs of one A and one B: base rates may be anything. */
function cusumOfPairs({ a, b }: World, threshold: number) {
  const bet = 0.05 / (a * (1 - a) + b * (1 - b)), pair = pairs();
  return cusum(threshold, (row) => {
    const difference = pair(row);
    return difference === null ? null : [difference, -difference].map((d) => Math.log1p(bet * (d - gap)));
  });
}

/** The threshold that in-control streams reach with probability 0.05. */
function tuned(world: World, cusum: typeof cusumOfRate): number {
  const found = Array.from({ length: 1000 }, (_, i) => {
    const watcher = cusum(world, Infinity);
    for (const row of rowsOf(world, 1_000_000 + i, horizon, 0)) watcher(row);
    return watcher.greatest();
  });
  return found.sort((x, y) => x - y)[Math.ceil(found.length * (1 - alpha))];
}

function first(watcher: Watcher, rows: Iterable<Row>): number {
  let t = 0;
  for (const row of rows) {
    t++;
    if (watcher(row)) return t;
  }
  return Infinity;
}

function ours(text: string, rows: Iterable<Row>): number {
  const monitor = new Monitor([text], { alpha, exclusive: [["A", "B"]] });
  let some: Outcome[] = [];
  for (const { inA, z } of rows) {
    some.push({ output: z, columns: { A: inA, B: !inA } });
    if (some.length < 250) continue;
    const { alarm } = monitor.add(some);
    if (alarm !== null) return alarm.outcome;
    some = [];
  }
  return Infinity;
}

const worlds = [oneRate, twoGroups].filter((_, i) => !Deno.args.includes(i === 0 ? "--groups" : "--rate"));
const cases = worlds.map((world) => {
  const isOne = world === oneRate, threshold = tuned(world, cusumOfRate), ofPairs = isOne ? 0 : tuned(world, cusumOfPairs);
  const contenders: Record<string, (rows: () => Iterable<Row>) => number> = {
    "this kit": (rows) => ours(world.name.split(", at")[0], rows()),
    ...(isOne
      ? {
        "MAPIE 1.6.0": (rows: () => Iterable<Row>) => first(mapie(0.1, alpha / 4), rows()),
        "its bound, at 0.05": (rows: () => Iterable<Row>) => first(mapie(0.1, alpha), rows()),
        "one bettor (ONS)": (rows: () => Iterable<Row>) => {
          const bettor = newton(alpha, 0.1);
          return first(({ z }) => bettor(z - 0.1), rows());
        },
      }
      : {
        "paired audit": (rows: () => Iterable<Row>) => first(paired(), rows()),
        "CUSUM of pairs": (rows: () => Iterable<Row>) => first(cusumOfPairs(world, ofPairs), rows()),
      }),
    "CUSUM, law known": (rows) => first(cusumOfRate(world, threshold), rows()),
  };
  return { world, contenders };
});

const middle = (found: number[]) => found.sort((x, y) => x - y)[found.length >> 1];
for (const { world, contenders } of cases) {
  console.log(`\n${world.name}; median delay of ${streams} streams, false alarms before the move\n`);
  console.log("| good outcomes | move | " + Object.keys(contenders).join(" | ") + " |");
  console.log("| --- | --- | " + Object.keys(contenders).map(() => "---").join(" | ") + " |");
  for (const good of [0, 5000]) {
    for (const move of [0.02, 0.05, 0.1]) {
      const cells = Object.values(contenders).map((contender) => {
        const found = Array.from({ length: streams }, (_, i) => contender(() => rowsOf(world, i + 1, good, move)));
        const early = found.filter((t) => t <= good).length, delay = middle(found.filter((t) => t > good).map((t) => t - good));
        return `${delay === Infinity ? `over ${horizon - good}` : delay}${early === 0 ? "" : ` (${early} early)`}`;
      });
      console.log(`| ${good} | ${move} | ${cells.join(" | ")} |`);
    }
  }
}

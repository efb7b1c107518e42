/**
 * Writes the one-dimensional transforms of the Cook-Toom (Winograd) algorithm as AssemblyScript, for the build.
 *
 * With n points, of which one is infinity, F(m, r) computes m = n + 1 - r outputs of a filter with r taps from n products:
 * y = Aᵀ ((G w) (B x)), and for the filter's gradient dw = Gᵀ ((A dy) (B x)). A number x_0, x_1, … is taken as the coefficients
 * of a polynomial: A and G evaluate it at the points, G with the scale 1 / Π (p - q) over the other points q; B holds the
 * coefficients of the polynomials Π (x - q). Points in pairs p, -p share the sums of even and of odd powers.
 * Source: S. Winograd, "Arithmetic complexity of computations" (1980); A. Lavin, S. Gray, "Fast algorithms for convolutional
 * neural networks", CVPR 2016.
 * @module
 */

/**
 * The points are these and their negatives, and infinity. Of all quadruples of eighths up to 3 this is within a tenth of the one
 * with the smallest rounding error in F(5, 5), and 1 among them makes products cheaper.
 */
const pairs = [1 / 4, 3 / 4, 1, 2];

/** Taps that a filter may have. */
const mostTaps = 5;

/** The source: inline functions that read vectors `step` bytes apart and write vectors `toStep` bytes apart. */
export function transformsSource(): string {
  const count = pairs.length, points = 2 * count + 1, constants: number[] = [];
  /** A vector of a constant, from memory at a fixed place: one instruction without a check, and no register for long. */
  const constant = (value: number): string => {
    if (!constants.includes(value)) constants.push(value);
    return `constant(${4 * constants.indexOf(value)})`;
  };
  /** Σ of terms [number, vector], from the last on; 0 and 1 cost nothing. */
  const sum = (terms: [number, string][]): string => {
    const [[scale, x], ...rest] = terms.filter(([scale]) => scale !== 0);
    if (rest.length === 0) return scale === 1 ? x : `f32x4.mul(${x}, ${constant(scale)})`;
    return scale === 1 ? `f32x4.add(${sum(rest)}, ${x})` : `multiplyAdd(${x}, ${constant(scale)}, ${sum(rest)})`;
  };
  const range = (length: number) => Array.from({ length }, (_, i) => i);
  const at = (place: string, step: string, i: number) =>
    i === 0 ? place : i === 1 ? `${place} + ${step}` : `${place} + ${i} * ${step}`;
  const load = (i: number) => `v128.load(${at("from", "step", i)})`;
  const store = (i: number, value: string) => `  v128.store(${at("to", "toStep", i)}, ${value});`;
  const inline = (name: string, parameters: string, body: string[]) =>
    `// @ts-ignore: a decorator of AssemblyScript\n@inline\nexport function ${name}(${parameters}): void {\n${
      body.join("\n")
    }\n}`;
  const places = "from: usize, step: usize, to: usize, toStep: usize";

  /** Coefficients of Π (t - p²) over the pairs but one, from t⁰ on. */
  const without = (left: number) =>
    pairs.reduce(
      (polynomial, p, k) =>
        k === left ? polynomial : [...polynomial, 0].map((_, i) => (polynomial[i - 1] ?? 0) - p * p * (polynomial[i] ?? 0)),
      [1],
    );
  const even = (scales: number[]) => scales.map((scale, i): [number, string] => [scale, `x${2 * i}`]);
  const odd = (scales: number[]) => scales.map((scale, i): [number, string] => [scale, `x${2 * i + 1}`]);
  const powers = (p: number, length: number) => range(length).map((i) => p ** i);
  /** 1 / Π (p - q) over the other points q, infinity not among them. */
  const scale = (k: number) =>
    1 / (2 * pairs[k] * pairs.reduce((product, q, j) => j === k ? product : product * (pairs[k] ** 2 - q * q), 1));

  // The rows of B for p and -p are ±(Σ p q_i x_2i ± Σ q_i x_2i+1), with q = without(p): the sign makes both scales of G one.
  const data = [
    `  const ${range(points).map((i) => `x${i} = ${load(i)}`).join(", ")};`,
    ...pairs.flatMap((p, k) => [
      `  const e${k} = ${sum(even(without(k).map((q) => p * q)))};`,
      `  const o${k} = ${sum(odd(without(k)))};`,
      store(2 * k, `f32x4.add(e${k}, o${k})`),
      store(2 * k + 1, `f32x4.sub(e${k}, o${k})`),
    ]),
    store(points - 1, sum(even(without(-1)))),
  ];
  const sums = [
    `  const m = ${load(points - 1)};`,
    ...pairs.flatMap((_, k) => [
      `  const a${k} = ${load(2 * k)}, b${k} = ${
        load(2 * k + 1)
      }, s${k} = f32x4.add(a${k}, b${k}), d${k} = f32x4.sub(a${k}, b${k});`,
    ]),
  ];
  const kept = (i: number, value: string) =>
    store(i, `keep ? f32x4.add(v128.load(${at("to", "toStep", i)}), ${value}) : ${value}`);
  const back = [
    ...sums,
    ...range(points).map((i) => {
      const half = i >> 1,
        terms = pairs.map((p, k): [number, string] => {
          const q = without(k)[half] ?? 0;
          return i % 2 === 0 ? [p * q, `s${k}`] : [q, `d${k}`];
        });
      return kept(i, sum(i % 2 === 0 ? [...terms, [without(-1)[half], "m"]] : terms));
    }),
  ];
  /** The i-th power's sum over points. */
  const output = (i: number) => sum(pairs.map((p, k): [number, string] => [p ** i, `${i % 2 === 0 ? "s" : "d"}${k}`]));
  const least = points + 1 - mostTaps, last = "to + (outputs - 1) * toStep";
  const outputs = [
    ...sums,
    ...range(points - 1).map((i) =>
      (i < least ? "" : `  if (outputs > ${i}) {\n  `) + store(i, output(i)) + (i < least ? "" : "\n  }")
    ),
    `  v128.store(${last}, f32x4.add(v128.load(${last}), m));`,
  ];
  /** A w, or with the scales G w, of polynomials whose coefficients are x0, x1, …. */
  const evaluate = (length: number, scaled: boolean) =>
    pairs.flatMap((p, k) => {
      const terms = powers(p, length).map((power, i): [number, string] => [power * (scaled ? scale(k) : 1), `x${i}`]);
      return [
        `  const e${k} = ${sum(terms.filter((_, i) => i % 2 === 0))}, o${k} = ${sum(terms.filter((_, i) => i % 2 === 1))};`,
        store(2 * k, `f32x4.add(e${k}, o${k})`),
        store(2 * k + 1, `f32x4.sub(e${k}, o${k})`),
      ];
    });
  const slopes = range(mostTaps).reverse().map((j) => points - 1 - j).filter((m) => m >= least).map((m) => [
    `  if (outputs == ${m}) {`,
    `  const ${range(m).map((i) => `x${i} = ${load(i)}`).join(", ")};`,
    ...evaluate(m, false),
    store(points - 1, `x${m - 1}`),
    "  }",
  ]).flat();
  const filter = [
    `  const ${range(mostTaps).map((i) => `x${i} = ${load(i)}`).join(", ")};`,
    ...evaluate(mostTaps, true),
    store(points - 1, "v128.load(from + (taps - 1) * step)"),
  ];
  const lastTap = "to + (taps - 1) * toStep";
  const filterGradient = [
    ...sums,
    ...range(mostTaps).map((i) =>
      store(i, sum(pairs.map((p, k): [number, string] => [p ** i * scale(k), `${i % 2 === 0 ? "s" : "d"}${k}`])))
    ),
    `  v128.store(${lastTap}, f32x4.add(v128.load(${lastTap}), m));`,
  ];
  const functions = [
    inline("putData", places, data),
    inline("putBack", `${places}, keep: bool`, back),
    inline("putOutputs", `${places}, outputs: i32`, outputs),
    inline("putSlopes", `${places}, outputs: i32`, slopes),
    inline("putFilter", `${places}, taps: i32`, filter),
    inline("putFilterGradient", `${places}, taps: i32`, filterGradient),
  ];
  return `import { multiplyAdd } from "./vectors";

/** Points in each direction. */
export const POINTS: usize = ${points};
/** The point where every power is 1. */
export const ONE: usize = ${2 * pairs.indexOf(1)};
/** Most taps of a filter in each direction. */
export const TAPS: usize = ${mostTaps};

const constants = memory.data<f32>([${constants.join(", ")}], 16);

// @ts-ignore: a decorator of AssemblyScript
@inline
function constant(at: usize): v128 {
  return v128.load32_splat(constants + at);
}

${functions.join("\n\n")}
`;
}

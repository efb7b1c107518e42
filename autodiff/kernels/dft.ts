/**
 * Writes discrete Fourier transforms of 18 numbers as AssemblyScript, for the build: X[k] = Σ x[n] w^(n k) with w = e^(-2πi/18).
 *
 * 18 = 2 · 9, which have no common factor, so that with n = 9 a + 2 b and k = 9 c + 10 d (mod 18) the transform is one of 2 for each
 * of one of 9, without factors between them; that of 9 is of 3 by 3. All factors are on the unit circle: errors are a few units in
 * the last place of the greatest number, where interpolation at real points loses digits with every point more.
 * Sources: I. J. Good, "The interaction algorithm and practical Fourier analysis" (1958); J. W. Cooley and J. W. Tukey, "An algorithm
 * for the machine calculation of complex Fourier series" (1965).
 * @module
 */

/** A vector by its name, or what is known to be 0. */
type Value = { name: string; negative: boolean } | null;

/** A complex number. */
interface Complex {
  re: Value;
  im: Value;
}

const size = 18, root3 = Math.sqrt(3);

/** Bytes of a line, ten complex vectors, and from a real part to its imaginary one in a line and in a spectrum. */
const line = 320, inLine = 16, inSpectrum = 32;

/** The source: a tile's rows are transformed to lines, and columns of lines to points of a spectrum, `point` bytes apart; and back. */
export function dftSource(): string {
  const constants: number[] = [];
  let lines: string[] = [], count = 0;
  /** A vector of a constant, from memory at a fixed place: one instruction without a check, and no register for long. */
  const constant = (value: number): string => {
    if (!constants.includes(value)) constants.push(value);
    return `constant(${4 * constants.indexOf(value)})`;
  };
  const named = (expression: string): Value => {
    lines.push(`  const t${count} = ${expression};`);
    return { name: `t${count++}`, negative: false };
  };
  const neg = (x: Value): Value => x && { name: x.name, negative: !x.negative };
  const add = (x: Value, y: Value): Value => {
    if (x === null || y === null) return x ?? y;
    if (x.negative && y.negative) return neg(named(`f32x4.add(${x.name}, ${y.name})`));
    if (x.negative) return named(`f32x4.sub(${y.name}, ${x.name})`);
    return named(`f32x4.${y.negative ? "sub" : "add"}(${x.name}, ${y.name})`);
  };
  const scaled = (x: Value, by: number): Value => x && named(`f32x4.mul(${x.name}, ${constant(x.negative ? -by : by)})`);
  /** x + by · y. */
  const plus = (x: Value, by: number, y: Value): Value => {
    if (x === null || y === null) return x ?? scaled(y, by);
    const sum = named(`multiplyAdd(${y.name}, ${constant(y.negative === x.negative ? by : -by)}, ${x.name})`);
    return x.negative ? neg(sum) : sum;
  };
  const sum = (x: Complex, y: Complex): Complex => ({ re: add(x.re, y.re), im: add(x.im, y.im) });
  const difference = (x: Complex, y: Complex): Complex => ({ re: add(x.re, neg(y.re)), im: add(x.im, neg(y.im)) });
  const conjugate = ({ re, im }: Complex): Complex => ({ re, im: neg(im) });
  /** x e^(-2πi turns). */
  const turned = ({ re, im }: Complex, turns: number): Complex => {
    if (turns === 0) return { re, im };
    const cos = Math.cos(2 * Math.PI * turns), sin = Math.sin(2 * Math.PI * turns);
    return { re: plus(scaled(re, cos), sin, im), im: plus(scaled(im, cos), -sin, re) };
  };
  /** The transform of three. */
  const dft3 = ([x, y, z]: Complex[]): Complex[] => {
    const s = sum(y, z), d = difference(y, z);
    const middle = { re: plus(x.re, -0.5, s.re), im: plus(x.im, -0.5, s.im) };
    return [
      sum(x, s),
      { re: plus(middle.re, root3 / 2, d.im), im: plus(middle.im, -root3 / 2, d.re) },
      { re: plus(middle.re, -root3 / 2, d.im), im: plus(middle.im, root3 / 2, d.re) },
    ];
  };
  const range = (length: number) => Array.from({ length }, (_, i) => i);
  /** The transform of nine; of real numbers only the first five, whose conjugates are the others. */
  const dft9 = (x: Complex[], real: boolean): Complex[] => {
    const inner = range(3).map((b) => dft3([x[b], x[b + 3], x[b + 6]])), found: Complex[] = [];
    for (const k of real ? [0, 1] : [0, 1, 2]) {
      const outer = dft3(range(3).map((b) => turned(inner[b][k], b * k / 9)));
      outer.forEach((z, j) => found[k + 3 * j] = z);
    }
    if (real) found[2] = conjugate(found[7]);
    return found;
  };
  /** The transform of eighteen; each number is asked for once. Of real numbers only the first ten. */
  const dft18 = (at: (i: number) => Complex, real: boolean): Complex[] => {
    const [even, odd] = [0, 9].map((start) => dft9(range(9).map((b) => at((start + 2 * b) % size)), real));
    const found: Complex[] = [];
    for (const d of range(real ? 5 : 9)) {
      const both = [sum(even[d], odd[d]), difference(even[d], odd[d])];
      // 10 d and 10 d + 9 modulo 18: one is even, one odd. Of real numbers the conjugates have the numbers that are left.
      both.forEach((z, c) => {
        const k = (10 * d + 9 * c) % size;
        if (!real || k < 10) found[k] = z;
        if (real && k > 0 && size - k < 10) found[size - k] = conjugate(z);
      });
    }
    return found;
  };
  /** The nine real numbers whose transform begins with these five, times nine. */
  const inverse9 = ([x0, x1, x2, x3, x4]: Complex[]): Value[] => {
    const evens = dft3([{ re: x0.re, im: null }, conjugate(x3), x3]).map(({ re }) => re);
    const found: Value[] = [];
    // The inverse of three is that of the conjugates, conjugate.
    dft3([conjugate(x1), conjugate(x4), x2]).map(conjugate).forEach((z, a) => {
      const { re, im } = conjugate(turned(conjugate(z), a / 9)), twice = add(re, re);
      const less = plus(evens[a], -1, re);
      found[a] = add(evens[a], twice);
      found[a + 3] = plus(less, -root3, im);
      found[a + 6] = plus(less, root3, im);
    });
    return found;
  };
  const load = (place: string, offset: number) => named(`v128.load(${place}, ${offset})`);
  const store = (place: string, offset: number, x: Value) => {
    const value = x === null ? "f32x4.splat(0)" : x.negative ? `f32x4.neg(${x.name})` : x.name;
    lines.push(`  v128.store(${place}, ${value}, ${offset});`);
  };
  const pointAt = (place: string, k: number) => k === 0 ? place : `${place} + ${k} * point`;
  const functionOf = (name: string, comment: string, parameters: string, write: () => void): string => {
    lines = [];
    count = 0;
    write();
    return `/** ${comment} */\nexport function ${name}(${parameters}): void {\n${lines.join("\n")}\n}`;
  };
  /** The real numbers whose transform begins with ten, times 18. */
  const inverse18 = (at: (k: number) => Complex, put: (i: number, x: Value) => void) => {
    // Those with an even number are the transform of the sums of two, those with an odd one of the differences.
    const [evens, odds] = [[0, -8, 2, -6, 4], [9, 1, -7, 3, -5]].map((which) =>
      inverse9(which.map((k) => k < 0 ? conjugate(at(-k)) : at(k)))
    );
    for (const b of range(9)) {
      put(2 * b, add(evens[b], odds[b]));
      put((2 * b + 9) % size, add(evens[b], neg(odds[b])));
    }
  };
  const places = "from: usize, to: usize", placesAndPoint = `${places}, point: usize`;
  /** Imaginary parts of the first and the last are 0, and not looked at. */
  const half = (k: number, re: Value, im: () => Value): Complex => ({ re, im: k % 9 === 0 ? null : im() });
  const functions = [
    functionOf(
      "rowSpectrum",
      "A row of 18 real vectors to a line: the first half of its transform.",
      places,
      () =>
        dft18((i) => ({ re: load("from", 16 * i), im: null }), true).forEach(({ re, im }, k) => {
          store("to", 32 * k, re);
          store("to", 32 * k + inLine, im);
        }),
    ),
    functionOf(
      "columnSpectrum",
      "A column of 18 lines to 18 points: its transform.",
      placesAndPoint,
      () =>
        dft18((i) => ({ re: load("from", line * i), im: load("from", line * i + inLine) }), false).forEach(({ re, im }, k) => {
          store(pointAt("to", k), 0, re);
          store(pointAt("to", k), inSpectrum, im);
        }),
    ),
    functionOf(
      "realColumnSpectrum",
      "A real column of 18 lines to ten points: the first half of its transform.",
      placesAndPoint,
      () =>
        dft18((i) => ({ re: load("from", line * i), im: null }), true).forEach(({ re, im }, k) => {
          store(pointAt("to", k), 0, re);
          store(pointAt("to", k), inSpectrum, im);
        }),
    ),
    // With real and imaginary parts exchanged on both sides the transform is its own inverse, times 18.
    functionOf(
      "columnSignal",
      "18 points to a column of lines: the inverse of `columnSpectrum`, times 18.",
      placesAndPoint,
      () =>
        dft18((k) => ({ re: load(pointAt("from", k), inSpectrum), im: load(pointAt("from", k), 0) }), false).forEach(
          ({ re, im }, i) => {
            store("to", line * i + inLine, re);
            store("to", line * i, im);
          },
        ),
    ),
    functionOf(
      "realColumnSignal",
      "Ten points to a real column of lines: the inverse of `realColumnSpectrum`, times 18.",
      placesAndPoint,
      () =>
        inverse18(
          (k) => half(k, load(pointAt("from", k), 0), () => load(pointAt("from", k), inSpectrum)),
          (i, x) => store("to", line * i, x),
        ),
    ),
    functionOf(
      "rowSignal",
      "A line to a row of 18 real vectors: the inverse of `rowSpectrum`, times 18.",
      places,
      () =>
        inverse18((k) => half(k, load("from", 32 * k), () => load("from", 32 * k + inLine)), (i, x) => store("to", 16 * i, x)),
    ),
  ];
  return `import { multiplyAdd } from "./vectors";

const constants = memory.data<f32>([${constants.join(", ")}], 16);

// @ts-ignore: a decorator of AssemblyScript
@inline
function constant(at: usize): v128 {
  return v128.load32_splat(constants + at);
}

${functions.join("\n\n")}
`;
}

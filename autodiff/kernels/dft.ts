/**
 * Writes the AssemblyScript source of discrete Fourier transforms of 18 numbers: X[k] = Σ x[n] w^(n k) with w = e^(-2πi/18).
 * 18 = 2 · 9, and 2 and 9 are coprime. So with n = 9 a + 2 b and k = 9 c + 10 d (mod 18) the transform is a 2 by 9 transform
 * without twiddle factors; the transform of 9 is 3 by 3. All factors are on the unit circle, so errors are a few units in the
 * last place of the greatest number. Interpolation at real points would lose digits with every further point. Sources: I. J.
 * Good, "The interaction algorithm and practical Fourier analysis" (1958); J. W. Cooley and J. W. Tukey, "An algorithm for the
 * machine calculation of complex Fourier series" (1965).
 * @module
 */

import { type Complex, conjugate, negative, type Value, VectorText } from "./vector_text.ts";

const size = 18, root3 = Math.sqrt(3);

/** Bytes of a line (ten complex vectors), and from a real part to its imaginary part in a line and in a spectrum. */
const line = 320, inLine = 16, inSpectrum = 32;

/** The source: transforms of a tile's rows to lines, of columns of lines to spectrum points `point` bytes apart, and back. */
export function dftSource(): string {
  const text = new VectorText(), functions = [...spectra(text), ...signals(text)];
  return `import { multiplyAdd } from "./vectors";

const constants = memory.data<f32>([${text.constants.join(", ")}], 16);

// @ts-ignore: a decorator of AssemblyScript
@inline
function constant(at: usize): v128 {
  return v128.load32_splat(constants + at);
}

${functions.join("\n\n")}
`;
}

const places = "from: usize, to: usize", placesAndPoint = `${places}, point: usize`;

/** Forward transforms. */
function spectra(text: VectorText): string[] {
  const storeAt = (k: number, { re, im }: Complex) => {
    text.store(pointAt("to", k), 0, re);
    text.store(pointAt("to", k), inSpectrum, im);
  };
  return [
    text.functionOf("rowSpectrum", {
      comment: "A row of 18 real vectors to a line: the first half of its transform.",
      parameters: places,
    }, () =>
      dft18(text, (i) => ({ re: text.load("from", 16 * i), im: null }), true).forEach(({ re, im }, k) => {
        text.store("to", 32 * k, re);
        text.store("to", 32 * k + inLine, im);
      })),
    text.functionOf("columnSpectrum", {
      comment: "A column of 18 lines to 18 points: its transform.",
      parameters: placesAndPoint,
    }, () => {
      const at = (i: number) => ({ re: text.load("from", line * i), im: text.load("from", line * i + inLine) });
      dft18(text, at, false).forEach((z, k) => storeAt(k, z));
    }),
    text.functionOf("realColumnSpectrum", {
      comment: "A real column of 18 lines to ten points: the first half of its transform.",
      parameters: placesAndPoint,
    }, () => dft18(text, (i) => ({ re: text.load("from", line * i), im: null }), true).forEach((z, k) => storeAt(k, z))),
  ];
}

/** Inverse transforms. */
function signals(text: VectorText): string[] {
  /** The imaginary parts of the first and last are 0 and not read. */
  const half = (k: number, re: Value, im: () => Value): Complex => ({ re, im: k % 9 === 0 ? null : im() });
  return [
    // With real and imaginary parts swapped on both sides, the transform is its own inverse, times 18.
    text.functionOf("columnSignal", {
      comment: "18 points to a column of lines: the inverse of `columnSpectrum`, times 18.",
      parameters: placesAndPoint,
    }, () => {
      const at = (k: number) => ({ re: text.load(pointAt("from", k), inSpectrum), im: text.load(pointAt("from", k), 0) });
      dft18(text, at, false).forEach(({ re, im }, i) => {
        text.store("to", line * i + inLine, re);
        text.store("to", line * i, im);
      });
    }),
    text.functionOf("realColumnSignal", {
      comment: "Ten points to a real column of lines: the inverse of `realColumnSpectrum`, times 18.",
      parameters: placesAndPoint,
    }, () =>
      inverse18(
        text,
        (k) => half(k, text.load(pointAt("from", k), 0), () => text.load(pointAt("from", k), inSpectrum)),
        (i, x) => text.store("to", line * i, x),
      )),
    text.functionOf("rowSignal", {
      comment: "A line to a row of 18 real vectors: the inverse of `rowSpectrum`, times 18.",
      parameters: places,
    }, () =>
      inverse18(
        text,
        (k) => half(k, text.load("from", 32 * k), () => text.load("from", 32 * k + inLine)),
        (i, x) => text.store("to", 16 * i, x),
      )),
  ];
}

function pointAt(place: string, k: number): string {
  return k === 0 ? place : `${place} + ${k} * point`;
}

/** The transform of 18 numbers, each read once; for real input only the first ten results. */
function dft18(text: VectorText, at: (i: number) => Complex, real: boolean): Complex[] {
  const [even, odd] = [0, 9].map((start) => dft9(text, range(9).map((b) => at((start + 2 * b) % size)), real));
  const found: Complex[] = [];
  for (const d of range(real ? 5 : 9)) {
    const both = [text.sum(even[d], odd[d]), text.difference(even[d], odd[d])];
    // 10 d and 10 d + 9 modulo 18: one is even, one odd. For real input, conjugates fill the remaining indices.
    both.forEach((z, c) => {
      const k = (10 * d + 9 * c) % size;
      if (!real || k < 10) found[k] = z;
      if (real && k > 0 && size - k < 10) found[size - k] = conjugate(z);
    });
  }
  return found;
}

/** The transform of 9 numbers; for real input only the first five results, whose conjugates are the others. */
function dft9(text: VectorText, x: Complex[], real: boolean): Complex[] {
  const inner = range(3).map((b) => dft3(text, [x[b], x[b + 3], x[b + 6]])), found: Complex[] = [];
  for (const k of real ? [0, 1] : [0, 1, 2]) {
    const outer = dft3(text, range(3).map((b) => text.turned(inner[b][k], b * k / 9)));
    outer.forEach((z, j) => found[k + 3 * j] = z);
  }
  if (real) found[2] = conjugate(found[7]);
  return found;
}

/** The transform of 3 numbers. */
function dft3(text: VectorText, [x, y, z]: Complex[]): Complex[] {
  const s = text.sum(y, z), d = text.difference(y, z);
  const middle = { re: text.plus(x.re, -0.5, s.re), im: text.plus(x.im, -0.5, s.im) };
  return [
    text.sum(x, s),
    { re: text.plus(middle.re, root3 / 2, d.im), im: text.plus(middle.im, -root3 / 2, d.re) },
    { re: text.plus(middle.re, -root3 / 2, d.im), im: text.plus(middle.im, root3 / 2, d.re) },
  ];
}

/** The 18 real numbers whose transform begins with these ten, times 18. */
function inverse18(text: VectorText, at: (k: number) => Complex, put: (i: number, x: Value) => void): void {
  // Even indices are the transform of sums of two numbers, odd indices of their differences.
  const [evens, odds] = [[0, -8, 2, -6, 4], [9, 1, -7, 3, -5]].map((which) =>
    inverse9(text, which.map((k) => k < 0 ? conjugate(at(-k)) : at(k)))
  );
  for (const b of range(9)) {
    put(2 * b, text.add(evens[b], odds[b]));
    put((2 * b + 9) % size, text.add(evens[b], negative(odds[b])));
  }
}

/** The 9 real numbers whose transform begins with these five, times 9. */
function inverse9(text: VectorText, [x0, x1, x2, x3, x4]: Complex[]): Value[] {
  const evens = dft3(text, [{ re: x0.re, im: null }, conjugate(x3), x3]).map(({ re }) => re);
  const found: Value[] = [];
  // The inverse transform of 3 numbers is the conjugate of the transform of their conjugates.
  dft3(text, [conjugate(x1), conjugate(x4), x2]).map(conjugate).forEach((z, a) => {
    const { re, im } = conjugate(text.turned(conjugate(z), a / 9)), twice = text.add(re, re);
    const less = text.plus(evens[a], -1, re);
    found[a] = text.add(evens[a], twice);
    found[a + 3] = text.plus(less, -root3, im);
    found[a + 6] = text.plus(less, root3, im);
  });
  return found;
}

function range(length: number): number[] {
  return Array.from({ length }, (_, i) => i);
}

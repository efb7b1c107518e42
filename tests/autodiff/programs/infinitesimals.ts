/** Numbers with infinitesimals ε₀, ε₁, …, whose squares are 0. */

/** The coefficients of products of infinitesimals: [i] belongs to the product of those whose bits are set in i. */
export type Num = number[];

export function plus(x: Num, y: Num, sign = 1): Num {
  if (x.length === 1 && y.length === 1) return [x[0] + sign * y[0]];
  return Array.from({ length: Math.max(x.length, y.length) }, (_, i) => (x[i] ?? 0) + sign * (y[i] ?? 0));
}

export function times(x: Num, y: Num): Num {
  if (x.length === 1 && y.length === 1) return [x[0] * y[0]];
  const z = new Array<number>(Math.max(x.length, y.length)).fill(0);
  for (let i = 0; i < x.length; i++) for (let j = 0; j < y.length; j++) if ((i & j) === 0) z[i | j] += x[i] * y[j];
  return z;
}

export const scaled = (x: Num, factor: number): Num => x.map((part) => part * factor);

/** f(x), from f and its derivatives at x's first part. */
export function chain(x: Num, [value, ...derivatives]: number[]): Num {
  if (x.length === 1) return [value];
  const small = [0, ...x.slice(1)];
  let power: Num = [1], sum: Num = [value];
  derivatives.forEach((derivative, i) => {
    power = scaled(times(power, small), 1 / (i + 1));
    sum = plus(sum, scaled(power, derivative));
  });
  return sum;
}

export const logistic = (x: number) => x < 0 ? Math.exp(x) / (1 + Math.exp(x)) : 1 / (1 + Math.exp(-x));
export const logisticSlopes = (s: number) => [s * (1 - s), s * (1 - s) * (1 - 2 * s), s * (1 - s) * (1 - 6 * s + 6 * s * s)];

export const inverse = (x: Num) => chain(x, [1 / x[0], -1 / x[0] ** 2, 2 / x[0] ** 3, -6 / x[0] ** 4]);
export const exponential = (x: Num) => chain(x, new Array<number>(4).fill(Math.exp(x[0])));
export const logarithm = (x: Num) => chain(x, [Math.log(x[0]), 1 / x[0], -1 / x[0] ** 2, 2 / x[0] ** 3]);

export const sumOf = (group: Num[]) => group.reduce((sum, x) => plus(sum, x), [0]);

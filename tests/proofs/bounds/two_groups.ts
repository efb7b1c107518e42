/** Rows of two groups, laws to draw them from, and bounds on forms of their means. */
import { uniformFloat64 } from "../../../deps.ts";
import { type Members, oneAccountUpper } from "../../../seldonian/bounds/one_account.ts";
import { randomStream } from "../../../seldonian/random.ts";

/** A row: member of A, x, member of B, y. */
export type Row = readonly [a: number, x: number, b: number, y: number];

export function groupsOf(rows: readonly Row[], [a, b]: readonly [number, number]): [Members, Members] {
  const column = (i: number) => rows.map((row) => row[i]);
  return [
    { coefficient: a, member: Uint8Array.from(column(0)), values: Float64Array.from(column(1)) },
    { coefficient: b, member: Uint8Array.from(column(2)), values: Float64Array.from(column(3)) },
  ];
}

export function upperOf(rows: readonly Row[], form: readonly [number, number], delta: number): number {
  const [first, second] = groupsOf(rows, form);
  return oneAccountUpper(first, second, delta);
}

/** A law to draw from: it makes a row from uniform numbers in [0, 1). */
export interface Law {
  form: readonly [number, number];
  row(uniform: () => number): Row;
}

export function draws(law: Law, n: number, seed: number): Row[] {
  const random = randomStream(seed, "draws"), uniform = () => uniformFloat64(random);
  return Array.from({ length: n }, () => law.row(uniform));
}

export const is = (p: number, uniform: () => number) => uniform() < p ? 1 : 0;

export const difference = [1, -1] as const;
export const halves = (p: number): Law => ({ form: difference, row: (u) => split(is(0.5, u), is(p, u)) });

export function split(a: number, z: number): Row {
  return [a, z, 1 - a, z];
}

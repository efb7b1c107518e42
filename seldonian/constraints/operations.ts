import * as elementary from "../../autodiff/mathematics/elementary.ts";
import * as interval from "./interval.ts";
import type { Interval } from "./interval.ts";

/** Everything the kit knows about an operator of the constraint language, in one place. */
export interface Operation {
  /** Its notation: between two operands, before one, or as a function. */
  notation: "infix" | "prefix" | "function";
  /** How strongly an infix or prefix operator binds; greater is stronger. */
  precedence: number;
  /** Fewest and most operands. */
  operands: readonly [number, number];
  /**
   * Which bound of operand i the operation's upper bound depends on; its lower bound depends on the other one. A minus sign needs
   * both, as in the Python toolkit, where -x is -1 * x.
   */
  upperNeeds(i: number): "upper" | "lower" | "both";
  value(...x: number[]): number;
  interval(...x: Interval[]): Interval;
}

/** The name of an operation; "negate" is the minus sign before one operand. */
export type Operator = "+" | "-" | "*" | "/" | "**" | "negate" | "abs" | "exp" | "log" | "min" | "max";

/** The operators, by their names in constraints. */
export const operations: Record<Operator, Operation> = {
  "+": infix(1, () => "upper", (x, y) => x + y, interval.add),
  "-": infix(1, (i) => i === 0 ? "upper" : "lower", (x, y) => x - y, interval.sub),
  "*": infix(2, () => "both", (x, y) => x * y, interval.mul),
  "/": infix(2, () => "both", (x, y) => x / y, interval.div),
  "**": infix(4, () => "both", (x, y) => x ** y, interval.power),
  negate: { ...named("both", (x) => -x, interval.neg), notation: "prefix", precedence: 3 },
  abs: named("both", Math.abs, interval.abs),
  exp: named("upper", elementary.exp, interval.exp),
  log: named("upper", elementary.log, interval.log),
  min: { ...named("upper", Math.min, (...x) => x.reduce(interval.min)), operands: [2, Infinity] },
  max: { ...named("upper", Math.max, (...x) => x.reduce(interval.max)), operands: [2, Infinity] },
};

function infix(
  precedence: number,
  upperNeeds: Operation["upperNeeds"],
  value: (x: number, y: number) => number,
  interval: (x: Interval, y: Interval) => Interval,
): Operation {
  return { notation: "infix", precedence, operands: [2, 2], upperNeeds, value, interval };
}

function named(
  needs: "upper" | "both",
  value: (...x: number[]) => number,
  interval: (...x: Interval[]) => Interval,
): Operation {
  return { notation: "function", precedence: 5, operands: [1, 1], upperNeeds: () => needs, value, interval };
}

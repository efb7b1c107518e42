/** Programs, and what is known about their values. */
import type { DType } from "../../../autodiff/mod.ts";
import type { Num } from "./infinitesimals.ts";

/** Numbers in memory, which several values may share. */
export interface Storage {
  numbers: number[];
  /** Whether a graph reads it, so that writing to it changes gradients. */
  recorded: boolean;
  /** Whether all values that share it are known; gradients may share storage. */
  owned: boolean;
  /** Whether it comes from float32. */
  rough: boolean;
}

/** A tensor, as the interpreter sees it. */
export interface Value {
  dtype: DType;
  shape: number[];
  storage: Storage;
  /** The index of each element in the storage, in row-major order. */
  cells: number[];
  /** Infinitesimal parts in row-major order; the first part of each is unused. */
  slopes: Num[] | null;
  /** Whether it requires a gradient. For the gradient of a gradient that is unknown, and `certain` is false. */
  requires: boolean;
  certain: boolean;
  leaf: boolean;
}

/** The arguments of an operation other than tensors. */
export interface Options {
  number?: number;
  numbers?: number[];
  swapped?: boolean;
  axis?: number;
  axes?: number[];
  keepDims?: boolean;
  shape?: number[];
  data?: number[];
  dtype?: DType;
  requires?: boolean;
  start?: number;
  end?: number;
  step?: number;
  stride?: number;
  padding?: number;
  kernel?: number;
  /** Whether the operation is an error. */
  refused?: boolean;
}

/** One line of a program; its results are the registers from `first` on. */
export interface Instruction {
  operation: string;
  inputs: number[];
  options: Options;
  noGrad: boolean;
  /** For a gradient: the number of inputs to differentiate by, and the function of all inputs. */
  variables?: number;
  body?: Instruction[];
  first: number;
}

/** A program, and what the interpreter knows about it. */
export interface Program {
  seed: number;
  instructions: Instruction[];
  registers: number;
  /** The value of each register when it was made, and at the end; `null` if unknown. */
  made: (Known | null)[];
  ends: (Known | null)[];
  /** Σ over leaves of their gradients times ε₀'s direction, or `null`. */
  slope: number | null;
  directions: Map<number, number[]>;
}

/** Shape, numbers and their tolerance. */
export interface Known {
  dtype: DType;
  shape: number[];
  numbers: number[];
  tolerance: number;
}

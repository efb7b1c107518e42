/** What a program is, and what is known of the values that it makes. */
import type { DType } from "../../../autodiff/mod.ts";
import type { Num } from "./infinitesimals.ts";

/** Numbers in memory, which several values may see. */
export interface Storage {
  numbers: number[];
  /** Whether a graph reads it, so that writing to it changes gradients. */
  recorded: boolean;
  /** Whether it is known who sees it: gradients may share theirs. */
  owned: boolean;
  /** Whether it comes from float32. */
  rough: boolean;
}

/** A tensor, as the interpreter sees it. */
export interface Value {
  dtype: DType;
  shape: number[];
  storage: Storage;
  /** Where in the storage each element stands, in row-major order. */
  cells: number[];
  /** Infinitesimal parts in row-major order; the first of each means nothing. */
  slopes: Num[] | null;
  /** Whether it requires a gradient; of a gradient's gradient that is not known, and `certain` is false. */
  requires: boolean;
  certain: boolean;
  leaf: boolean;
}

/** What an operation was called with besides tensors. */
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
  /** Whether it is an error. */
  refused?: boolean;
}

/** One line of a program; its results are the registers from `first` on. */
export interface Instruction {
  operation: string;
  inputs: number[];
  options: Options;
  noGrad: boolean;
  /** Of a gradient: how many of the inputs it is in, and the function of all of them. */
  variables?: number;
  body?: Instruction[];
  first: number;
}

/** A program, and what the interpreter knows of it. */
export interface Program {
  seed: number;
  instructions: Instruction[];
  registers: number;
  /** What each register held when it was made, and in the end; `null`: not known. */
  made: (Known | null)[];
  ends: (Known | null)[];
  /** Σ over leaves of their gradients times ε₀'s direction, or `null`. */
  slope: number | null;
  directions: Map<number, number[]>;
}

/** Shape, numbers and how near they should be. */
export interface Known {
  dtype: DType;
  shape: number[];
  numbers: number[];
  tolerance: number;
}

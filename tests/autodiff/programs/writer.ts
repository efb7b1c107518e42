import type { DType } from "../../../autodiff/mod.ts";
import { Interpreter, isReal, isWhole } from "./interpreter.ts";
import type { Instruction, Known, Options, Program, Value } from "./program.ts";
import type { Random } from "./random.ts";
import { operations } from "./operations/operations.ts";
import { choose, ranked, small } from "./operations/operation.ts";
import { interpretGradient } from "./gradients.ts";
import { sizeOf } from "../../helpers/tensors.ts";

/** Draws a program and interprets it line by line. */
export class Writer {
  readonly interpreter = new Interpreter();
  readonly values: Value[] = [];
  readonly instructions: Instruction[] = [];
  readonly made: (Known | null)[] = [];
  readonly directions = new Map<number, number[]>();

  constructor(readonly random: Random, readonly wild: boolean) {
    if (wild) this.interpreter.lost = true;
  }

  add(instruction: Omit<Instruction, "first">, ...values: Value[]): void {
    this.instructions.push({ ...instruction, first: this.values.length });
    for (const value of values) {
      this.values.push(value);
      this.made.push(this.interpreter.known(value));
    }
  }

  /** A leaf of numbers that float32 represents exactly, mostly distinct. */
  leaf(shape: number[], dtype: DType, requires: boolean): void {
    const { random } = this;
    const odd = [NaN, Infinity, -Infinity, -0, 1e30, 1e-40];
    const data = Array.from({ length: sizeOf(shape) }, () => {
      if (dtype === "int32") return random.int(7) - 3;
      if (this.wild && random.chance(0.2)) return random.pick(odd);
      return random.chance(0.05) ? random.int(3) - 1 : (random.int(2001) - 1000) / 512;
    });
    const options = { shape, dtype, data, requires: requires && dtype !== "int32" };
    this.add(
      { operation: "leaf", inputs: [], options, noGrad: false },
      this.#asLeaf(this.interpreter.result([], dtype, shape, data.map((x) => [x])), options.requires, this.values.length),
    );
  }

  #asLeaf(value: Value, requires: boolean, register: number): Value {
    if (!requires) return value;
    const direction = value.cells.map(() => (this.random.int(17) - 8) / 8);
    this.directions.set(register, direction);
    value.storage.recorded = true;
    return { ...value, requires, certain: true, leaf: true, slopes: direction.map((part) => [0, part]) };
  }

  /** Whether numbers are small enough that rounding errors stay small. */
  #tame(values: readonly Value[]): boolean {
    return this.wild ||
      (this.interpreter.greatest < 1e4) &&
        values.every((x) => x.cells.every((_, i) => this.interpreter.number(x, i).every((part) => Math.abs(part) <= 100)));
  }

  /** Adds one operation; returns whether one was found. */
  operation(names: readonly string[], only: readonly Value[] = this.values): boolean {
    const { random, interpreter } = this, name = random.pick(names), operation = operations[name];
    const drawn = operation.draw(random, only);
    if (drawn === null) return false;
    const [inputs, options] = drawn;
    // An unknown number may not be an integer.
    if (name === "cast" && options.dtype === "int32" && interpreter.lost) return false;
    const noGrad = random.chance(0.1), before = { lost: interpreter.lost, greatest: interpreter.greatest };
    interpreter.recording = !noGrad;
    const value = operation.naive(interpreter, inputs.map((i) => this.values[i]), options);
    interpreter.recording = true;
    if (value.cells.length > 2000 || !this.#tame([value])) {
      Object.assign(interpreter, before);
      return false;
    }
    this.add({ operation: name, inputs, options, noGrad }, value);
    return true;
  }

  /** A leaf that shares the storage of another tensor. */
  withGrad(): void {
    const x = choose(this.random, this.values, (x) => isReal(x) && x.storage.owned);
    if (x === null) return;
    const { shape, cells } = this.values[x], seen = { ...this.values[x], requires: false, slopes: null, certain: true };
    const value = this.#asLeaf(this.interpreter.view(seen, shape, cells.map((_, i) => i)), true, this.values.length);
    this.add({ operation: "withGrad", inputs: [x], options: {}, noGrad: false }, value);
  }

  /** Overwrites a leaf or a view of one. */
  assign(to: number | null, from: number | null): void {
    const { random, values, interpreter } = this;
    to ??= choose(random, values, (x) => x.storage.owned && (x.leaf || (x.certain && !x.requires)));
    if (to === null) return;
    const target = values[to];
    from ??= choose(random, values, (x) => x.shape.join() === target.shape.join() && x !== target);
    if (from === null) return;
    const source = values[from], numbers = interpreter.all(source).map(([x]) => x);
    if (isWhole(target) && isReal(source) && (interpreter.lost || source.storage.rough)) return;
    const repeating = new Set(target.cells).size < target.cells.length;
    // This is an error unless there is nothing to write.
    if (!repeating) {
      target.cells.forEach((cell, i) => target.storage.numbers[cell] = isWhole(target) ? Math.trunc(numbers[i]) : numbers[i]);
      target.storage.rough ||= source.storage.rough;
      if (target.storage.recorded) interpreter.stale = true;
    }
    this.add({ operation: "assign", inputs: [to, from], options: { refused: repeating }, noGrad: false });
  }

  /** Assigns one view of a tensor to an overlapping view, or another tensor to its columns or to every other row. */
  overlap(): void {
    const { random, values } = this;
    const x = choose(random, values, (x) =>
      x.storage.owned && ranked(x) && small(x) && x.shape.some((length) => length > 1) &&
      (x.leaf || (x.certain && !x.requires)) && new Set(x.cells).size === x.cells.length);
    if (x === null) return;
    const { shape } = values[x], axis = random.pick(shape.map((_, i) => i).filter((i) => shape[i] > 1)), length = shape[axis];
    const [p, q] = random.chance(0.5) ? [0, 1] : [1, 0], first = values.length;
    const view = (operation: string, of: number, options: Options) => {
      const value = operations[operation].naive(this.interpreter, [values[of]], options);
      this.add({ operation, inputs: [of], options, noGrad: false }, value);
    };
    view("detach", x, {});
    if (shape.length === 2 && shape[0] === shape[1] && random.chance(0.5)) {
      view("transpose", first, { axes: [1, 0] });
      this.assign(first + p, first + q);
      return;
    }
    view("slice", first, { axis, start: p, end: length - 1 + p, step: 1 });
    view("slice", first, { axis, start: q, end: length - 1 + q, step: 1 });
    this.assign(first + 1, first + 2);
  }

  backward(): void {
    const { random, values, interpreter } = this;
    const y = choose(random, values, (x) => x.requires && (x.cells.length === 1 || random.chance(0.5)));
    if (y === null) return;
    const output = values[y];
    const seed = output.cells.length === 1 && random.chance(0.7)
      ? null
      : choose(random, values, (x) => x.dtype === output.dtype && x.shape.join() === output.shape.join());
    if (seed === null && output.cells.length !== 1) return;
    let slope = 0;
    for (let i = 0; i < output.cells.length; i++) {
      slope += (interpreter.number(output, i)[1] ?? 0) * (seed === null ? 1 : interpreter.number(values[seed], i)[0]);
    }
    if (!this.wild && !(Math.abs(slope) <= 2000)) return;
    interpreter.greatest = Math.max(interpreter.greatest, Math.abs(slope) / 10);
    if (interpreter.lost || interpreter.stale) interpreter.slope = null;
    else if (interpreter.slope !== null) interpreter.slope += slope;
    this.add({ operation: "backward", inputs: seed === null ? [y] : [y, seed], options: {}, noGrad: false });
  }

  /** Replaces x by x - its gradient / 8, which the interpreter does not know. */
  descend(): void {
    const x = choose(this.random, this.values, (x) => x.leaf && x.storage.owned && new Set(x.cells).size === x.cells.length);
    if (x === null) return;
    this.interpreter.lost = true;
    this.add({ operation: "descend", inputs: [x], options: {}, noGrad: false });
  }

  /** The gradient of a small function, which may itself take one. */
  gradient(names: readonly string[]): void {
    const { random, values, interpreter } = this, nested = random.chance(0.35);
    const inputs: number[] = [];
    for (let i = 0; i <= random.int(2); i++) {
      const x = choose(random, values, (x) => isReal(x) && x.cells.length <= (nested ? 4 : 8));
      if (x !== null) inputs.push(x);
    }
    if (inputs.length === 0) return;
    const variables = inputs.length;
    for (let i = 0; i < 2; i++) {
      const x = choose(random, values, small);
      if (x !== null) inputs.push(x);
    }
    const body = this.#body(inputs.map((i) => values[i]), variables, names, nested ? 2 : 1);
    if (body === null) return;
    const noGrad = random.chance(0.25), before = { lost: interpreter.lost, greatest: interpreter.greatest };
    const instruction = { operation: "grad", inputs, options: {}, noGrad, variables, body };
    interpreter.recording = !noGrad;
    const results = interpretGradient(interpreter, instruction, inputs.map((i) => values[i]));
    interpreter.recording = true;
    if (!this.#tame(results)) {
      Object.assign(interpreter, before);
      return;
    }
    this.add(instruction, ...results);
  }

  /** Instructions that end in one number. */
  #body(inputs: readonly Value[], variables: number, names: readonly string[], depth: number): Instruction[] | null {
    const { random } = this, trial = new Interpreter(), values = [...inputs], body: Instruction[] = [];
    const put = (line: Omit<Instruction, "first">, ...results: Value[]) => {
      body.push({ ...line, first: values.length });
      values.push(...results);
    };
    const lines = 1 + random.int(3);
    if (this.interpreter.lost) names = names.filter((name) => name !== "cast");
    for (let i = 0, tries = 0; i < lines && tries < 20; tries++) {
      const name = random.pick(names), drawn = operations[name].draw(random, values);
      if (drawn === null) continue;
      const value = operations[name].naive(trial, drawn[0].map((k) => values[k]), drawn[1]);
      if (!small(value) || !this.#tame([value]) || !(this.wild || trial.greatest < 1e4)) continue;
      put({ operation: name, inputs: drawn[0], options: drawn[1], noGrad: random.chance(0.08) }, value);
      i++;
    }
    if (depth > 1) {
      const inner = this.#body(values.slice(0, variables), 1, names, depth - 1);
      if (inner === null) return null;
      const own = values.slice(0, variables).map((_, i) => i);
      const line = { operation: "grad", inputs: own, options: {}, noGrad: random.chance(0.15), variables: 1, body: inner };
      put(line, ...interpretGradient(trial, { ...line }, own.map((i) => values[i])));
    }
    const last = values.findLastIndex((x, i) => i >= inputs.length && isReal(x));
    if (last < 0) return null;
    put({ operation: "square", inputs: [last], options: {}, noGrad: false }, values[last]);
    return body;
  }

  program(seed: number): Program {
    const { interpreter, values } = this;
    return {
      seed,
      instructions: this.instructions,
      registers: values.length,
      made: this.made,
      ends: values.map((value) => interpreter.known(value)),
      slope: interpreter.lost ? null : interpreter.slope,
      directions: this.directions,
    };
  }
}

/** Runs of a program by the engine, in steps and outside them. */
import { throws } from "node:assert/strict";
import * as ad from "../../../autodiff/mod.ts";
import { inStep, noGrad, type Tensor, tensor, valueAndGrad } from "../../../autodiff/mod.ts";
import { ending } from "./gradients.ts";
import { operations } from "./operations/operations.ts";
import type { Instruction, Program } from "./program.ts";
import type { Random } from "./random.ts";
import { type Seen, seen, show } from "./seen.ts";

/** The number of registers that an instruction fills. */
export function resultsOf({ operation, variables }: Instruction): number {
  return variables !== undefined ? variables + 1 : ["assign", "backward", "descend"].includes(operation) ? 0 : 1;
}

/** The error of a step that should throw. */
const thrown = new Error("thrown by the program");

/** One run of a program: outside steps, in one step, or split at random. */
export class Run {
  readonly registers: (Tensor | undefined)[] = [];
  /** The results of each instruction that ran. */
  readonly seen: (Seen[] | undefined)[] = [];
  /** Registers that may end with their step. */
  readonly gone = new Set<number>();
  /** Registers whose gradient was taken in a step. */
  readonly spent = new Set<number>();
  /** The registers that each register was made from. */
  readonly parents: (readonly number[])[] = [];
  /** Data read in steps and a copy, for registers that the program never assigns to. */
  readonly held: [ArrayLike<number>, number[]][] = [];
  /** An instruction with an effect was skipped because its inputs are gone. The rest is a different program. */
  ended = false;

  /** Whether the program assigns nothing. */
  readonly fixed: boolean;

  constructor(readonly program: Program, readonly random: Random, readonly place: "outside" | "step" | "both") {
    this.fixed = !program.instructions.some(({ operation }) => ["assign", "descend"].includes(operation));
  }

  run(): this {
    const { program: { instructions }, random, place } = this, { length } = instructions;
    if (place === "step") {
      this.step(0, length, "all");
      return this;
    }
    for (let from = 0; from < length && !this.ended;) {
      const to = from + 1 + random.int(Math.min(8, length - from));
      if (place === "outside" || random.chance(0.25)) this.execute(from, to);
      else this.step(from, to, random.pick(["all", "all", "some", "none"]));
      if (place === "both" && random.chance(0.3)) overwrite();
      from = to;
    }
    return this;
  }

  /** Runs instructions in a step that returns or keeps all or some results, or that ends in an error. */
  step(from: number, to: number, stays: "all" | "some" | "none"): void {
    const { random } = this, first = this.registers.length, kept: Tensor[] = [];
    try {
      inStep(() => {
        this.execute(from, to, true);
        if (stays === "none") random.pick([() => this.fail(), () => kept.push(null as never)])();
        const returned: Tensor[] = [];
        for (let register = first; register < this.registers.length; register++) {
          const made = this.registers[register];
          if (stays === "all" || random.chance(0.7)) {
            if (made !== undefined) random.pick([kept, returned]).push(made);
          } else this.gone.add(register);
        }
        return random.pick<() => unknown>([
          () => returned.length === 1 ? returned[0] : returned,
          () => ({ ...returned }),
          () => ({ first: returned[0] ?? null, others: returned.slice(1), number: 1 }),
        ])();
      }, () => {
        if (stays === "none") throw thrown;
        return kept;
      });
    } catch (error) {
      if (error !== thrown) throw error;
      for (let register = first; register < this.registers.length; register++) this.gone.add(register);
    }
  }

  /** Throws an error somewhere in the engine. */
  fail(): never {
    const x = tensor([1, 2, 3], [3], { requiresGrad: true });
    throws(
      this.random.pick([
        () => inStep(() => x.exp().matmul(x.slice(0, 0, 2))),
        () => noGrad(() => x.exp().reshape(2)),
        () => valueAndGrad((y) => y.exp())(x),
        () => tensor(Int32Array.of(2 ** 31 - 1)).take([5]),
        () => x.exp().sum().backward(x),
      ]),
      { name: "RangeError" },
    );
    throw thrown;
  }

  execute(from: number, to: number, within = false): void {
    const { random, program: { instructions } } = this;
    for (let at = from; at < to && !this.ended;) {
      if (within && this.place === "both" && random.chance(0.08)) {
        // A step within a step belongs to the outer one, also if it throws.
        const end = at + 1 + random.int(to - at), broken = random.chance(0.3);
        try {
          inStep(() => {
            for (; at < end && !this.ended; at++) this.instruct(at, instructions[at], true);
            if (broken) throw thrown;
          });
        } catch (error) {
          if (error !== thrown) throw error;
        }
      } else this.instruct(at, instructions[at++], within);
    }
  }

  /** Whether a register's graph contains one whose gradient was taken in a step. */
  comesFromSpent(register: number): boolean {
    return this.spent.has(register) || (this.parents[register] ?? []).some((parent) => this.comesFromSpent(parent));
  }

  /** Runs one instruction, unless its inputs are gone. */
  instruct(at: number, instruction: Instruction, within: boolean): void {
    const { inputs } = instruction, given = inputs.map((i) => this.registers[i]);
    // After a gradient in a step, the graph that it used is gone for later gradients.
    const again = instruction.operation === "backward" && inputs.some((i) => this.comesFromSpent(i));
    const lost = given.includes(undefined), risky = again || inputs.some((i) => this.gone.has(i));
    const results = resultsOf(instruction);
    try {
      if (lost) throw new ReferenceError("an input was not made");
      const made = this.apply(instruction, given as Tensor[]);
      this.seen[at] = made.map((result) => typeof result === "string" ? result : seen(result));
      for (const result of made) {
        if (typeof result === "string") continue;
        this.parents[this.registers.length] = inputs;
        this.registers.push(result);
      }
      if (within && instruction.operation === "backward") this.spent.add(inputs[0]);
      if (within && this.fixed && results > 0) {
        const { data } = made[0] as Tensor;
        this.held.push([data, [...data]]);
      }
      // A result of an input that may be gone may be gone too.
      if (risky) { for (let i = this.registers.length - results; i < this.registers.length; i++) this.gone.add(i); }
    } catch (error) {
      if (!(error instanceof ReferenceError && (lost || risky))) throw error;
      if (results === 0) this.ended = true;
      for (let i = 0; i < results; i++) this.registers.push(undefined);
    }
  }

  apply({ operation, options, noGrad: quiet, variables, body }: Instruction, given: Tensor[]): (Tensor | string)[] {
    const [x, y] = given;
    if (operation === "leaf") {
      return [tensor(options.data!, options.shape!, { dtype: options.dtype, requiresGrad: options.requires })];
    }
    if (operation === "withGrad") return [x.withGrad()];
    if (operation === "assign") return [attempt(() => x.assign(y))];
    if (operation === "backward") return [attempt(() => x.backward(y)), ...this.gradients()];
    if (operation === "descend") {
      if (x.grad !== null) x.assign(x.sub(x.grad.mul(0.125)));
      return [];
    }
    const compute = () => {
      if (operation !== "grad") return [operations[operation].kit(given, options)];
      const { value, gradients } = this.differentiate(given, variables!, body!);
      return [value, ...gradients];
    };
    const whole = () => quiet ? noGrad(compute) : compute();
    return this.place === "both" && this.random.chance(0.03) ? inStep(whole) : whole();
  }

  differentiate(given: Tensor[], variables: number, body: Instruction[]): { value: Tensor; gradients: Tensor[] } {
    const compute = (inputs: Tensor[]) => {
      const registers = [...inputs, ...given.slice(variables)];
      for (const { operation, inputs: at, options, noGrad: quiet, variables: count, body: inner } of body) {
        const own = at.map((i) => registers[i]);
        const line = () => {
          if (operation === "square") return [ending(own[0])];
          if (operation !== "grad") return [operations[operation].kit(own, options)];
          const { value, gradients } = this.differentiate(own, count!, inner!);
          return [value, ...gradients];
        };
        registers.push(...quiet ? noGrad(line) : line());
      }
      return registers.at(-1)!;
    };
    const inside = this.place === "both" && this.random.chance(0.1);
    return valueAndGrad((...inputs) => inside ? inStep(() => compute(inputs)) : compute(inputs))(...given.slice(0, variables));
  }

  /** The gradients of all leaves. */
  gradients(): string[] {
    return [...this.program.directions.keys()].map((register) => {
      const grad = this.registers[register]?.grad;
      return grad ? show(seen(grad)) : "";
    });
  }

  /** The value of every register at the end. */
  ends(): (Seen | undefined)[] {
    return this.registers.map((tensor, register) => {
      try {
        return tensor && seen(tensor);
      } catch (error) {
        if (error instanceof ReferenceError && this.gone.has(register)) return undefined;
        throw error;
      }
    });
  }
}

/** The message of an action that may be refused. */
function attempt(act: () => unknown): string {
  try {
    act();
    return "done";
  } catch (error) {
    if (error instanceof ReferenceError || error instanceof WebAssembly.RuntimeError) throw error;
    return String(error).replace(/ \(shape.*/, "");
  }
}

/** Overwrites everything that a step left in its memory. */
function overwrite(): void {
  inStep(() => {
    ad.full([3000], NaN, "float64");
    ad.full([1000], -3e33);
  });
}

import type { Answer, Card } from "./api.ts";
import type { Block, Buffer } from "./memory.ts";

/** The type of a kernel's array. */
export type Element = "f32" | "i32" | "vec4<f32>";

/**
 * A program for the card. Its text has the entry point `main`; arrays are a0, a1, … (read) and z0, z1, … (written), numbers are
 * {@link whole} and {@link real}.
 */
export interface Kernel {
  /** Tells it from others. */
  readonly key: string;
  readonly inputs: readonly Element[];
  readonly outputs: readonly Element[];
  text(): string;
}

/** A call of a kernel. */
export interface Call {
  /** The operation, for messages. */
  name: string;
  kernel: Kernel;
  inputs: readonly Buffer[];
  /** The buffers that were noted as inputs, if others: results that the kernel does not store are among them. */
  reads?: readonly Buffer[];
  /** Several calls may write to parts of one buffer. */
  outputs: readonly Buffer[];
  wholes: readonly number[];
  reals: readonly number[];
  /** Number of workgroups. */
  groups: number;
}

/** The most whole numbers of a call, and the most real ones. */
export const mostNumbers = 32;

/** Bytes of a call's numbers. */
export const numberBytes = 8 * mostNumbers;

/** The text of whole number `i` of the call. */
export function whole(i: number): string {
  return `given.u[${i >> 2}].${"xyzw"[i & 3]}`;
}

/** The text of real number `i` of the call. */
export function real(i: number): string {
  return `given.f[${i >> 2}].${"xyzw"[i & 3]}`;
}

/** Workgroups along the first axis; more go along the second. */
const across = 32768;

/** The sizes of a dispatch of so many workgroups. */
export function dispatchOf(groups: number): [x: number, y: number] {
  return [Math.min(groups, across), Math.ceil(groups / across)];
}

/** The parameters of `main`: a workgroup's size, its position `wid`, and a thread's position `id` in it. */
export function entry(size: number): string {
  return `@compute @workgroup_size(${size}) fn main(@builtin(workgroup_id) wid : vec3<u32>, @builtin(local_invocation_index) id : u32)`;
}

/** The number of the workgroup. */
export const groupIndex = `(wid.x + wid.y * ${across}u)`;

/** Threads of a workgroup whose threads do not work together. */
export const threads = 128;

/** The number of the thread, for kernels of one element a thread; returns from `main` past `size`. */
export function oneEach(size: string): string {
  return `let i = ${groupIndex} * ${threads}u + id; if (i >= ${size}) { return; }`;
}

/** A kernel that can be called. */
export interface Compiled {
  readonly pipeline: object;
  readonly layout: object;
  /** Bindings of buffers, by their places. */
  readonly groups: Map<string, object>;
}

/** The most bindings that are kept for a kernel. */
const mostBindings = 256;

/** Compiles kernels once. */
export class Compiler {
  readonly #compiled = new Map<string, Compiled>();
  readonly #layouts = new Map<string, { bindings: object; pipeline: object }>();

  /** @param check called with the card's answer on a new kernel */
  constructor(readonly card: Card, readonly check: (answer: Answer) => void) {}

  /** The kernel, ready to call. */
  compiled(kernel: Kernel): Compiled {
    let found = this.#compiled.get(kernel.key);
    if (found === undefined) this.#compiled.set(kernel.key, found = this.#compile(kernel));
    return found;
  }

  /** Bindings of buffers, and of a call's numbers in `arena`. */
  bindings({ groups, layout }: Compiled, arena: Block, buffers: readonly Buffer[]): object {
    let key = `${arena.id}`;
    for (const { lease: { block }, start, size } of buffers) key += block === null ? " -" : ` ${block.id} ${start} ${size}`;
    let found = groups.get(key);
    if (found === undefined) {
      const numbers = { buffer: arena.memory, offset: 0, size: numberBytes };
      // An empty array is not read; anything may stand in its place.
      const resources = [
        numbers,
        ...buffers.map(({ lease: { block }, start, size }) =>
          block === null ? numbers : { buffer: block.memory, offset: start, size: 4 * size }
        ),
      ];
      const entries = resources.map((resource, binding) => ({ binding, resource }));
      if (groups.size >= mostBindings) groups.clear();
      groups.set(key, found = this.card.createBindGroup({ layout, entries }));
    }
    return found;
  }

  /** Forgets all bindings, of which some are of destroyed memory. */
  forget(): void {
    for (const { groups } of this.#compiled.values()) groups.clear();
  }

  #compile(kernel: Kernel): Compiled {
    const { inputs, outputs } = kernel, { card } = this, layout = this.#layout(kernel);
    const arrays = [
      ...inputs.map((type, i) => ["read", `a${i}`, type]),
      ...outputs.map((type, i) => ["read_write", `z${i}`, type]),
    ];
    const code = `struct Numbers { u : array<vec4<u32>, ${mostNumbers / 4}>, f : array<vec4<f32>, ${mostNumbers / 4}> }\n` +
      `@group(0) @binding(0) var<uniform> given : Numbers;\n` +
      arrays.map(([access, name, type], i) => `@group(0) @binding(${i + 1}) var<storage, ${access}> ${name} : array<${type}>;\n`)
        .join("") +
      kernel.text();
    card.pushErrorScope("validation");
    const module = card.createShaderModule({ code });
    const pipeline = card.createComputePipeline({ layout: layout.pipeline, compute: { module, entryPoint: "main" } });
    this.check(card.popErrorScope());
    return { pipeline, layout: layout.bindings, groups: new Map() };
  }

  #layout({ inputs, outputs }: Kernel): { bindings: object; pipeline: object } {
    const key = `${inputs} ${outputs}`, { card } = this;
    let found = this.#layouts.get(key);
    if (found === undefined) {
      const numbers = { type: "uniform", hasDynamicOffset: true, minBindingSize: numberBytes };
      // With the least size of an array, which wgpu would otherwise take from another kernel with this layout.
      const arrays = (types: readonly Element[], type: string) =>
        types.map((one) => ({ type, minBindingSize: one === "vec4<f32>" ? 16 : 4 }));
      const buffers = [numbers, ...arrays(inputs, "read-only-storage"), ...arrays(outputs, "storage")];
      const bindings = card.createBindGroupLayout({
        entries: buffers.map((buffer, binding) => ({ binding, visibility: 4, buffer })),
      });
      this.#layouts.set(key, found = { bindings, pipeline: card.createPipelineLayout({ bindGroupLayouts: [bindings] }) });
    }
    return found;
  }
}

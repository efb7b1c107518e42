/** Lists of operations in WebAssembly: a module that only programs with recorded steps have. @module */
import { compiled, fastest } from "./in_use.ts";
import { ListMemory } from "./list_memory.ts";
import { ListRoom } from "./list_room.ts";
import type { Machine } from "./machine.ts";
import { lists as simd } from "./simd_lists.ts";

/** The compiled module for each kernels. */
const made = new WeakMap<Machine, WebAssembly.Module>();

/** Memory for the arrays of recorded steps; `null` if there is none. */
export function listMemory(bytes: number): ListMemory | null {
  const machine = fastest()?.machine;
  if (machine === undefined) return null;
  let module = made.get(machine);
  // A runtime with the other kernels has the instructions of these.
  if (module === undefined) made.set(machine, module = compiled(simd, machine.shared)!);
  return new ListMemory(machine, module, bytes);
}

/** The room of a recording in a memory of its own; `null` if there is none. */
export function listRoom(bytes: number): ListRoom | null {
  const memory = listMemory(bytes);
  return memory && new ListRoom(memory);
}

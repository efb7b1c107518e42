/** The part of WebGPU that the kit uses: not every runtime's types have it. @module */

/** `navigator.gpu`. */
export interface Api {
  requestAdapter(options: { powerPreference: "high-performance" }): Promise<Adapter | null>;
}

/** A card, or a program in its place. */
export interface Adapter {
  readonly info?: { readonly vendor?: string; readonly architecture?: string; readonly description?: string };
  readonly limits: Readonly<Record<Limit, number>>;
  requestDevice(options: { requiredLimits: Record<string, number> }): Promise<Card>;
}

/** The limits that the kit asks for in full. */
export const wantedLimits = [
  "maxBufferSize",
  "maxStorageBufferBindingSize",
  "maxStorageBuffersPerShaderStage",
  "maxComputeWorkgroupStorageSize",
  "maxComputeInvocationsPerWorkgroup",
  "maxComputeWorkgroupSizeX",
] as const;

/** The name of a limit. */
export type Limit = typeof wantedLimits[number];

/** Why something was not accepted; `null` if it was. */
export type Answer = Promise<{ readonly message: string } | null>;

/** A device of WebGPU. */
export interface Card {
  readonly limits: Readonly<Record<Limit, number>>;
  readonly queue: {
    writeBuffer(buffer: Memory, offset: number, bytes: ArrayBuffer, start: number, size: number): void;
    submit(commands: readonly object[]): void;
  };
  readonly lost: Promise<{ readonly message: string }>;
  addEventListener(type: "uncapturederror", hear: (event: { readonly error: { readonly message: string } }) => void): void;
  pushErrorScope(filter: "out-of-memory" | "validation"): void;
  popErrorScope(): Answer;
  createBuffer(options: { size: number; usage: number }): Memory;
  createShaderModule(options: { code: string }): object;
  createBindGroupLayout(options: { entries: readonly object[] }): object;
  createPipelineLayout(options: { bindGroupLayouts: readonly object[] }): object;
  createComputePipeline(options: { layout: object; compute: { module: object; entryPoint: string } }): object;
  createBindGroup(options: { layout: object; entries: readonly object[] }): object;
  createCommandEncoder(): Encoder;
  destroy(): void;
}

/** Memory of a device. */
export interface Memory {
  readonly size: number;
  mapAsync(mode: number): Promise<void>;
  getMappedRange(offset?: number, size?: number): ArrayBuffer;
  unmap(): void;
  destroy(): void;
}

/** Commands for one submission. */
export interface Encoder {
  beginComputePass(): Pass;
  copyBufferToBuffer(from: Memory, fromOffset: number, to: Memory, toOffset: number, size: number): void;
  finish(): object;
}

/** Calls of kernels. */
export interface Pass {
  setPipeline(pipeline: object): void;
  setBindGroup(index: number, group: object, offsets?: readonly number[]): void;
  dispatchWorkgroups(x: number, y?: number): void;
  end(): void;
}

/** Bits of a buffer's use. */
export const use = { read: 0x1, copyFrom: 0x4, copyTo: 0x8, uniform: 0x40, storage: 0x80 };

import { type NdArray, type Shape, sizeOf, view } from "../ndarray.ts";
import { directProducts } from "./direct.ts";
import type { Kernels, StepMemory } from "./kernels.ts";
import { gradientsSeparately, pooledSeparately } from "./separately.ts";
import { Machine } from "./machine.ts";
import { matrixProduct } from "./matmul.ts";
import { sparseGradients, sparsePays } from "./sparse.ts";
import { outcome, planes, WinogradProducts } from "./winograd.ts";

/** Kernels in WebAssembly, and the number of threads that they may use. */
export interface WasmKernels extends Kernels, StepMemory {
  /** Sets the number of threads; without shared memory there is one. */
  useThreads(count: number): void;
}

/**
 * The kernels for float32 in WebAssembly.
 * @param shared whether the module is one for shared memory
 * @param stepBytes what a step may keep in it
 */
export function wasmKernels(module: WebAssembly.Module, shared: boolean, stepBytes: number): WasmKernels {
  const machine = new Machine(module, shared, stepBytes), { workspace } = machine;
  const direct = directProducts(machine), winograd = new WinogradProducts(machine), { pays } = WinogradProducts;

  const kernels: WasmKernels = {
    matmul: (x, y) => matrixProduct(machine, x, y),

    conv2d: (x, filter, bias, window, shape) =>
      pays(filter.shape, window, shape)
        ? winograd.forward(x, filter, bias, window, shape).values
        : direct.conv2d(x, filter, bias, window, shape),

    conv2dPooled: (x, filter, bias, window, shape, pooling) =>
      pays(filter.shape, window, shape)
        ? winograd.forward(x, filter, bias, window, shape, pooling)
        : pooledSeparately(kernels, x, filter, bias, window, shape, pooling),

    conv2dInputGradient: (dy, filter, window, shape) =>
      pays(filter.shape, window, dy.shape)
        ? winograd.gradients(shapeOnly(shape), filter, dy, window, { x: true, filter: false, bias: false })
        : direct.conv2dInputGradient(dy, filter, window, shape),

    conv2dFilterGradient: (x, dy, window, shape) =>
      pays(shape, window, dy.shape)
        ? winograd.gradients(x, shapeOnly(shape), dy, window, { x: false, filter: true, bias: false })
        : direct.conv2dFilterGradient(x, dy, window, shape),

    conv2dGradients: (x, filter, dy, window, wanted, pooled) =>
      pooled !== undefined && sparsePays(filter.shape, window, wanted, dy.shape, pooled)
        ? sparseGradients(machine, x, filter.shape, dy, window, wanted, pooled)
        : pays(filter.shape, window, pooled?.shape ?? dy.shape)
        ? winograd.gradients(x, filter, dy, window, wanted, pooled)
        : gradientsSeparately(kernels, x, filter, dy, window, wanted, pooled),

    maxPool2d(x, pooling) {
      const [images, channels, rows, columns] = x.shape, size = sizeOf(pooling.shape);
      workspace.clear();
      const values = workspace.reserve(size), positions = workspace.reserve(size), scratch = machine.scratch();
      const plane = scratch.reserve(4 * rows * columns), row = scratch.reserve(8 * pooling.shape[3]);
      const z = outcome(workspace, { values, outputs: channels, rows, columns, bias: 0 }, pooling, positions);
      const threadBytes = scratch.finish(), from = planes(workspace, x, x.shape);
      machine.run("poolImages", workspace.record("Pooling", { images, x: from, z, plane, row, threadBytes }));
      return { values: workspace.keep(values, size), positions: workspace.keepInts(positions, size) };
    },

    beginStep: () => workspace.beginStep(),
    allocate: (dtype, size) => workspace.allocate(dtype, size),
    holds: (data) => workspace.holds(data),
    get bytes() {
      return workspace.buffer.byteLength;
    },
    useThreads: (count) => machine.useThreads(count),
  };
  return kernels;
}

/** Stands for an array of which only the shape matters. */
function shapeOnly(shape: Shape): NdArray {
  return { ...view(new Float32Array(0), shape), shape: [...shape], size: sizeOf(shape) };
}

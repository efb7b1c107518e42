import { contiguousData, sizeOf } from "../ndarray.ts";
import { directProducts } from "./direct.ts";
import type { Kernels } from "./kernels.ts";
import { beforePooling, pooledSeparately } from "./pooled.ts";
import { Machine } from "./machine.ts";
import { outcome, WinogradProducts } from "./winograd.ts";

/** Kernels in WebAssembly, and the number of threads that they may use. */
export interface WasmKernels extends Kernels {
  /** Sets the number of threads; without shared memory there is one. */
  useThreads(count: number): void;
}

/**
 * The kernels for float32 in WebAssembly.
 * @param shared whether the module is one for shared memory
 */
export function wasmKernels(module: WebAssembly.Module, shared: boolean): WasmKernels {
  const machine = new Machine(module, shared), { workspace } = machine;
  const direct = directProducts(machine), winograd = new WinogradProducts(machine), { pays } = WinogradProducts;

  const kernels: WasmKernels = {
    matmul: direct.matmul,

    conv2d: (x, filter, bias, window, shape) =>
      pays(filter.shape, window, shape)
        ? winograd.forward(x, filter, bias, window, shape).values
        : direct.conv2d(x, filter, bias, window, shape),

    conv2dPooled: (x, filter, bias, window, shape, pooling) =>
      pays(filter.shape, window, shape)
        ? winograd.forward(x, filter, bias, window, shape, pooling)
        : pooledSeparately(kernels, x, filter, bias, window, shape, pooling),

    conv2dInputGradient(dy, filter, window, shape, pooled) {
      const [outputs, channels, ...size] = filter.shape;
      return pays([channels, outputs, ...size], window, shape)
        ? winograd.inputGradient(dy, filter, window, shape, pooled)
        : direct.conv2dInputGradient(beforePooling(dy, pooled), filter, window, shape);
    },

    conv2dFilterGradient: (x, dy, window, shape, pooled) =>
      pays(shape, window, pooled?.shape ?? dy.shape)
        ? winograd.filterGradient(x, dy, window, shape, pooled)
        : direct.conv2dFilterGradient(x, beforePooling(dy, pooled), window, shape),

    maxPool2d(x, pooling) {
      const [images, channels, rows, columns] = x.shape, size = sizeOf(pooling.shape);
      workspace.clear();
      const values = workspace.reserve(size), positions = workspace.reserve(size);
      const z = outcome(workspace, { values, outputs: channels, rows, columns, bias: 0 }, pooling, positions);
      const from = workspace.store(contiguousData(x));
      machine.run("poolImages", workspace.record("Pooling", { images, from, z }));
      return { values: workspace.floats(values, size).slice(), positions: workspace.ints(positions, size).slice() };
    },

    useThreads: (count) => machine.useThreads(count),
  };
  return kernels;
}

import type { Window2d } from "../devices/device.ts";
import { contiguousData, type NdArray, type Shape, sizeOf, view } from "../ndarray.ts";
import { directProducts } from "./direct.ts";
import { FourierProducts, outcome, planes } from "./fourier.ts";
import type { Kernels, PooledImages, StepMemory } from "./kernels.ts";
import { gradientsSeparately, pooledSeparately } from "./separately.ts";
import { Machine } from "./machine.ts";
import { matrixProduct } from "./matmul.ts";
import { sparseGradients, sparsePays } from "./sparse.ts";

/** Kernels in WebAssembly, and the number of threads that they may use. */
export interface WasmKernels extends Kernels, StepMemory {
  /** Sets the number of threads; without shared memory there is one. */
  useThreads(count: number): void;
  /** Whether convolutions may be computed by transforms. */
  useConvolutions(how: "fast" | "exact"): void;
}

/**
 * The kernels for float32 in WebAssembly.
 * @param shared whether the module is one for shared memory
 * @param stepBytes what a step may keep in it
 */
export function wasmKernels(module: WebAssembly.Module, shared: boolean, stepBytes: number): WasmKernels {
  const machine = new Machine(module, shared, stepBytes), { workspace } = machine;
  const direct = directProducts(machine), fourier = new FourierProducts(machine);
  let exact = false;
  const pays = (filter: Shape, window: Window2d, shape: Shape, gradients = false) =>
    !exact && FourierProducts.pays(filter, window, shape, gradients);

  /** By transforms; images that they refuse by direct products. */
  const transformed = (...inputs: Parameters<FourierProducts["forward"]>): PooledImages => {
    const { wild, ...found } = fourier.forward(...inputs), [x, filter, bias, window, shape, pooling] = inputs;
    if (wild.length === 0) return found;
    const part = view(new Float32Array(wild.length * x.size / x.shape[0]), [wild.length, ...x.shape.slice(1)]);
    const size = x.size / x.shape[0], data = contiguousData(x), own = [wild.length, ...shape.slice(1)];
    wild.forEach((image, i) => part.data.set(data.subarray(image * size, (image + 1) * size), i * size));
    const { values, positions } = pooling === undefined
      ? { values: direct.conv2d(part, filter, bias, window, own), positions: null }
      : pooledSeparately({ ...kernels, ...direct }, part, filter, bias, window, own, {
        ...pooling,
        shape: [wild.length, ...pooling.shape.slice(1)],
      });
    const each = values.length / wild.length, plane = sizeOf(shape.slice(1));
    wild.forEach((image, i) => {
      found.values.set(values.subarray(i * each, (i + 1) * each), image * each);
      positions?.subarray(i * each, (i + 1) * each).forEach((at, k) =>
        found.positions[image * each + k] = at + (image - i) * plane
      );
    });
    return found;
  };

  const kernels: WasmKernels = {
    matmul: (x, y) => matrixProduct(machine, x, y),

    conv2d: (x, filter, bias, window, shape) =>
      pays(filter.shape, window, shape) && FourierProducts.fits(filter)
        ? transformed(x, filter, bias, window, shape).values
        : direct.conv2d(x, filter, bias, window, shape),

    conv2dPooled: (x, filter, bias, window, shape, pooling) =>
      pays(filter.shape, window, shape) && FourierProducts.fits(filter)
        ? transformed(x, filter, bias, window, shape, pooling)
        : pooledSeparately(kernels, x, filter, bias, window, shape, pooling),

    conv2dInputGradient: (dy, filter, window, shape) =>
      (pays(filter.shape, window, dy.shape, true) && FourierProducts.fits(filter)
        ? fourier.gradients(shapeOnly(shape), filter, dy, window, { x: true, filter: false, bias: false })
        : null) ?? direct.conv2dInputGradient(dy, filter, window, shape),

    conv2dFilterGradient: (x, dy, window, shape) =>
      (pays(shape, window, dy.shape, true)
        ? fourier.gradients(x, shapeOnly(shape), dy, window, { x: false, filter: true, bias: false })
        : null) ?? direct.conv2dFilterGradient(x, dy, window, shape),

    conv2dGradients: (x, filter, dy, window, wanted, pooled) => {
      if (pooled !== undefined && sparsePays(filter.shape, window, wanted, dy.shape, pooled)) {
        return sparseGradients(machine, x, filter.shape, dy, window, wanted, pooled);
      }
      const fast = pays(filter.shape, window, pooled?.shape ?? dy.shape, true) && FourierProducts.fits(filter);
      return (fast ? fourier.gradients(x, filter, dy, window, wanted, pooled) : null) ??
        gradientsSeparately({ ...kernels, ...direct }, x, filter, dy, window, wanted, pooled);
    },

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
    useConvolutions(how) {
      exact = how === "exact";
    },
  };
  return kernels;
}

/** Stands for an array of which only the shape matters. */
function shapeOnly(shape: Shape): NdArray {
  return { ...view(new Float32Array(0), shape), shape: [...shape], size: sizeOf(shape) };
}

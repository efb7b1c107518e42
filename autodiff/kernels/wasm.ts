import type { Convolution, Pooling2d } from "../device.ts";
import { contiguousData, sizeOf, view } from "../ndarray.ts";
import { DirectProducts } from "./direct.ts";
import { FourierProducts, outcome, planes } from "./fourier.ts";
import type { KernelInputs, Kernels, PooledImages, StepMemory } from "./kernels.ts";
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
  const direct = new DirectProducts(machine), fourier = new FourierProducts(machine);
  let exact = false;
  const pays = (convolution: Convolution, gradients = false) => !exact && FourierProducts.pays(convolution, gradients);

  /** By transforms; images that they refuse by direct products. */
  const transformed = (inputs: KernelInputs, convolution: Convolution, pooling?: Pooling2d): PooledImages => {
    const { wild, ...found } = fourier.forward(inputs, convolution, pooling), [x, filter, bias] = inputs;
    if (wild.length === 0) return found;
    const [images, output] = [convolution.image, convolution.output].map((shape) => [wild.length, ...shape.slice(1)]);
    const part = view(new Float32Array(sizeOf(images)), images), size = part.size / wild.length, data = contiguousData(x);
    wild.forEach((image, i) => part.data.set(data.subarray(image * size, (image + 1) * size), i * size));
    const sums = direct.conv2d([part, filter, bias], { ...convolution, image: images, output });
    const { values, positions } = pooling === undefined
      ? { values: sums, positions: null }
      : kernels.maxPool2d(view(sums, output), { ...pooling, shape: [wild.length, ...pooling.shape.slice(1)] });
    const each = values.length / wild.length, plane = sizeOf(output.slice(1));
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

    conv2d: (inputs, convolution) =>
      pays(convolution) && FourierProducts.fits(inputs[1])
        ? transformed(inputs, convolution).values
        : direct.conv2d(inputs, convolution),

    conv2dPooled: (inputs, convolution, pooling) =>
      pays(convolution) && FourierProducts.fits(inputs[1])
        ? transformed(inputs, convolution, pooling)
        : pooledSeparately(kernels, inputs, convolution, pooling),

    conv2dInputGradient: (dy, filter, convolution) =>
      (pays(convolution, true) && FourierProducts.fits(filter)
        ? fourier.gradients([dy, filter, dy], convolution, { x: true, filter: false, bias: false })
        : null) ?? direct.conv2dInputGradient(dy, filter, convolution),

    conv2dFilterGradient: (x, dy, convolution) =>
      (pays(convolution, true) ? fourier.gradients([x, dy, dy], convolution, { x: false, filter: true, bias: false }) : null) ??
        direct.conv2dFilterGradient(x, dy, convolution),

    conv2dGradients: (inputs, convolution, wanted) => {
      if (sparsePays(convolution, wanted)) return sparseGradients(machine, inputs, convolution, wanted);
      const fast = pays(convolution, true) && FourierProducts.fits(inputs[1]);
      return (fast ? fourier.gradients(inputs, convolution, wanted) : null) ??
        gradientsSeparately(direct, inputs, convolution, wanted);
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

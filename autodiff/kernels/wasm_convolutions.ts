import type { Convolution, GradientInputs, Pooling2d, Wanted } from "../device.ts";
import type { TypedArray } from "../dtype.ts";
import { contiguousData, type NdArray, view } from "../ndarray.ts";
import { sizeOf } from "../shape.ts";
import { DirectProducts } from "./direct.ts";
import { FourierProducts, outcome, planes } from "./fourier.ts";
import type { ConvolutionKernels, KernelInputs, PooledImages } from "./kernels.ts";
import type { Machine } from "./machine.ts";
import { gradientsSeparately, pooledSeparately } from "./separately.ts";
import { sparseGradients, sparsePays } from "./sparse.ts";

/** Convolutions of float32 in WebAssembly. */
export class WasmConvolutions implements ConvolutionKernels {
  readonly #machine: Machine;
  readonly #direct: DirectProducts;
  readonly #fourier: FourierProducts;
  readonly #isExact: () => boolean;

  /**
   * Convolutions beside other kernels.
   * @param machine where the others run; it has the module of convolutions too
   * @param isExact whether transforms are forbidden
   */
  constructor(machine: Machine, isExact: () => boolean) {
    this.#machine = machine;
    this.#direct = new DirectProducts(machine);
    this.#fourier = new FourierProducts(machine);
    this.#isExact = isExact;
  }

  conv2d(inputs: KernelInputs, convolution: Convolution): TypedArray {
    return this.#pays(convolution) && FourierProducts.fits(inputs[1])
      ? this.#transformed(inputs, convolution).values
      : this.#direct.conv2d(inputs, convolution);
  }

  conv2dPooled(inputs: KernelInputs, convolution: Convolution, pooling: Pooling2d): PooledImages {
    return this.#pays(convolution) && FourierProducts.fits(inputs[1])
      ? this.#transformed(inputs, convolution, pooling)
      : pooledSeparately(this, inputs, convolution, pooling);
  }

  conv2dInputGradient(dy: NdArray, filter: NdArray, convolution: Convolution): TypedArray {
    const fast = this.#pays(convolution, true) && FourierProducts.fits(filter);
    const found = fast && this.#fourier.gradients([dy, filter, dy], convolution, { x: true, filter: false, bias: false });
    return found || this.#direct.conv2dInputGradient(dy, filter, convolution);
  }

  conv2dFilterGradient(x: NdArray, dy: NdArray, convolution: Convolution): TypedArray {
    const found = this.#pays(convolution, true) &&
      this.#fourier.gradients([x, dy, dy], convolution, { x: false, filter: true, bias: false });
    return found || this.#direct.conv2dFilterGradient(x, dy, convolution);
  }

  conv2dGradients(inputs: GradientInputs<NdArray>, convolution: Convolution, wanted: Wanted): TypedArray {
    if (sparsePays(convolution, wanted)) return sparseGradients(this.#machine, inputs, convolution, wanted);
    const fast = this.#pays(convolution, true) && FourierProducts.fits(inputs[1]);
    const found = fast && this.#fourier.gradients(inputs, convolution, wanted);
    return found || gradientsSeparately(this.#direct, inputs, convolution, wanted);
  }

  maxPool2d(x: NdArray, pooling: Pooling2d): PooledImages {
    const machine = this.#machine, { workspace } = machine;
    const [images, channels, rows, columns] = x.shape, size = sizeOf(pooling.shape);
    workspace.clear();
    const values = workspace.reserve(size), positions = workspace.reserve(size), scratch = machine.scratch();
    const plane = scratch.reserve(4 * rows * columns), row = scratch.reserve(8 * pooling.shape[3]);
    const z = outcome(workspace, { values, outputs: channels, rows, columns, bias: 0 }, pooling, positions);
    const threadBytes = scratch.finish(), from = planes(workspace, x, x.shape);
    machine.run(
      "poolImages",
      workspace.record("Pooling", { images, x: from, z, plane, row, threadBytes }),
      machine.partsOf(Math.ceil(images / 4)),
    );
    return { values: workspace.keep(values, size), positions: workspace.keepInts(positions, size) };
  }

  #pays(convolution: Convolution, gradients = false): boolean {
    return !this.#isExact() && FourierProducts.pays(convolution, gradients);
  }

  /** By transforms; images unsuited to them by direct sums. */
  #transformed(inputs: KernelInputs, convolution: Convolution, pooling?: Pooling2d): PooledImages {
    const { wild, ...found } = this.#fourier.forward(inputs, convolution, pooling), [x, filter, bias] = inputs;
    if (wild.length === 0) return found;
    const [images, output] = [convolution.image, convolution.output].map((shape) => [wild.length, ...shape.slice(1)]);
    const part = view(new Float32Array(sizeOf(images)), images), size = part.size / wild.length, data = contiguousData(x);
    wild.forEach((image, i) => part.data.set(data.subarray(image * size, (image + 1) * size), i * size));
    const sums = this.#direct.conv2d([part, filter, bias], { ...convolution, image: images, output });
    const { values, positions } = pooling === undefined
      ? { values: sums, positions: null }
      : this.maxPool2d(view(sums, output), { ...pooling, shape: [wild.length, ...pooling.shape.slice(1)] });
    const each = values.length / wild.length, plane = sizeOf(output.slice(1));
    wild.forEach((image, i) => {
      found.values.set(values.subarray(i * each, (i + 1) * each), image * each);
      positions?.subarray(i * each, (i + 1) * each).forEach((at, k) =>
        found.positions[image * each + k] = at + (image - i) * plane
      );
    });
    return found;
  }
}

import type { Convolution, ConvolutionInputs, GradientInputs, Pooled, Pooling2d, Wanted } from "../../device.ts";
import type { DType } from "../../dtype.ts";
import type { AnyArray, RemoteArray } from "../../remote_array.ts";
import { sizeOf } from "../../shape.ts";
import type { Card } from "./api.ts";
import { array, Arrays, type Opened, type Target } from "./arrays.ts";
import * as convolutions from "./convolutions.ts";
import { integerProduct, matrixProduct } from "./matrices.ts";
import type { Buffer } from "./memory.ts";
import * as moves from "./moves.ts";
import { apart, numbersOf, type Plan, planOf, type Product, productKernel, type Sizes, type Tile, tiles } from "./products.ts";

/** Products of matrices; and convolutions, which are products whose operands are never stored. */
export abstract class Multiplying extends Arrays {
  readonly #tiles: readonly Tile[];
  /** Whether workgroups share slices of products. */
  readonly #shared: boolean;

  constructor(card: Card, adapter: string, { tiles: own, ...opened }: Opened & { tiles?: readonly Tile[] }) {
    super(card, adapter, opened);
    this.#tiles = own ?? (opened.software ? apart : tiles);
    this.#shared = this.#tiles[0].slice > 0;
  }

  matmul(x: AnyArray, y: AnyArray): RemoteArray {
    const [p, q] = [this.there(x), this.there(y)], [m, k] = x.shape, n = y.shape[1], sizes: Sizes = [m, n, k];
    const { product, numbers } = matrixProduct(p, q, this.#shared), target = this.target("matmul", m * n, [p, q]);
    if (p.dtype === "int32") this.run("matmul", integerProduct(), [p, q], [target.buffer], [m * n, n, k, ...numbers]);
    else this.product("matmul", product, sizes, [p, q], () => numbers, target, m * n);
    return array(target.buffer, p.dtype, [m, n]);
  }

  conv2d(inputs: ConvolutionInputs<AnyArray>, convolution: Convolution): RemoteArray {
    return this.convolved(inputs, convolution, null)[0];
  }

  conv2dPooled(
    inputs: ConvolutionInputs<AnyArray>,
    convolution: Convolution,
    pooling: Pooling2d,
  ): [values: RemoteArray, positions: RemoteArray] {
    if (!convolutions.inQuads(pooling)) return this.maxPool2d(this.conv2d(inputs, convolution), pooling);
    return this.convolved(inputs, convolution, pooling) as [RemoteArray, RemoteArray];
  }

  conv2dInputGradient(dy: AnyArray, filter: AnyArray, convolution: Convolution): RemoteArray {
    const inputs = [this.packed(filter), this.packed(dy)];
    const target = this.target("conv2dInputGradient", sizeOf(convolution.image), inputs);
    this.imageGradient(inputs, convolution, target);
    return array(target.buffer, dy.dtype as DType, convolution.image);
  }

  conv2dFilterGradient(x: AnyArray, dy: AnyArray, convolution: Convolution): RemoteArray {
    const inputs = [this.packed(dy), this.packed(x)];
    const target = this.target("conv2dFilterGradient", sizeOf(convolution.filter), inputs);
    this.filterGradient(inputs, convolution, false, null, target);
    return array(target.buffer, x.dtype as DType, convolution.filter);
  }

  /** The filters' and biases' gradients are one product; slopes after a pooling are put back where they are read. */
  conv2dGradients(inputs: GradientInputs<AnyArray>, convolution: Convolution, wanted: Wanted<AnyArray>): RemoteArray {
    const [x, filter, dy] = inputs.map((input) => this.packed(input)), { pooled } = wanted;
    const [dx, dw, db] = [convolution.image, convolution.filter, [convolution.filter[0]]].map(sizeOf);
    const filterSize = wanted.filter ? dw : 0,
      imageSize = wanted.x ? dx : 0,
      size = imageSize + filterSize + (wanted.bias ? db : 0);
    const target = this.target("conv2dGradients", size, [x, filter, dy]);
    const implicit = pooled !== undefined && !wanted.x && wanted.filter && convolutions.inQuads(pooled.pooling);
    const slopes = pooled === undefined || implicit ? dy : this.unpooled(dy, pooled);
    if (wanted.x) this.imageGradient([filter, slopes], convolution, target);
    const at = target.at + imageSize;
    if (wanted.filter) this.filterGradient([slopes, x], convolution, wanted.bias, implicit ? pooled : null, { ...target, at });
    else if (wanted.bias) this.folded("sum", slopes, [0, 2, 3], 1, { ...target, at });
    return array(target.buffer, x.dtype, [size]);
  }

  maxPool2d(x: AnyArray, pooling: Pooling2d): [values: RemoteArray, positions: RemoteArray] {
    const images = this.packed(x),
      size = sizeOf(pooling.shape),
      outputs = [0, 1].map(() => this.made("maxPool2d", size, [images]));
    this.run("maxPool2d", moves.pooling(pooling, x.shape), [images], outputs, [size, images.offset]);
    return [array(outputs[0], images.dtype, pooling.shape), array(outputs[1], "int32", pooling.shape)];
  }

  protected convolved(
    [x, filter, bias]: ConvolutionInputs<AnyArray>,
    convolution: Convolution,
    pooling: Pooling2d | null,
  ): RemoteArray[] {
    const name = pooling === null ? "conv2d" : "conv2dPooled", shape = pooling?.shape ?? convolution.output;
    const inputs = (bias === null ? [filter, x] : [filter, x, bias]).map((input) => this.packed(input)), [own] = inputs;
    const terms = sizeOf(convolution.filter.slice(1)),
      columns = pooling === null ? shape[0] * shape[2] * shape[3] : 4 * shape[0] * shape[2] * shape[3];
    const wide = terms % 4 === 0 && own.offset % 4 === 0,
      product = convolutions.forward(convolution, bias !== null, pooling, wide);
    const sizes: Sizes = [convolution.filter[0], columns, terms], plan = planOf(sizes, this.#tiles, true);
    const outputs = (pooling === null ? [0] : [0, 1]).map(() => this.made(name, sizeOf(shape), inputs));
    this.call(name, product, sizes, plan, inputs, inputs.map(({ offset }) => offset), outputs);
    return outputs.map((output, i) => array(output, i === 0 ? own.dtype : "int32", shape));
  }

  protected imageGradient(inputs: readonly RemoteArray[], convolution: Convolution, target: Target): void {
    const { image: [images, channels, rows, columns], filter: [outputs, , height, width] } = convolution;
    const sizes: Sizes = [channels, images * rows * columns, outputs * height * width];
    const numbers = [...inputs.map(({ offset }) => offset), target.at];
    this.call(
      "conv2dInputGradient",
      convolutions.imageGradient(convolution),
      sizes,
      planOf(sizes, this.#tiles, true),
      inputs,
      numbers,
      [
        target.buffer,
      ],
    );
  }

  protected filterGradient(
    inputs: readonly RemoteArray[],
    convolution: Convolution,
    biased: boolean,
    pooled: Pooled<AnyArray> | null,
    target: Target,
  ): void {
    const { output: [images, outputs, rows, columns], filter } = convolution,
      terms = sizeOf(filter.slice(1)),
      pixels = rows * columns;
    const sizes: Sizes = [outputs, terms + (biased ? 1 : 0), images * pixels], [slopes, x] = inputs;
    const others = pooled === null
      ? []
      : [pooled.positions, ...(pooled.gate === null ? [] : [pooled.gate])].map((one) => this.packed(one));
    const slopesAt = pooled === null ? null : { pooling: pooled.pooling, gated: pooled.gate !== null };
    const wide = pooled === null && pixels % 4 === 0 && slopes.offset % 4 === 0;
    const product = convolutions.filterGradient(convolution, biased, slopesAt, wide), size = sizes[0] * sizes[1];
    const numbers = (at: number) => [slopes.offset, x.offset, at, ...others.map(({ offset }) => offset)];
    this.product("conv2dFilterGradient", product, sizes, [...inputs, ...others], numbers, target, size);
  }

  /** Slopes after a pooling as slopes before it. */
  protected unpooled(dy: AnyArray, { positions, gate, shape, pooling }: Pooled<AnyArray>): RemoteArray {
    const inputs = [dy, positions, ...(gate === null ? [] : [gate])].map((one) => this.packed(one)), size = sizeOf(shape);
    const output = this.made("put", size, inputs), offsets = inputs.map(({ offset }) => offset);
    this.run("put", moves.unpooling(pooling, shape, gate !== null), inputs, [output], [size, ...offsets]);
    return array(output, inputs[0].dtype, shape);
  }

  /** A product whose sums may be parted: then another kernel adds the parts. */
  protected product(
    name: string,
    product: Product,
    sizes: Sizes,
    inputs: readonly RemoteArray[],
    numbers: (at: number) => readonly number[],
    target: Target,
    size: number,
  ): void {
    const plan = planOf(sizes, this.#tiles);
    if (plan.parts === 1) return this.call(name, product, sizes, plan, inputs, numbers(target.at), [target.buffer]);
    const parts = this.made(name, plan.parts * size, inputs);
    this.call(name, product, sizes, plan, inputs, numbers(0), [parts]);
    this.folded("sum", array(parts, "float32", [plan.parts, size]), [0], 1, target);
  }

  protected call(
    name: string,
    product: Product,
    sizes: Sizes,
    plan: Plan,
    inputs: readonly RemoteArray[],
    numbers: readonly number[],
    outputs: readonly Buffer[],
  ): void {
    this.queue.run({
      name,
      kernel: productKernel(product, plan),
      inputs: inputs.map(({ buffer }) => buffer as Buffer),
      outputs,
      wholes: [...numbersOf(sizes, plan), ...numbers],
      reals: [],
      groups: plan.down * plan.across * plan.parts,
    });
  }
}

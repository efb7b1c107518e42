import type { Window2d } from "../device.ts";
import type { Shape } from "../shape.ts";

/**
 * The memory layout of one image with zeros around it. Any eight neighbouring outputs of a convolution read eight neighbouring
 * numbers: with a horizontal stride s, the columns 0, s, 2s, … come first, then 1, s + 1, …. Places are in elements.
 */
export class PaddedImage {
  /** Total number of elements. */
  readonly size: number;
  readonly #rowLength: number;
  readonly #group: number;
  readonly #rows: number;

  readonly stride: readonly [number, number];
  readonly padding: readonly [number, number];
  readonly dilation: readonly [number, number];

  /**
   * @param image [channels, rows, columns]
   * @param filter [rows, columns]
   * @param output [rows, columns]
   * @param window `padding`: zeros above and left, negative to drop rows and columns; `dilation`: the distance between
   * neighbouring rows and columns in the copy
   */
  constructor(
    readonly image: Shape,
    readonly filter: Shape,
    readonly output: Shape,
    { stride, padding, dilation = [1, 1] }: Window2d & { dilation?: readonly [number, number] },
  ) {
    this.stride = stride;
    this.padding = padding;
    this.dilation = dilation;
    this.#rows = (output[0] - 1) * stride[0] + filter[0];
    this.#group = Math.ceil(((output[1] - 1) * stride[1] + filter[1]) / stride[1]);
    this.#rowLength = this.#group * stride[1];
    this.size = image[0] * this.#rows * this.#rowLength;
  }

  /** Start of row i, counted through all channels; negative if it is dropped. */
  rowAt(i: number): number {
    const [, rows] = this.image, row = (i % rows) * this.dilation[0] + this.padding[0];
    if (row < 0 || row >= this.#rows) return -1;
    return (Math.floor(i / rows) * this.#rows + row) * this.#rowLength;
  }

  /** Position of column j in its row; negative if it is dropped. */
  columnAt(j: number): number {
    const column = j * this.dilation[1] + this.padding[1];
    return column < 0 || column >= this.#rowLength ? -1 : this.#column(column);
  }

  /** Position from which output [0, 0] reads element k of [channels, filter rows, filter columns]. */
  tapAt(k: number): number {
    const [p, q] = this.filter, channel = Math.floor(k / (p * q)), u = Math.floor(k / q) % p;
    return (channel * this.#rows + u) * this.#rowLength + this.#column(k % q);
  }

  /** Offset of the reads of output [i, j] from those of [0, 0]. */
  outputAt(i: number, j: number): number {
    return i * this.stride[0] * this.#rowLength + j;
  }

  #column(column: number): number {
    return (column % this.stride[1]) * this.#group + Math.floor(column / this.stride[1]);
  }
}

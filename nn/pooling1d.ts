import { avgPool2d, maxPool2d, type Tensor } from "../autodiff/mod.ts";
import { checkCounts, checkOptions, type Known, truth, whole } from "../autodiff/options.ts";
import { requireTensors } from "../autodiff/primitive.ts";
import { showShape } from "../autodiff/shape.ts";
import type { Module } from "./module.ts";

/** Options of a pooling of sequences. */
export interface Pooling1d {
  /** Places from one window to the next; default: the window's length. */
  stride?: number;
  /** Places added at each end: ignored by `MaxPool1d`, zeros for `AvgPool1d`; default 0. */
  padding?: number;
  /** Whether a last window may reach beyond the end, default false. */
  ceilMode?: boolean;
}

/** Options of {@link AvgPool1d}. */
export interface AveragePooling1d extends Pooling1d {
  /** Whether zeros of the padding count as elements, default true. */
  countIncludePad?: boolean;
}

const known: Known<Pooling1d> = { stride: whole(1), padding: whole(0), ceilMode: truth };
const averaging: Known<AveragePooling1d> = { ...known, countIncludePad: truth };

/** The greatest element of each window of sequences, like torch.nn.MaxPool1d. */
export class MaxPool1d implements Module {
  /**
   * Pools by windows of one length.
   * @param kernel length of a window
   */
  constructor(readonly kernel: number, readonly pooling: Pooling1d = {}) {
    checkCounts("pool", { kernel });
    checkOptions("pool", pooling, known);
  }
  /** [rows, channels, length] to [rows, channels, length']. */
  forward(x: Tensor): Tensor {
    const { stride = this.kernel, padding = 0, ...rest } = this.pooling;
    return alongRow(x, (image) => maxPool2d(image, [1, this.kernel], { stride: [1, stride], padding: [0, padding], ...rest }));
  }
}

/** The mean of each window of sequences, like torch.nn.AvgPool1d. */
export class AvgPool1d implements Module {
  /**
   * Pools by windows of one length.
   * @param kernel length of a window
   */
  constructor(readonly kernel: number, readonly pooling: AveragePooling1d = {}) {
    checkCounts("pool", { kernel });
    checkOptions("pool", pooling, averaging);
  }
  /** [rows, channels, length] to [rows, channels, length']. */
  forward(x: Tensor): Tensor {
    const { stride = this.kernel, padding = 0, ...rest } = this.pooling;
    return alongRow(x, (image) => avgPool2d(image, [1, this.kernel], { stride: [1, stride], padding: [0, padding], ...rest }));
  }
}

/** Pools sequences as images of one row. */
function alongRow(x: Tensor, pool: (image: Tensor) => Tensor): Tensor {
  requireTensors("pool", x);
  if (x.rank !== 3) throw new RangeError(`Cannot pool sequences of shape ${showShape(x.shape)}: wanted [n, channels, length]`);
  const [n, c, length] = x.shape, z = pool(x.reshape(n, c, 1, length));
  return z.reshape(n, c, z.shape[3]);
}

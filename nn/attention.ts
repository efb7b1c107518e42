import { slice, type Tensor } from "../autodiff/mod.ts";
import { checkCounts, checkOptions, type Kind, type Known, truth } from "../autodiff/options.ts";
import { attentionWeights } from "../autodiff/primitives/attention.ts";
import { requireTensors } from "../autodiff/primitive.ts";
import { showShape } from "../autodiff/shape.ts";
import { Dropout } from "./dropout.ts";
import { Linear } from "./linear.ts";
import type { Module, Pass } from "./module.ts";
import { constant, Parameter, uniform } from "./parameter.ts";
import { tensorKind } from "./reduction.ts";

/** Options of {@link MultiheadAttention}. */
export interface MultiheadAttentionOptions {
  /** The probability that a weight is dropped in training, default 0. */
  dropout?: number;
  /** Default true. */
  bias?: boolean;
  /** Whether sequences are [rows, steps, width] instead of [steps, rows, width]. Default false; `train()` needs true. */
  batchFirst?: boolean;
}

/** Which keys a query may look at. */
export interface AttentionMasks {
  /** 1 where a query must not look: [queries, keys], or [rows · heads, queries, keys]. */
  attnMask?: Tensor;
  /** 1 for the keys of a row that are padding: [rows, keys]. */
  keyPaddingMask?: Tensor;
  /** Whether a query sees no key after its own place. Default false. */
  isCausal?: boolean;
}

const share: Kind = {
  type: "number",
  wanted: "a number from 0, below 1",
  holds: (value) => (value as number) >= 0 && (value as number) < 1,
};
const known: Known<MultiheadAttentionOptions> = { dropout: share, bias: truth, batchFirst: truth };
const masks: Known<AttentionMasks> = { attnMask: tensorKind, keyPaddingMask: tensorKind, isCausal: truth };

/**
 * Attention of several heads, each of which sees a part of the width after a linear map, and a linear map of the joined heads. Named
 * and initialised like torch.nn.MultiheadAttention: Glorot's uniform law, biases 0.
 * Source: A. Vaswani et al., "Attention is all you need", NeurIPS 2017.
 */
export class MultiheadAttention implements Module {
  // The names that PyTorch has in files.
  /** The maps to queries, keys and values, [3 · width, width]. */
  readonly in_proj_weight: Parameter;
  /** [3 · width]; `null` without bias. */
  readonly in_proj_bias: Parameter | null;
  /** The map of the joined heads, [width, width]. */
  readonly out_proj: Linear;
  /** Number of heads. */
  readonly heads: number;
  /** The options, with defaults. */
  readonly settings: Required<MultiheadAttentionOptions>;

  /**
   * Attention of several heads.
   * @param width numbers per step, of input and output
   * @param heads number of heads, which divides the width
   */
  constructor(width: number, heads: number, options: MultiheadAttentionOptions = {}) {
    const { dropout = 0, bias = true, batchFirst = false } = checkOptions("make an attention", options, known);
    checkCounts("make an attention", { width, heads });
    if (width % heads > 0) {
      throw new RangeError(`Cannot make an attention of ${heads} heads: they must divide the width ${width}`);
    }
    this.in_proj_weight = new Parameter([3 * width, width], uniform(Math.sqrt(6 / (4 * width))));
    this.in_proj_bias = bias ? new Parameter([3 * width], constant(0)) : null;
    this.out_proj = new Linear(width, width, { bias });
    if (bias) Object.assign(this.out_proj, { bias: new Parameter([width], constant(0)) });
    this.heads = heads;
    this.settings = { dropout, bias, batchFirst };
  }

  /** Attention of a sequence to itself, at all of its steps; the same shape. */
  forward(x: Tensor, pass?: Pass): Tensor {
    return this.attend(x, x, x, {}, pass);
  }

  /**
   * Attention of queries to keys and their values, with masks: a sequence of the queries' shape.
   * @throws {RangeError} for shapes that do not fit
   */
  attend(query: Tensor, key: Tensor, value: Tensor, options: AttentionMasks = {}, pass?: Pass): Tensor {
    requireTensors("attend to", query, key, value);
    const { attnMask, keyPaddingMask, isCausal } = checkOptions("attend", options, masks),
      { batchFirst, dropout } = this.settings;
    const width = this.in_proj_weight.shape[1], { heads } = this, size = width / heads;
    const projected = [query, key, value].map((x, i) => {
      if (x.rank !== 3 || x.shape[2] !== width) {
        const wanted = batchFirst ? "rows, steps" : "steps, rows";
        throw new RangeError(`Cannot attend to a sequence of shape ${showShape(x.shape)}: wanted [${wanted}, ${width}]`);
      }
      const y = x.matmul(slice(this.in_proj_weight, 0, i * width, (i + 1) * width).transpose());
      const z = this.in_proj_bias === null ? y : y.add(slice(this.in_proj_bias, 0, i * width, (i + 1) * width));
      const [first, second] = x.shape, split = z.reshape(first, second, heads, size);
      return batchFirst ? split.transpose(0, 2, 1, 3) : split.transpose(1, 2, 0, 3);
    });
    const [q, k, v] = projected, [rows, , queries] = q.shape, keys = k.shape[2], open = (x: Tensor) => x.equal(0);
    let mask = attnMask === undefined ? undefined : open(attnMask);
    if (mask?.rank === 3) mask = mask.reshape(rows, heads, queries, keys);
    if (keyPaddingMask !== undefined) {
      const padding = open(keyPaddingMask).reshape(rows, 1, 1, keys);
      mask = mask === undefined ? padding : mask.cast(padding.dtype).mul(padding);
    }
    const weights = new Dropout(dropout).forward(attentionWeights(q, k, { mask, isCausal }), pass), z = weights.matmul(v);
    const joined = batchFirst ? z.transpose(0, 2, 1, 3) : z.transpose(2, 0, 1, 3);
    return this.out_proj.forward(joined.reshape(joined.shape[0], joined.shape[1], width));
  }
}

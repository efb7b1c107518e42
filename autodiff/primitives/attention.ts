import { checkOptions, type Kind, type Known, number, truth } from "../options.ts";
import { requireSameDType, requireTensors } from "../primitive.ts";
import { broadcastShapes, type Shape, showShape } from "../shape.ts";
import { Tensor } from "../tensor.ts";
import { matmul } from "./linear_algebra.ts";
import { where } from "./selection.ts";
import { rowSoftmax } from "./row_softmax.ts";

/** Options of {@link scaledDotProductAttention}. */
export interface Attention {
  /** 1 where a query may look at a key, 0 where not, broadcast to [.., queries, keys]. Default: everywhere. */
  mask?: Tensor;
  /** Added to the scores, broadcast to [.., queries, keys]. Default: 0. */
  bias?: Tensor;
  /** Whether a query sees no key after its own place. Default false. */
  isCausal?: boolean;
  /** The factor on the scores, default 1 / √width. */
  scale?: number;
}

const tensor: Kind = { type: "object", wanted: "a tensor", holds: (value) => value instanceof Tensor };
const known: Known<Attention> = { mask: tensor, bias: tensor, isCausal: truth, scale: number };

/**
 * softmax(scale · query keyᵀ) value: for each of [.., queries, width] the mean of [.., keys, size] by its likeness with [.., keys,
 * width]. Like torch.nn.functional.scaled_dot_product_attention; a query that may look nowhere gets NaN, where PyTorch gives 0.
 * Source: A. Vaswani et al., "Attention is all you need", NeurIPS 2017.
 */
export function scaledDotProductAttention(query: Tensor, key: Tensor, value: Tensor, options: Attention = {}): Tensor {
  return matmul(attentionWeights(query, key, options), value);
}

/** The weights of {@link scaledDotProductAttention}, [.., queries, keys]. */
export function attentionWeights(query: Tensor, key: Tensor, options: Attention = {}): Tensor {
  requireTensors("attend to", query, key);
  requireSameDType("attend to", query, key);
  const { rank } = query, width = query.shape[rank - 1], last = key.rank - 1;
  const { mask, bias, isCausal = false, scale = 1 / Math.sqrt(width) } = checkOptions("attend", options, known);
  if (rank < 2 || key.rank < 2 || key.shape[last] !== width) {
    throw new RangeError(
      `Cannot attend from ${showShape(query.shape)} to ${showShape(key.shape)}: wanted [.., queries, width], [.., keys, width]`,
    );
  }
  const turned = key.transpose(...key.shape.map((_, axis) => axis).slice(0, -2), last, last - 1);
  let scores = matmul(query.mul(scale), turned);
  if (bias !== undefined) scores = scores.add(fitting(bias, scores.shape).cast(scores.dtype));
  const open = [...(mask === undefined ? [] : [fitting(mask, scores.shape)]), ...(isCausal ? [causal(scores.shape)] : [])];
  for (const allowed of open) scores = where(allowed.cast(scores.dtype), scores, -Infinity);
  return rowSoftmax(scores);
}

/** @throws {RangeError} unless it broadcasts to the scores */
function fitting(mask: Tensor, shape: Shape): Tensor {
  if (broadcastShapes(mask.shape, shape, "mask").length === shape.length) return mask;
  throw new RangeError(`Cannot mask scores ${showShape(shape)} by ${showShape(mask.shape)}: it has more axes`);
}

/** 1 for keys up to a query's own place. */
function causal(shape: Shape): Tensor {
  const [queries, keys] = shape.slice(-2);
  return Tensor.from(Float32Array.from({ length: queries * keys }, (_, i) => +(i % keys <= Math.floor(i / keys))), [
    queries,
    keys,
  ]);
}

import { convolving } from "../devices/convolving.ts";
import type { Convolution, ConvolutionInputs, Pooling2d } from "../device.ts";
import { type Apply, primitive } from "../primitive.ts";
import type { Tensor } from "../tensor.ts";
import { convolutionGradients, type Padding, type Pair, prepared } from "./convolution.ts";
import { pooled, type Pooling } from "./pooling.ts";

const pooledConvolution: Apply<{ convolution: Convolution; pooling: Pooling2d }> = primitive({
  name: "conv2dPooled",
  cpu: convolving,
  shape: (_, { pooling }) => pooling.shape,
  forward(device, [x, filter, bias = null], { convolution, pooling }, _, save) {
    const [values, positions] = device.conv2dPooled?.([x, filter, bias], convolution, pooling) ??
      device.maxPool2d(device.conv2d([x, filter, bias], convolution), pooling);
    save(positions);
    return values;
  },
  gradient({ dy, inputs, output, options: { convolution, pooling }, saved }) {
    const gate = pooling.relu ? output.array : null;
    return convolutionGradients(dy, inputs, convolution, {
      positions: saved!.array,
      gate,
      shape: convolution.output,
      pooling,
    });
  },
});

/** A convolution, then a max pooling, and with `relu` max(z, 0). */
interface PooledConvolution {
  stride?: Pair;
  padding?: Padding;
  kernel: Pair;
  pooling: Pooling;
  relu: boolean;
}

/**
 * maxPool2d(conv2d(x, filter, bias)), with `relu` followed by max(z, 0), as one operation. It never stores the images in between,
 * the largest arrays of a network.
 */
export function conv2dPooled(
  given: ConvolutionInputs<Tensor>,
  { stride, padding, kernel, pooling, relu }: PooledConvolution,
): Tensor {
  const { inputs, convolution } = prepared(given, { stride, padding });
  return pooledConvolution(inputs, { convolution, pooling: { ...pooled(convolution.output, kernel, pooling), relu } });
}

import type { Pooling2d } from "../devices/device.ts";
import { type Apply, primitive } from "../primitive.ts";
import type { Tensor } from "../tensor.ts";
import { convolutionGradients, type Geometry, outputShape, type Padding, type Pair, prepared } from "./convolution.ts";
import { pooled, type Pooling } from "./pooling.ts";

const pooledConvolution: Apply<Geometry & { pooling: Pooling2d }> = primitive({
  name: "conv2dPooled",
  shape: (_, { pooling }) => pooling.shape,
  forward(device, [x, filter, bias = null], { pooling, ...geometry }, _, save) {
    const shape = outputShape(geometry);
    const [values, positions] = device.conv2dPooled?.(x, filter, bias, geometry, shape, pooling) ??
      device.maxPool2d(device.conv2d(x, filter, bias, geometry, shape), pooling);
    save(positions);
    return values;
  },
  gradient({ dy, inputs, output, options: { pooling, ...geometry }, saved }) {
    const gate = pooling.relu ? output.array : null, shape = outputShape(geometry);
    return convolutionGradients(dy, inputs, geometry, { positions: saved!.array, gate, shape, pooling });
  },
});

/**
 * maxPool2d(conv2d(x, filter, bias)), and with `relu` max(z, 0) of that, as one: the images between, which are the greatest
 * of a network, are never stored.
 */
export function conv2dPooled(
  x: Tensor,
  filter: Tensor,
  bias: Tensor | null,
  { stride = 1, padding = 0 }: { stride?: Pair; padding?: Padding },
  kernel: Pair,
  pooling: Pooling,
  relu: boolean,
): Tensor {
  const { inputs, geometry } = prepared(x, filter, bias, stride, padding);
  const options = { ...geometry, pooling: { ...pooled(outputShape(geometry), kernel, pooling), relu } };
  return pooledConvolution(inputs, options);
}

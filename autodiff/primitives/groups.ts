import type { Convolution, Device } from "../device.ts";
import type { Shape } from "../shape.ts";
import type { AnyArray } from "../remote_array.ts";
import { sliced } from "../views.ts";

/** A convolution within groups of channels: output channels of a group see the input channels of that group only. */
export interface Grouped extends Convolution {
  /** Number of groups; the filter has [outputs, channels / groups, rows, columns]. Default 1. */
  groups?: number;
}

/**
 * A product of a convolution, computed for each group and joined.
 * @param given arrays, and the axis along which each has the groups
 * @param shape of the result, whose groups are along `axis`
 */
export function inGroups(
  device: Device<AnyArray>,
  convolution: Grouped,
  given: readonly (readonly [array: AnyArray | null, axis: number])[],
  shape: Shape,
  axis: number,
  product: (parts: AnyArray[], convolution: Convolution) => AnyArray,
): AnyArray {
  const { groups = 1, ...whole } = convolution;
  if (groups === 1) return product(given.map(([array]) => array!), whole);
  const part = (length: number) => length / groups;
  const { image: [n, channels, ...size], filter: [outputs, ...rest], output: [, , ...result] } = whole;
  const each = {
    ...whole,
    image: [n, part(channels), ...size],
    filter: [part(outputs), ...rest],
    output: [n, part(outputs), ...result],
  };
  const parts = Array.from({ length: groups }, (_, group) =>
    product(
      given.map(([array, along]) => {
        if (array === null) return array!;
        const whole = array.shape[along], length = part(whole);
        return sliced(array, { axis: along, start: group * length, length, step: 1, whole });
      }),
      each,
    ));
  return device.concatenate(parts, axis, shape);
}

import { deepEqual, throws } from "node:assert/strict";
import { test } from "node:test";
import { autodiff, nn } from "../../mod.ts";

test("layers of windows refuse channels, groups and sizes that do not fit", () => {
  const table: [act: () => unknown, message: string][] = [
    [() => new nn.Conv2d(3, 4, 2, { groups: 2 }), "Cannot make a convolution of 3 to 4 channels: 2 groups must divide both"],
    [() => new nn.Conv1d(4, 3, 2, { groups: 2 }), "Cannot make a convolution of 4 to 3 channels: 2 groups must divide both"],
    [
      () => new nn.Conv1d(1, 1, 2, { stride: 2, padding: "same" }),
      'Cannot make a convolution with stride 2 and padding "same": wanted stride 1',
    ],
    [
      () => new nn.AdaptiveMaxPool2d(2).forward(autodiff.ones([1, 1, 3, 4])),
      "Cannot pool [1, 1, 3, 4] to 2 by 2: wanted a size that divides the images'",
    ],
    [() => new nn.AdaptiveAvgPool2d(0), "Cannot pool: the height is 0; wanted a whole number from 1"],
    [
      () => autodiff.conv2d(autodiff.ones([1, 1, 3, 3]), autodiff.ones([1, 1, 2, 2]), null, { dilation: 0 }),
      "Cannot convolve with dilation [0, 0]: wanted whole numbers from 1",
    ],
    [
      () => autodiff.conv2d(autodiff.ones([1, 4, 3, 3]), autodiff.ones([3, 2, 2, 2]), null, { groups: 2 }),
      "Cannot convolve [1, 4, 3, 3] with filters [3, 2, 2, 2]: wanted [n, c, height, width] and [o, c, p, q] with c times 2 " +
      "groups, which divide o",
    ],
    [
      () => new nn.MaxPool1d(2).forward(autodiff.ones([2, 3])),
      "Cannot pool sequences of shape [2, 3]: wanted [n, channels, length]",
    ],
  ];
  for (const [act, message] of table) throws(act, { name: "RangeError", message });
});

test("filters in groups are smaller, and start within ±1/√(inputs per output)", () => {
  const [image, line] = [
    nn.initialize(new nn.Conv2d(4, 8, 3, { groups: 4 }), 0),
    nn.initialize(new nn.Conv1d(6, 6, 5, { groups: 3 }), 0),
  ];
  deepEqual([image.weight.shape, line.weight.shape], [[8, 1, 3, 3], [6, 2, 5]]);
  const greatest = ({ data }: nn.Parameter) => Math.max(...data.map(Math.abs));
  deepEqual([greatest(image.weight) <= 1 / 3, greatest(image.weight) > 0.3], [true, true]);
  deepEqual([greatest(line.weight) <= Math.sqrt(0.1), greatest(line.weight) > 0.28], [true, true]);
});

test("a max pooling whose last windows reach beyond the edge is the same in float32 and float64, with its slope", () => {
  for (const [kernel, stride, padding] of [[2, 2, 0], [2, 1, 0], [2, 3, 0], [3, 3, 1], [3, 2, 1], [2, 2, 1], [4, 3, 2]]) {
    for (const [height, width] of [[5, 7], [6, 6], [7, 4]]) {
      const found = (["float32", "float64"] as const).map((dtype) => {
        const x = autodiff.rand([5, 2, height, width], height).cast(dtype).withGrad();
        const z = autodiff.maxPool2d(x, kernel, { stride, padding, ceilMode: true });
        z.mul(z.detach()).sum().backward();
        return [z, x.grad!].map((tensor) => tensor.cast("float32").toArray());
      });
      deepEqual(found[0], found[1]);
    }
  }
});

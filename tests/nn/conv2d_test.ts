import { deepEqual, ok } from "node:assert/strict";
import { test } from "node:test";
import { autodiff, nn, type Tensor, tensor } from "../../mod.ts";
import { fc } from "../deps.ts";

/** Cross-correlation with PyTorch's padding "same": k - 1 zeros along an axis in total, the odd one at the end. */
function same({ data, shape: [, , height, width] }: Tensor, filter: Tensor): number[] {
  const [, , p, q] = filter.shape, [top, left] = [Math.floor((p - 1) / 2), Math.floor((q - 1) / 2)], found: number[] = [];
  for (let i = 0; i < height; i++) {
    for (let j = 0; j < width; j++) {
      let sum = 0;
      for (let u = 0; u < p; u++) {
        for (let v = 0; v < q; v++) {
          const [row, column] = [i + u - top, j + v - left];
          if (row >= 0 && row < height && column >= 0 && column < width) {
            sum += data[row * width + column] * filter.data[u * q + v];
          }
        }
      }
      found.push(sum);
    }
  }
  return found;
}

test('padding "same" keeps the size of images, as in PyTorch, also for even filters; "valid" is no padding', () =>
  fc.assert(
    fc.property(
      fc.tuple(fc.integer({ min: 1, max: 5 }), fc.integer({ min: 1, max: 5 })),
      fc.tuple(fc.integer({ min: 5, max: 7 }), fc.integer({ min: 5, max: 7 })),
      fc.boolean(),
      ([p, q], [height, width], pooled) => {
        const layer = nn.initialize(new nn.Conv2d(1, 1, [p, q], { padding: "same", bias: false }), p + 5 * q);
        const image = tensor(Float32Array.from({ length: height * width }, (_, i) => Math.sin(3 * i)), [1, 1, height, width]);
        const made = layer.forward(image), wanted = same(image, layer.weight);
        deepEqual(made.shape, [1, 1, height, width]);
        ok(wanted.every((z, i) => Math.abs(z - made.data[i]) < 1e-5), `${wanted} ${made.data}`);
        const pool = new nn.MaxPool2d(2), both = new nn.Sequential(layer, pool);
        if (pooled) deepEqual(both.forward(image).toArray(), pool.forward(made).toArray());
        const valid = (padding: "valid" | 0) => autodiff.conv2d(image, layer.weight, null, { padding }).toArray();
        deepEqual(valid("valid"), valid(0));
        const squares = (x: Tensor, w: Tensor) => autodiff.conv2d(x, w, null, { padding: "same" }).square().sum();
        ok(autodiff.checkGradients(squares, [image, layer.weight].map((x) => x.cast("float64").detach())).ok);
      },
    ),
    { numRuns: 40, seed: 3 },
  ));

/**
 * Times what a training step of the MNIST example is made of: medians over alternating rounds, `deno task bench`.
 * @module
 */
import { autodiff, nn, Tensor } from "../mod.ts";

const rows = 150, rounds = 9;
const random = (shape: number[]) => {
  let state = 1;
  const size = shape.reduce((product, length) => product * length, 1);
  return Tensor.from(
    Float32Array.from({ length: size }, () => (state = (Math.imul(state, 1664525) + 1013904223) | 0) / 2 ** 31),
    shape,
  ).withGrad();
};

const model = nn.initialize(
  new nn.Sequential(
    new nn.Conv2d(1, 16, 5, { padding: 2 }),
    new nn.ReLU(),
    new nn.MaxPool2d(2),
    new nn.Conv2d(16, 32, 5, { padding: 2 }),
    new nn.ReLU(),
    new nn.MaxPool2d(2),
    new nn.Flatten(),
    new nn.Linear(32 * 7 * 7, 10),
    new nn.Softmax(),
  ),
  0,
);
const { gradient } = nn.flatParameters(model);
const images = random([rows, 1, 28, 28]).detach(), labels = Tensor.from(Float64Array.from({ length: rows }, (_, i) => i % 10));
const x1 = images, w1 = random([16, 1, 5, 5]), x2 = random([rows, 16, 14, 14]), w2 = random([32, 16, 5, 5]);
const square = random([512, 512]), flops1 = 2 * rows * 16 * 28 * 28 * 25, flops2 = 2 * rows * 32 * 14 * 14 * 16 * 25;

/** Forward alone, and with the gradient in every input that wants one. */
const convolve = (x: Tensor, w: Tensor) => autodiff.conv2d(x, w, null, { padding: 2 });
const cases: { name: string; flops?: number; run: () => void }[] = [
  {
    name: "step, forward and backward",
    run: () => {
      gradient.fill(0);
      nn.logLoss(model.forward(images), labels).backward();
    },
  },
  { name: "forward", run: () => autodiff.noGrad(() => model.forward(images)) },
  { name: "convolution 1", flops: flops1, run: () => autodiff.noGrad(() => convolve(x1, w1)) },
  {
    name: "convolution 1 with gradient",
    flops: 2 * flops1,
    run: () => convolve(x1, w1).backward(autodiff.ones([rows, 16, 28, 28])),
  },
  { name: "convolution 2", flops: flops2, run: () => autodiff.noGrad(() => convolve(x2, w2)) },
  {
    name: "convolution 2 with gradients",
    flops: 3 * flops2,
    run: () => convolve(x2, w2).backward(autodiff.ones([rows, 32, 14, 14])),
  },
  { name: "product 512 x 512 x 512", flops: 2 * 512 ** 3, run: () => autodiff.noGrad(() => square.matmul(square)) },
];

const times = cases.map(() => [] as number[]);
for (let round = -2; round < rounds; round++) {
  cases.forEach(({ run }, i) => {
    const start = performance.now();
    run();
    if (round >= 0) times[i].push(performance.now() - start);
  });
}
for (const [i, { name, flops }] of cases.entries()) {
  const median = times[i].sort((a, b) => a - b)[rounds >> 1];
  const rate = flops === undefined ? "" : `${(flops / median / 1e6).toFixed(1).padStart(8)} GFLOP/s`;
  console.log(`${name.padEnd(30)}${median.toFixed(1).padStart(8)} ms${rate}`);
}

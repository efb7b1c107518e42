/** Products and training steps in a browser by the kit, TensorFlow.js, jax-js and a hand-written kernel; see ../gpu.ts. @module */
import * as tf from "npm:@tensorflow/tfjs-core@4.22.0";
import "npm:@tensorflow/tfjs-core@4.22.0/dist/register_all_gradients.js";
import "npm:@tensorflow/tfjs-backend-webgl@4.22.0";
import "npm:@tensorflow/tfjs-backend-webgpu@4.22.0";
import { type Array as JaxArray, defaultDevice, init, jit, lax, nn as jaxNn, numpy, valueAndGrad } from "npm:@jax-js/jax@0.1.25";
import { autodiff, DataSet, nn, train } from "../../mod.ts";
import { tiledProduct } from "./wgsl_product.ts";

/** Prepares a product of two square matrices, with its elements read back. */
type Product = (x: Float32Array, y: Float32Array, size: number) => Promise<() => Promise<Float32Array>>;

/** A network of the tutorial's layers: two convolutions of 5 x 5, each with a rectifier and a pooling, and a layer for ten classes. */
interface Network {
  /** Rows and columns of an image. */
  side: number;
  /** Filters of both convolutions. */
  filters: [number, number];
}

/** Times `steps` training steps of a network, after two more to warm up, and returns the first loss after these. */
type Step = (network: Network, batch: number, steps: number) => Promise<{ milliseconds: number[]; loss: number }>;

/** Numbers from -0.1 to 0.1 for all contenders' parameters: filters, biases, twice, then weights [inputs, 10] and biases. */
function parameters({ side, filters: [first, second] }: Network): { shape: number[]; values: Float32Array }[] {
  const shapes = [[first, 1, 5, 5], [first], [second, first, 5, 5], [second], [second * (side / 4) ** 2, 10], [10]];
  return shapes.map((shape, k) => {
    const size = shape.reduce((product, length) => product * length, 1);
    return { shape, values: Float32Array.from({ length: size }, (_, i) => 0.1 * Math.sin(3 * k + 1.7 * i)) };
  });
}

const kitProduct = (mode: "webgpu" | "webgl2" | null): Product => async (x, y, size) => {
  const device = mode === null ? null : await autodiff.openGpu({ mode });
  const [a, b] = [x, y].map((values) => {
    const matrix = autodiff.tensor(values, [size, size]);
    return device === null ? matrix : matrix.to(device);
  });
  return async () => await a.matmul(b).read() as Float32Array;
};

const kitStep = (mode: "webgpu" | "webgl2" | null): Step => async (network, batch, steps) => {
  const { side, filters: [first, second] } = network, { images, labels } = digits(network, batch), stop = new AbortController();
  const model = new nn.Sequential(
    ...[new nn.Conv2d(1, first, 5, { padding: 2 }), new nn.ReLU(), new nn.MaxPool2d(2)],
    ...[new nn.Conv2d(first, second, 5, { padding: 2 }), new nn.ReLU(), new nn.MaxPool2d(2), new nn.Flatten()],
    ...[new nn.Linear(second * (side / 4) ** 2, 10), new nn.Softmax()],
  );
  const own = parameters(network).map(({ values }) => values);
  // The layer's weights are [outputs, inputs].
  [...nn.namedParameters(model).values()].forEach((parameter, i) =>
    parameter.fill((place) => own[i][i === 4 ? (place % parameter.shape[1]) * 10 + Math.floor(place / parameter.shape[1]) : place])
  );
  const data = { candidate: new DataSet({ features: images, labels }), safety: new DataSet({ features: images.add(1), labels }) };
  const times: number[] = [], { log } = await train({
    data,
    model,
    objective: nn.logLoss,
    constraints: [{ text: "ACC >= 0.01", delta: 0.05 }],
    optimizer: { thetaRate: 0.001, epochs: 1000, finalists: 0, batchSize: batch },
    device: mode === null ? "cpu" : await autodiff.openGpu({ mode }),
    signal: stop.signal,
    onStep: () => times.push(performance.now()) > steps + 2 && stop.abort(),
  });
  return { milliseconds: times.slice(3).map((time, i) => time - times[i + 2]), loss: log[2].f };
};

const tensorflowProduct = (backend: string): Product => async (x, y, size) => {
  if (!await tf.setBackend(backend)) throw new Error(`no backend ${backend}`);
  const [a, b] = [x, y].map((values) => tf.tensor2d(values, [size, size]));
  return async () => {
    const z = tf.matMul(a, b), values = await z.data();
    z.dispose();
    return values as Float32Array;
  };
};

const tensorflowStep = (backend: string): Step => async (network, batch, steps) => {
  if (!await tf.setBackend(backend)) throw new Error(`no backend ${backend}`);
  const { images, labels } = digits(network, batch), { side } = network;
  const x = tf.tensor4d(images.data as Float32Array, [batch, side, side, 1]), y = tf.oneHot(tf.tensor1d([...labels], "int32"), 10);
  const [w1, b1, w2, b2, w3, b3] = parameters(network).map(({ shape, values }) => {
    const own = tf.tensor(values, shape);
    return tf.variable(shape.length === 4 ? tf.transpose(own, [2, 3, 1, 0]) : own);
  });
  const layer = (z: tf.Tensor4D, w: tf.Tensor, b: tf.Tensor) =>
    tf.maxPool(tf.relu(tf.add(tf.conv2d(z, w as tf.Tensor4D, 1, "same"), b)) as tf.Tensor4D, 2, 2, "valid");
  const adam = tf.train.adam(0.001), milliseconds: number[] = [], losses: number[] = [];
  for (let step = 0; step < steps + 2; step++) {
    const start = performance.now();
    const cost = adam.minimize(() => {
      const z = tf.transpose(layer(layer(x, w1, b1), w2, b2), [0, 3, 1, 2]);
      const logits = tf.add(tf.matMul(tf.reshape(z, [batch, -1]) as tf.Tensor2D, w3 as tf.Tensor2D), b3);
      return tf.losses.softmaxCrossEntropy(y, logits as tf.Tensor2D) as tf.Scalar;
    }, true)!;
    losses.push((await cost.data())[0]);
    cost.dispose();
    if (step >= 2) milliseconds.push(performance.now() - start);
  }
  return { milliseconds, loss: losses[2] };
};

const jaxProduct: Product = async (x, y, size) => {
  await init("webgpu");
  defaultDevice("webgpu");
  const [a, b] = [x, y].map((values) => numpy.array(values as Float32Array<ArrayBuffer>).reshape([size, size]));
  return async () => await numpy.matmul(a.ref, b.ref).data() as Float32Array;
};

/** Its optimizers are another package, so Adam is written out; a step is one compiled function. */
const jaxStep: Step = async (network, batch, steps) => {
  await init("webgpu");
  defaultDevice("webgpu");
  const { images, labels } = digits(network, batch), { side } = network;
  const array = (values: Float32Array, shape: number[]) => numpy.array(values as Float32Array<ArrayBuffer>).reshape(shape);
  const hot = Float32Array.from({ length: 10 * batch }, (_, i) => labels[Math.floor(i / 10)] === i % 10 ? 1 : 0);
  const x = array(images.data as Float32Array, [batch, 1, side, side]), y = array(hot, [batch, 10]);
  const layer = (z: JaxArray, w: JaxArray, b: JaxArray) => {
    const sums = lax.conv(z, w, [1, 1], "SAME"), [n, c, height, width] = sums.shape;
    return numpy.max(jaxNn.relu(sums.add(b.reshape([1, c, 1, 1]))).reshape([n, c, height / 2, 2, width / 2, 2]), [3, 5]);
  };
  const loss = ([w1, b1, w2, b2, w3, b3]: JaxArray[], x: JaxArray, y: JaxArray) => {
    const logits = numpy.matmul(layer(layer(x, w1, b1), w2, b2).reshape([batch, -1]), w3).add(b3);
    return numpy.sum(jaxNn.logSoftmax(logits, -1).mul(y)).mul(-1 / batch);
  };
  const step = jit((theta: JaxArray[], m: JaxArray[], v: JaxArray[], x: JaxArray, y: JaxArray, rate: JaxArray) => {
    const [value, gradients] = valueAndGrad(loss)(theta.map((one) => one.ref), x, y) as [JaxArray, JaxArray[]];
    const means = m.map((one, i) => one.mul(0.9).add(gradients[i].ref.mul(0.1)));
    const squares = v.map((one, i) => one.mul(0.999).add(gradients[i].ref.mul(gradients[i]).mul(0.001)));
    const next = theta.map((one, i) => one.sub(means[i].ref.mul(rate.ref).div(numpy.sqrt(squares[i].ref).add(1e-8))));
    rate.dispose();
    return [value, next, means, squares];
  });
  const own = parameters(network), zeros = () => own.map(({ shape }) => numpy.zeros(shape));
  let theta = own.map(({ shape, values }) => array(values, shape)), m = zeros(), v = zeros();
  const milliseconds: number[] = [], losses: number[] = [];
  for (let t = 1; t <= steps + 2; t++) {
    const start = performance.now(), rate = numpy.array(0.001 * Math.sqrt(1 - 0.999 ** t) / (1 - 0.9 ** t));
    const found = step(theta, m, v, x.ref, y.ref, rate) as unknown as [JaxArray, JaxArray[], JaxArray[], JaxArray[]];
    [theta, m, v] = [found[1], found[2], found[3]];
    losses.push((await found[0].data())[0]);
    if (t > 2) milliseconds.push(performance.now() - start);
  }
  return { milliseconds, loss: losses[2] };
};

function digits({ side }: Network, batch: number) {
  const values = Float32Array.from({ length: batch * side * side }, (_, i) => Math.abs(Math.sin(i * 1.7)) ** 4);
  return { images: autodiff.tensor(values, [batch, 1, side, side]), labels: Array.from({ length: batch }, (_, i) => i % 10) };
}

const products: Record<string, Product> = {
  "kit, CPU": kitProduct(null),
  "kit, WebGPU": kitProduct("webgpu"),
  "kit, WebGL 2": kitProduct("webgl2"),
  "WGSL by hand, tiled": tiledProduct,
  "TensorFlow.js, WebGPU": tensorflowProduct("webgpu"),
  "TensorFlow.js, WebGL": tensorflowProduct("webgl"),
  "jax-js, WebGPU": jaxProduct,
};

const steps: Record<string, Step> = {
  "kit, CPU": kitStep(null),
  "kit, WebGPU": kitStep("webgpu"),
  "kit, WebGL 2": kitStep("webgl2"),
  "TensorFlow.js, WebGPU": tensorflowStep("webgpu"),
  "TensorFlow.js, WebGL": tensorflowStep("webgl"),
  "jax-js, WebGPU": jaxStep,
};

/** The numbers of both matrices, the same for all contenders. */
function matrices(size: number): [Float32Array, Float32Array] {
  const numbers = (salt: number) => Float32Array.from({ length: size * size }, (_, i) => Math.sin(salt + i * 1.3));
  return [numbers(1), numbers(2)];
}

let run: (() => Promise<Float32Array>) | null = null;

Object.assign(globalThis, {
  bench: {
    products: Object.keys(products),
    steps: Object.keys(steps),
    /** Sums of the product's rows, to compare contenders. */
    async prepare(name: string, size: number): Promise<number[]> {
      run = await products[name](...matrices(size), size);
      const z = await run();
      return Array.from({ length: size }, (_, row) => z.subarray(row * size, (row + 1) * size).reduce((sum, x) => sum + x, 0));
    },
    async time(): Promise<number> {
      const start = performance.now();
      await run!();
      return performance.now() - start;
    },
    step: (name: string, network: Network, batch: number, count: number) => steps[name](network, batch, count),
  },
});

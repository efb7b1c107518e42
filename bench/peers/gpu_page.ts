/** Products and MNIST steps in a browser by the kit, TensorFlow.js, jax-js and a hand-written kernel; see ../gpu.ts. @module */
import * as tf from "npm:@tensorflow/tfjs-core@4.22.0";
import "npm:@tensorflow/tfjs-core@4.22.0/dist/register_all_gradients.js";
import "npm:@tensorflow/tfjs-backend-webgl@4.22.0";
import "npm:@tensorflow/tfjs-backend-webgpu@4.22.0";
import { defaultDevice, init, numpy } from "npm:@jax-js/jax@0.1.25";
import { autodiff, DataSet, nn, train } from "../../mod.ts";
import { tutorialNetwork } from "../network.ts";
import { tiledProduct } from "./wgsl_product.ts";

/** Prepares a product of two square matrices, with its elements read back. */
type Product = (x: Float32Array, y: Float32Array, size: number) => Promise<() => Promise<Float32Array>>;

/** Times `steps` training steps of the tutorial's network, after two more to warm up, and returns the last loss. */
type Step = (batch: number, steps: number) => Promise<{ milliseconds: number[]; loss: number }>;

const kitProduct = (mode: "webgpu" | "webgl2" | null): Product => async (x, y, size) => {
  const device = mode === null ? null : await autodiff.openGpu({ mode });
  const [a, b] = [x, y].map((values) => {
    const matrix = autodiff.tensor(values, [size, size]);
    return device === null ? matrix : matrix.to(device);
  });
  return async () => await a.matmul(b).read() as Float32Array;
};

const kitStep = (mode: "webgpu" | "webgl2" | null): Step => async (batch, steps) => {
  const { images, labels } = digits(batch), times: number[] = [], stop = new AbortController();
  const data = { candidate: new DataSet({ features: images, labels }), safety: new DataSet({ features: images, labels }) };
  const { log } = await train({
    data,
    model: tutorialNetwork(),
    objective: nn.logLoss,
    constraints: [{ text: "ACC >= 0.95", delta: 0.05 }],
    optimizer: { thetaRate: 0.001, epochs: 1000, finalists: 0 },
    device: mode === null ? "cpu" : await autodiff.openGpu({ mode }),
    signal: stop.signal,
    onStep: () => times.push(performance.now()) > steps + 2 && stop.abort(),
  });
  return { milliseconds: times.slice(3).map((time, i) => time - times[i + 2]), loss: log.at(-1)!.f };
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

const tensorflowStep = (backend: string): Step => async (batch, steps) => {
  if (!await tf.setBackend(backend)) throw new Error(`no backend ${backend}`);
  const { images, labels } = digits(batch);
  const x = tf.tensor4d(images.data as Float32Array, [batch, 28, 28, 1]), y = tf.oneHot(tf.tensor1d([...labels], "int32"), 10);
  const weight = (...shape: number[]) => tf.variable(tf.randomUniform(shape, -0.1, 0.1, "float32", 1));
  const [w1, b1, w2, b2, w3, b3] = [weight(5, 5, 1, 16), weight(16), weight(5, 5, 16, 32), weight(32), weight(1568, 10), weight(10)];
  const layer = (z: tf.Tensor4D, w: tf.Tensor, b: tf.Tensor) =>
    tf.maxPool(tf.relu(tf.add(tf.conv2d(z, w as tf.Tensor4D, 1, "same"), b)) as tf.Tensor4D, 2, 2, "valid");
  const adam = tf.train.adam(0.001), milliseconds: number[] = [];
  let loss = 0;
  for (let step = 0; step < steps + 2; step++) {
    const start = performance.now();
    const cost = adam.minimize(() => {
      const z = layer(layer(x, w1, b1), w2, b2), logits = tf.add(tf.matMul(tf.reshape(z, [batch, 1568]) as tf.Tensor2D, w3 as tf.Tensor2D), b3);
      return tf.losses.softmaxCrossEntropy(y, logits as tf.Tensor2D) as tf.Scalar;
    }, true)!;
    loss = (await cost.data())[0];
    cost.dispose();
    if (step >= 2) milliseconds.push(performance.now() - start);
  }
  return { milliseconds, loss };
};

const jaxProduct: Product = async (x, y, size) => {
  await init("webgpu");
  defaultDevice("webgpu");
  const [a, b] = [x, y].map((values) => numpy.array(values as Float32Array<ArrayBuffer>).reshape([size, size]));
  return async () => await numpy.matmul(a.ref, b.ref).data() as Float32Array;
};

function digits(batch: number) {
  const images = autodiff.tensor(Float32Array.from({ length: batch * 784 }, (_, i) => Math.abs(Math.sin(i * 1.7)) ** 4), [batch, 1, 28, 28]);
  return { images, labels: Array.from({ length: batch }, (_, i) => i % 10) };
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
    step: (name: string, batch: number, count: number) => steps[name](batch, count),
  },
});

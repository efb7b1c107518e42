// The page that headless Chromium runs on a GPU or a substitute; see gpu.ts.
import { autodiff, DataSet, nn, train } from "../mod.ts";
import { differences } from "../tests/gpu/on_device.ts";

type Mode = "webgpu" | "webgl2";

/** Loads digits from the server: bytes of images, then of labels. */
async function digits(count: number): Promise<DataSet> {
  const bytes = new Uint8Array(await (await fetch("digits.bin")).arrayBuffer());
  const images = Float32Array.from(bytes.subarray(0, count * 784), (x) => x / 255);
  const labels = bytes.subarray(bytes.length / 785 * 784).slice(0, count);
  return new DataSet({ features: autodiff.tensor(images, [count, 1, 28, 28]), labels });
}

/** The tutorial's layers with a quarter of its filters: of all, SwiftShader takes more than a second for a step. */
function network(): nn.Sequential {
  return new nn.Sequential(
    new nn.Conv2d(1, 4, 5, { padding: 2 }),
    new nn.ReLU(),
    new nn.MaxPool2d(2),
    new nn.Conv2d(4, 8, 5, { padding: 2 }),
    new nn.ReLU(),
    new nn.MaxPool2d(2),
    new nn.Flatten(),
    new nn.Linear(8 * 7 * 7, 10),
    new nn.Softmax(),
  );
}

/** Trains on the CPU and on the GPU; returns the difference of losses, whether the promise was kept, and the time of a step. */
async function trained(mode: Mode, rows: number, constraint: string) {
  const gpu = await autodiff.openGpu({ mode }), data = await digits(rows);
  const run = (device: "cpu" | autodiff.Gpu, steps: number) => {
    const times: number[] = [], stop = new AbortController();
    return train({
      data,
      model: network(),
      objective: nn.logLoss,
      constraints: [{ text: constraint, delta: 0.05 }],
      optimizer: { thetaRate: 0.02, lambdaRate: 0.01, beta2: 0.95, batchSize: 25, epochs: 1 },
      device,
      signal: stop.signal,
      onStep: () => times.push(performance.now()) === steps && stop.abort(),
    }).then((result) => ({ result, milliseconds: (times.at(-1)! - times[1]) / Math.max(1, times.length - 2) }));
  };
  const here = await run("cpu", 20), there = await run(gpu, Infinity), [a, b] = [here.result.log, there.result.log];
  const difference = Math.max(...a.map(({ f }, i) => Math.abs(f - b[i].f)));
  const { passed } = there.result, milliseconds = [here, there].map((run) => run.milliseconds);
  return { mode: gpu.mode, adapter: gpu.adapter, difference, passed, steps: b.length, milliseconds, transfers: gpu.transfers };
}

async function primitives(mode: Mode, samples: number): Promise<string[]> {
  return await differences(await autodiff.openGpu({ mode }), samples);
}

/** The greatest difference of an objective between steps that are replayed and ordinary ones; and the transfers of a replay. */
async function replayed(mode: Mode) {
  const gpu = await autodiff.openGpu({ mode }), rows = Array.from({ length: 400 }, (_, i) => [Math.sin(i), Math.sin(2.3 * i)]);
  const run = async (replay?: boolean) => {
    const counts: autodiff.Transfers[] = [];
    const { log } = await train({
      data: { features: rows, labels: rows.map(([x, y]) => x + y > 0 ? 1 : 0) },
      model: new nn.Sequential(new nn.Linear(2, 4), new nn.Tanh(), new nn.Linear(4, 1), new nn.Sigmoid()),
      objective: nn.logLoss,
      constraints: [{ text: "ACC >= 0.6", delta: 0.05 }],
      optimizer: { thetaRate: 0.03, batchSize: 20, epochs: 5, replay },
      device: gpu,
      onStep: () => counts.push(gpu.transfers),
    });
    const [before, now] = counts.slice(-2);
    return { log, each: [now.uploads - before.uploads, now.downloads - before.downloads, now.submissions - before.submissions] };
  };
  const { log, each } = await run(), ordinary = (await run(false)).log;
  return { steps: log.length, difference: Math.max(...log.map(({ f }, i) => Math.abs(f - ordinary[i].f))), each };
}

Object.assign(globalThis, { kit: { trained, primitives, replayed } });

// Memory over 10,000 training steps: live bytes after a tenth of them and at the end; needs --v8-flags=--expose-gc.
import process from "node:process";
import { autodiff, nn, optim, Tensor } from "../../mod.ts";
import { stepMemory } from "../../autodiff/kernels/in_use.ts";

const model = nn.initialize(
  new nn.Sequential(
    new nn.Conv2d(1, 8, 5),
    new nn.ReLU(),
    new nn.MaxPool2d(2),
    new nn.Flatten(),
    new nn.Linear(128, 10),
    new nn.Softmax(),
  ),
  0,
);
const optimizer = optim.adam(model);
const images = Tensor.from(Float32Array.from({ length: 16 * 144 }, (_, i) => Math.sin(i)), [16, 1, 12, 12]);
const labels = Tensor.from(Float64Array.from({ length: 16 }, (_, i) => i % 10)), held: string[] = [];
for (let step = 1; step <= 10_000; step++) {
  autodiff.inStep(() => {
    nn.logLoss(model.forward(images), labels).backward();
    optimizer.step();
    optimizer.zeroGrad();
  });
  if (step === 1000 || step === 10_000) {
    (globalThis as { gc?: () => void }).gc?.();
    const alive = process.memoryUsage().heapUsed / 2 ** 20, shared = (stepMemory()?.bytes ?? 0) / 2 ** 20;
    held.push(`after ${step} steps ${alive.toFixed(1)} MB are alive, and ${shared.toFixed(1)} MB are step memory`);
  }
}
console.log(held.join("; "));

/** The choice among the best steps, whose forward passes run on the card. */
import { deepEqual, ok } from "node:assert/strict";
import { test } from "node:test";
import { openGpu, type Tensor } from "../../autodiff/mod.ts";
import { nn, train } from "../../mod.ts";

type Methods = { prototype: Record<string, (this: { destroy(): void }, ...options: unknown[]) => unknown> };

const devices: { destroy(): void }[] = [];
if ("GPUAdapter" in globalThis) {
  const { prototype } = (globalThis as unknown as Record<string, Methods>).GPUAdapter, { requestDevice } = prototype;
  prototype.requestDevice = async function (...options) {
    const device = await requestDevice.apply(this, options) as { destroy(): void };
    devices.push(device);
    return device;
  };
}
const { card: { skip } } = await import("./card.ts");

/** Where each batch was judged. */
let places: string[] = [];

class Told extends nn.Sequential {
  override forward(x: Tensor): Tensor {
    places.push(x.device);
    return super.forward(x);
  }
}

const rows = Array.from({ length: 1300 }, (_, i) => [Math.sin(1.7 * i), Math.sin(2.3 * i + 1)]);
const problem = () => ({
  data: { features: rows, labels: rows.map(([x, y], i) => x + y + Math.sin(5 * i) / 2 > 0 ? 1 : 0) },
  model: new Told(new nn.Linear(2, 6), new nn.BatchNorm1d(6), new nn.Tanh(), new nn.Linear(6, 1), new nn.Sigmoid()),
  objective: nn.logLoss,
  constraints: [{ text: "ACC >= 0.6", delta: 0.05 }],
  optimizer: { thetaRate: 0.03, batchSize: 50, epochs: 6 },
  candidates: 2,
});

/** Trains on a device; the result, and where batches were judged in the choice. */
async function trained(device: "cpu" | Awaited<ReturnType<typeof openGpu>>, onChoice?: () => void) {
  const chosen: string[][] = [];
  const end = () => chosen.push(places.splice(0));
  const result = await train({
    ...problem(),
    device,
    onProgress: ({ doing }) => {
      if (doing === "training") places = [];
      else if (doing === "choosing") {
        end();
        onChoice?.();
      }
    },
  });
  return { result, compared: chosen.slice(1).flat() };
}

test("the best steps are compared on the card, with the processor's numbers, and the safety test is not", { skip }, async () => {
  const gpu = await openGpu(), there = await trained(gpu), here = await trained("cpu");
  ok(there.compared.length > 0 && there.compared.every((place) => place === "gpu"), `${new Set(there.compared)}`);
  deepEqual(new Set(here.compared), new Set(["cpu"]));
  ok(places.length > 0 && places.at(-1) === "cpu");
  ok(there.result.passed && here.result.passed);
  ok(Math.abs(there.result.objective.candidate! - here.result.objective.candidate!) < 1e-3);
});

// This test is last, because it ends the devices.
test("a card that is lost during the choice leaves it to the processor", { skip }, async () => {
  const gpu = await openGpu(), { result, compared } = await trained(gpu, () => devices.forEach((device) => device.destroy()));
  ok(result.passed, `${result}`);
  ok(compared.includes("cpu"));
});

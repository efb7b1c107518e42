import { type Gpu, noGrad, openGpu } from "../../autodiff/mod.ts";
import { Work } from "../../autodiff/devices/work.ts";
import type { Module } from "../../nn/module.ts";
import type { Source } from "../data/data_set.ts";
import { there } from "./there.ts";

/**
 * Operations of a step, in thousands of millions, from which a card is expected to be faster. A step on a card takes an estimated
 * two milliseconds however small it is. Beside an H200, steps of the tutorial's network did 77 thousand million operations a second
 * on one core and 232 on eight, so that two milliseconds are 0.15 to 0.46.
 */
const worthwhile = 0.3;

/** What "auto" looks at. */
export interface Asked {
  model: Module;
  data: Source;
  batchSize: number;
  /** Whether the search is by gradients, as on a GPU it must be. */
  byGradients: boolean;
}

/** The GPU, if a step is expected to be faster there; and why, or why not. */
export async function expectedFaster({ model, data, batchSize, byGradients }: Asked): Promise<{ gpu: Gpu | null; why: string }> {
  if (!byGradients) return { gpu: null, why: "a GPU trains by gradients only" };
  const operations = await operationsOf(model, data, batchSize);
  if (operations === null) return { gpu: null, why: "the model does not compute with tensors alone" };
  const size = `a step takes about ${Number((operations / 1e9).toPrecision(2))} thousand million operations`;
  const why = `${size}, and a GPU is expected to be faster from ${worthwhile}`;
  if (operations < worthwhile * 1e9) return { gpu: null, why };
  try {
    const gpu = await openGpu();
    if (gpu.software) return { gpu: null, why: `the GPU is a program, ${gpu.adapter}` };
    return { gpu, why };
  } catch (error) {
    return { gpu: null, why: (error as Error).message };
  }
}

/** The operations of a step, three times those of its forward pass; `null` if the model reads its inputs. */
async function operationsOf(model: Module, data: Source, batchSize: number): Promise<number | null> {
  for await (const { features, labels } of data.chunks(Math.min(batchSize, 64))) {
    const work = new Work();
    try {
      noGrad(() => model.forward(there(features, work)));
    } catch {
      return null;
    }
    return 3 * work.operations * batchSize / labels.size;
  }
  return 0;
}

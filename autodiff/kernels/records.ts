// Built by `deno task kernels` from assembly/: 7cc0f566eb7cc27b334dadc77c859386 de13d12d6458d921e1fd9c55e20a7bed

/** What a record holds, a number of four bytes each, in this order. */
export const records = {
  SpectrumProduct: ["blocks", "pairs", "depth", "u", "v", "vBlock", "vPoint", "m", "mBlock", "mPoint"],
  SpectrumCorrelation: ["blocks", "outputPairs", "depthPairs", "s", "sBlock", "sPoint", "v", "vBlock", "vPoint", "d", "dPoint", "dOutput", "keep"],
  Product: ["images", "from", "rows", "columns", "rowOffsets", "columnOffsets", "padded", "paddedBytes", "slopes", "slopeRows", "slopeColumns", "slopeRowOffsets", "slopeColumnOffsets", "turned", "turnedBytes", "a", "aRows", "aSteps", "aCount", "bSteps", "panels", "panelCount", "depth", "c", "cBytes", "cStride", "start"],
  Planes: ["values", "channels", "rows", "columns", "positions", "pooled", "gate"],
  Outcome: ["values", "outputs", "rows", "columns", "bias", "relu", "positions", "pooledRows", "pooledColumns", "height", "width", "down", "along", "above", "before"],
  MatrixProduct: ["n", "depth", "m", "a", "aRow", "aColumn", "b", "bRow", "bColumn", "c", "rows", "rowsStep", "rowsNext", "columns", "columnsStep", "columnsNext", "columnsChunk", "held", "columnParts", "scratch", "scratchNext"],
  Operation: ["code", "wide", "n", "z", "x", "xStep", "y", "yStep", "w", "wStep", "a", "b", "pairs"],
  Pooling: ["images", "x", "z", "plane", "row", "threadBytes"],
  SparseGradients: ["images", "x", "dy", "top", "left", "height", "rowBytes", "padded", "list", "threadBytes", "taps", "sums"],
  Tiling: ["size", "rows", "columns", "top", "left"],
  Spectra: ["place", "block", "point"],
  Quartets: ["images", "first", "count", "tiling", "together", "plane", "expanded", "scratch", "threadBytes"],
  Correlation: ["quartets", "x", "z", "u", "v", "m", "row", "height", "width", "judgements", "marks", "marksBytes", "seen"],
  Gradients: ["quartets", "x", "dy", "s", "v", "images", "dx", "u", "m", "sums", "huge"],
  Filters: ["w", "outputs", "depth", "height", "width", "outputStep", "depthStep", "rowStep", "conjugate", "u", "scratch", "threadBytes"],
  FilterGradient: ["d", "dPoint", "dOutput", "outputs", "depth", "height", "width", "w", "scratch", "threadBytes"],
} as const;

/** The operations of a list, by number. */
export const codes = ["add", "sub", "mul", "div", "maximum", "minimum", "equal", "notEqual", "less", "lessEqual", "sigmoidSlope", "gate", "neg", "sqrt", "abs", "sign", "relu", "finite", "decay", "where", "logistic", "exp", "log", "log1p", "tanh", "widen", "narrow", "whole", "copy", "pick", "put", "weightedSum", "sum", "sumRows", "squares", "shift", "rowSums", "subRows", "own", "entropySlope", "product", "vector"] as const;

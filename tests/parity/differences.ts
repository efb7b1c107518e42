/** Programs whose results differ from PyTorch's, as "theme: program", by the reason for keeping the difference. */
const byReason: Record<string, string[]> = {
  "PyTorch's third derivatives of its own layer_norm and batch_norm hold mean and deviation constant; of the same by hand they are ours":
    [
      "gradients_of_gradients: sum(square(grad(sum(tanh(normed)), x)))",
      "gradients_of_gradients: grad(sum(mul(grad(sum(tanh(normed)), g), h)), x)",
      "gradients_of_gradients: sum(square(grad(sum(tanh(batch)), x)))",
      "gradients_of_gradients: grad(sum(mul(grad(sum(square(batch)), g), h)), g)",
    ],
  "PyTorch adds 1e-12 to a denominator in the second gradient of its binary cross entropy": [
    "losses: logLoss(p, binary)",
    "losses: logLoss(column, binary)",
    "losses: logLoss(apply(Sigmoid(), x), binary)",
    "losses: logLoss(sigmoid(x), binary)",
    "losses: square(logLoss(apply(Sigmoid(), x), binary))",
  ],
  "PyTorch takes softplus to be x above 20": [
    "edges_elementwise: softplus(big)",
  ],
  "PyTorch takes roots for these powers, so that of -Infinity is NaN; IEEE 754's power is Infinity, as it is in PyTorch for a tensor of 0.5":
    [
      "edges_pow: pow(base, 0.5)",
      "edges_pow: pow(base, -0.5)",
      "edges_pow: pow(base, 1.5)",
    ],
  "PyTorch's sum over no axes is that over all; NumPy's is none": [
    "reductions: sum(x, axes=[])",
  ],
  "after a sigmoid or softmax the loss is that of its argument, and exact; PyTorch's loss of probabilities holds logarithms above -100":
    [
      "edges_softmax: logLoss(apply(Sigmoid(), logits), ones9)",
      "edges_softmax: logLoss(apply(Softmax(), huge), labels)",
    ],
  "below -88 PyTorch's sigmoid is 0 in float32, and ours the small number that it should be": [
    "edges_elementwise: sigmoid(big)",
  ],
  "PyTorch's norm overflows in float32, and it makes the gradient 0": [
    "clipping: clipNorm(mul(g, 1e30), 1)",
  ],
  "losses are float64, so that sums of many rows keep their digits, and what is added to one is cast by the user: mixed dtypes are errors":
    [
      "gradients_of_gradients: add(bce, mul(0.1, sum(square(grad(bce, w)))))",
      "gradients_of_gradients: add(ce, mul(0.1, sum(square(grad(ce, x)))))",
    ],
  "integers have 32 bits, and what leaves them is an error; PyTorch wraps, and sums in 64 bits": [
    "edges_integers: sum(large)",
    "edges_integers: add(large, large)",
    "edges_integers: mul(large, large)",
  ],
  "the gradient of logSumExp is the softmax, so that equal numbers of any size have equal parts; PyTorch's e^(x - y) is 1 where ln n is lost in y":
    [
      "edges_softmax: logSumExp(huge)",
      "edges_softmax: logSumExp(above)",
      "edges_softmax: logSumExp(bothWays)",
      "edges_softmax: logSumExp(equalHuge)",
    ],
  "two numbers take the dtype of the condition, so that the choice meets it without a cast": [
    "edges_elementwise: where(edge, 1, 2)",
  ],
  "the loss of bare probabilities adds 1e-15, as the Python toolkit does; PyTorch holds logarithms above -100": [
    "edges_softmax: logLoss(probabilities, ones5)",
    "edges_softmax: logLoss(probabilities, zeros5)",
  ],
  "of two zeros the greater is 0 and the lesser -0, as in IEEE 754-2019 and ECMAScript; PyTorch takes either": [
    "edges_zeros: relu(zero)",
    "edges_zeros: maximum(zero, other)",
    "edges_zeros: minimum(zero, other)",
    "edges_zeros: maximum(zero, 0)",
    "edges_zeros: minimum(zero, -0.0)",
    "edges_zeros: min(zero)",
    "edges_zeros: min(zero, axes=1)",
  ],
  "a model's file is of float32 here, and so is its count of batches, which is exact up to 2^24": [
    "running_statistics: apply(BatchNorm1d(3), x, [g, h, detach(mean), detach(variance)], training=True, read='num_batches_tracked')",
    "running_statistics: apply(BatchNorm2d(2), image, [g2, h2, detach(mean2), detach(variance2)], training=True, read='num_batches_tracked')",
  ],
};

/** The reason for each program. */
export const differences: Record<string, string> = Object.fromEntries(
  Object.entries(byReason).flatMap(([reason, programs]) => programs.map((program) => [program, reason])),
);

"""Layers and losses for tensors.py; the kit has them under the same names in bench/layers.ts."""

import torch
from torch import nn
from torch.nn import functional as F

labels, weight = torch.arange(1000) % 100, torch.rand(100) + 0.5
words = (torch.arange(32 * 24) * 7919 % 2000).reshape(32, 24)
embedding = nn.Embedding(2000, 32, padding_idx=0)
heads = nn.MultiheadAttention(64, 4, batch_first=True)
images, rows, sequence = [32, 16, 28, 28], [1000, 100], [50, 32, 64]
rnn, gru, lstm = nn.RNN(64, 64), nn.GRU(64, 64), nn.LSTM(64, 64)
ones = torch.ones(rows)

cases = {
    "Conv1d, 16 to 32 channels, 5 wide, of [32, 16, 200]": ([[32, 16, 200]], nn.Conv1d(16, 32, 5)),
    "Conv2d, 16 to 16, 3 x 3, dilation 2": ([images], nn.Conv2d(16, 16, 3, dilation=2, padding=2)),
    "Conv2d, 16 to 16, 3 x 3, 4 groups": ([images], nn.Conv2d(16, 16, 3, groups=4, padding=1)),
    "Conv2d, 16 to 16, 3 x 3, depthwise": ([images], nn.Conv2d(16, 16, 3, groups=16, padding=1)),
    "MaxPool2d, 3 x 3, ceilMode": ([images], nn.MaxPool2d(3, ceil_mode=True)),
    "AvgPool2d, 3 x 3, countIncludePad false": ([images], nn.AvgPool2d(3, padding=1, count_include_pad=False)),
    "AdaptiveAvgPool2d to 1": ([images], nn.AdaptiveAvgPool2d(1)),
    "AdaptiveAvgPool2d to 5": ([images], nn.AdaptiveAvgPool2d(5)),
    "GELU of 1000 x 100": ([rows], nn.GELU()),
    "GELU by tanh of 1000 x 100": ([rows], nn.GELU(approximate="tanh")),
    "SiLU of 1000 x 100": ([rows], nn.SiLU()),
    "LeakyReLU of 1000 x 100": ([rows], nn.LeakyReLU()),
    "LogSoftmax of 1000 x 100": ([rows], nn.LogSoftmax(-1)),
    "LayerNorm without weights of 1000 x 100": ([rows], nn.LayerNorm(100, elementwise_affine=False)),
    "Embedding of [32, 24], paddingIdx": ([], lambda: embedding(words)),
    "RNN of [50, 32, 64] to 64": ([sequence], lambda x: rnn(x)[0]),
    "GRU of [50, 32, 64] to 64": ([sequence], lambda x: gru(x)[0]),
    "LSTM of [50, 32, 64] to 64": ([sequence], lambda x: lstm(x)[0]),
    "MultiheadAttention, 4 heads, of [32, 24, 64]": ([[32, 24, 64]], lambda x: heads(x, x, x, need_weights=False)[0]),
    "scaledDotProductAttention, causal, of [32, 4, 24, 16]": (
        [[32, 4, 24, 16]] * 3,
        lambda q, k, v: F.scaled_dot_product_attention(q, k, v, is_causal=True),
    ),
    "crossEntropy of 1000 x 100": ([rows], lambda x: F.cross_entropy(x, labels)),
    "crossEntropy, weights and smoothing": ([rows], lambda x: F.cross_entropy(x, labels, weight, label_smoothing=0.1)),
    "binaryCrossEntropyWithLogits of 1000 x 100": ([rows], lambda x: F.binary_cross_entropy_with_logits(x, ones)),
    "mseLoss of 1000 x 100": ([rows], lambda x: F.mse_loss(x, ones)),
    "huberLoss of 1000 x 100": ([rows], lambda x: F.huber_loss(x, ones)),
}

"""Answers the cases of bench/tensors.ts, one name a line, with the times of PyTorch in microseconds: python tensors.py."""
import json
import sys
import time

import torch
from torch.nn import functional

import layers

torch.set_num_threads(1)
cases = {
    "matmul, 64 of 64 x 64": ([[64, 64, 64], [64, 64, 64]], lambda x, y: x @ y),
    "matmul, 1000 of 8 x 8": ([[1000, 8, 8], [1000, 8, 8]], lambda x, y: x @ y),
    "matmul, [32, 64, 128] by [128, 128]": ([[32, 64, 128], [128, 128]], lambda x, y: x @ y),
    "einsum, scores of 32 heads of 64 x 32": (
        [[8, 4, 64, 32], [8, 4, 64, 32]],
        lambda x, y: torch.einsum("bhid,bhjd->bhij", x, y),
    ),
    "argmax of rows, 1000 x 100": ([[1000, 100]], lambda x: x.argmax(1)),
    "std of rows, 1000 x 100": ([[1000, 100]], lambda x: x.std(1)),
    "prod of rows, 1000 x 100": ([[1000, 100]], lambda x: x.prod(1)),
    "norm of 1,000,000": ([[1000000]], lambda x: x.norm()),
    "sin of 100,000": ([[100000]], torch.sin),
    "cos of 100,000": ([[100000]], torch.cos),
    "round of 100,000": ([[100000]], torch.round),
    "cumsum along rows, 1000 x 100": ([[1000, 100]], lambda x: x.cumsum(1)),
    "cumsum along columns, 1000 x 100": ([[1000, 100]], lambda x: x.cumsum(0)),
    "cumprod along rows, 1000 x 100": ([[1000, 100]], lambda x: x.cumprod(1)),
    "sort of rows, 1000 x 100": ([[1000, 100]], lambda x: x.sort(stable=True).values),
    "sort of 100,000": ([[100000]], lambda x: x.sort(stable=True).values),
    "topk of rows, 5 of 1000 x 100": ([[1000, 100]], lambda x: x.topk(5).values),
    "flip of 1000 x 100": ([[1000, 100]], lambda x: x.flip([0, 1])),
    "roll of 1000 x 100": ([[1000, 100]], lambda x: x.roll(7, 1)),
    "cat of 4, 250 x 100": ([[250, 100]] * 4, lambda *x: torch.cat(x)),
    "tile of 250 x 100 by [2, 2]": ([[250, 100]], lambda x: x.tile([2, 2])),
    "pad of 1000 x 100": ([[1000, 100]], lambda x: functional.pad(x, [2, 2, 1, 1])),
    "tril of 300 x 300": ([[300, 300]], torch.tril),
    "diagonal of 300 x 300": ([[300, 300]], torch.diagonal),
    "outer of 300 and 300": ([[300], [300]], torch.outer),
    "unsqueeze, swapAxes and squeeze": ([[300, 300]], lambda x: x.unsqueeze(0).swapaxes(1, 2).squeeze(0)),
    "rand of 100,000": ([], lambda: torch.rand(100000)),
    "randn of 100,000": ([], lambda: torch.randn(100000)),
    "arange to 100,000": ([], lambda: torch.arange(100000.0)),
}


def timed(run):
    """The least time of a call: of at least 9 calls, and of 60 ms."""
    times = []
    for _ in range(5):
        run()
    start = time.perf_counter()
    while len(times) < 9 or time.perf_counter() - start < 0.06:
        before = time.perf_counter()
        run()
        times.append(1e6 * (time.perf_counter() - before))
    return min(times)


def measured(shapes, apply):
    leaves = [(torch.rand(shape) + 0.5).requires_grad_() for shape in shapes]

    def forward():
        with torch.no_grad():
            apply(*leaves)

    found = [timed(forward)]
    y = apply(*leaves)
    if not y.requires_grad or y.grad_fn.name() == "RoundBackward0":
        return found
    dy = torch.rand(y.shape)

    def backward():
        for leaf in leaves:
            leaf.grad = None
        y.backward(dy, retain_graph=True)

    return [*found, timed(backward)]


cases |= layers.cases
for line in sys.stdin:
    print(json.dumps(measured(*cases[line.strip()])), flush=True)

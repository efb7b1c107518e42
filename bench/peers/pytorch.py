"""Answers cases on standard input with PyTorch: python pytorch.py threads eager|compile."""
import json
import math
import sys
import time

import torch
from torch import nn
from torch.nn import functional

threads, mode = int(sys.argv[1]), sys.argv[2]
torch.set_num_threads(threads)
rows = 150


def numbers(shape, salt, scale=1.0):
    """The same numbers in every language, in [-scale, scale]."""
    i = torch.arange(math.prod(shape), dtype=torch.int64)
    h = (i + salt * 1000003) * 0x9E3779B1 & 0xFFFFFFFF
    h = (h ^ h >> 15) * 0x85EBCA6B & 0xFFFFFFFF
    h = h ^ h >> 13
    return (scale * ((h >> 8).double() / 2**23 - 1)).float().reshape(shape)


def summary(x):
    """Sum and sum of squares, each with the sum of its terms' magnitudes."""
    x = x.detach().double()
    squares = (x * x).sum().item()
    return [[x.sum().item(), x.abs().sum().item()], [squares, squares]]


def product(size):
    x, y, z = numbers([size, size], 1), numbers([size, size], 2), [None]

    def run():
        z[0] = x @ y

    return run, lambda: summary(z[0])


def convolution(channels, outputs, width, with_gradients):
    x, w, b = numbers([rows, channels, width, width], 1), numbers([outputs, channels, 5, 5], 2), numbers([outputs], 3)
    if not with_gradients:
        z = [None]

        def forward():
            with torch.no_grad():
                z[0] = functional.conv2d(x, w, b, padding=2)

        return forward, lambda: summary(z[0])
    leaves = ([x] if channels > 1 else []) + [w, b]
    for leaf in leaves:
        leaf.requires_grad_()
    dy = numbers([rows, outputs, width, width], 4)
    output = functional.conv2d(x, w, b, padding=2)

    def run():
        for leaf in leaves:
            leaf.grad = None
        output.backward(dy, retain_graph=True)

    return run, lambda: [value for leaf in leaves for value in summary(leaf.grad)]


def tutorial_network():
    return nn.Sequential(
        nn.Conv2d(1, 16, 5, padding=2), nn.ReLU(), nn.MaxPool2d(2),
        nn.Conv2d(16, 32, 5, padding=2), nn.ReLU(), nn.MaxPool2d(2),
        nn.Flatten(), nn.Linear(32 * 7 * 7, 10),
    )


def perceptron(*widths):
    """A network of fully connected layers of these widths, with rectifiers in between."""
    layers = [layer for pair in zip(widths, widths[1:]) for layer in (nn.Linear(*pair), nn.ReLU())]
    return nn.Sequential(*layers[:-1])


def step(model, shape):
    batch = shape[0]

    def reset():
        with torch.no_grad():
            for i, parameter in enumerate(model.parameters()):
                inputs = parameter[0].numel() if parameter.dim() > 1 else 1600
                parameter.copy_(numbers(parameter.shape, i, 1 / math.sqrt(inputs)))

    reset()
    features = ((numbers(shape, 5).double() + 1) / 2).float()
    labels = torch.arange(batch) * 7 % 10
    optimizer = torch.optim.Adam(model.parameters(), lr=0.001, betas=(0.9, 0.95))
    compiled = torch.compile(model) if mode == "compile" else model

    def run():
        optimizer.zero_grad()
        loss = functional.cross_entropy(compiled(features), labels)
        loss.backward()
        optimizer.step()
        return loss.item()

    def check():
        reset()
        loss = run()
        return [[loss, loss]] + summary(torch.cat([p.grad.flatten() for p in model.parameters()]))

    return run, check


prepare = {
    "product": product,
    "convolution 1": lambda _: convolution(1, 16, 28, False),
    "convolution 1, gradients": lambda _: convolution(1, 16, 28, True),
    "convolution 2": lambda _: convolution(16, 32, 14, False),
    "convolution 2, gradients": lambda _: convolution(16, 32, 14, True),
    "step": lambda size: step(tutorial_network(), [size, 1, 28, 28]),
    "perceptron": lambda size: step(perceptron(784, 256, 10), [size, 784]),
    "deep narrow": lambda size: step(perceptron(*[64] * 9, 10), [size, 64]),
}

known = {}
for line in sys.stdin:
    request = json.loads(line)
    name, size = request["name"], request.get("size", 0)
    if name not in prepare:
        print(json.dumps({"unknown": name}), flush=True)
        continue
    if (name, size) not in known:
        known[name, size] = prepare[name](size)
        for _ in range(3):
            known[name, size][0]()
    run, check = known[name, size]
    milliseconds = []
    for _ in range(request["runs"]):
        start = time.perf_counter()
        run()
        milliseconds.append(1000 * (time.perf_counter() - start))
    print(json.dumps({"milliseconds": milliseconds, "check": check()}), flush=True)

"""PyTorch's results of the programs: writes ../figures/parity.json and parity_curves.json, or one of both. `record.ts` runs it."""

import ast
import json
import math
import pathlib
import sys

import numpy as np
import torch
from torch.nn import functional as F

from torch_kit import evaluate, hash_of, numbers, slopes

here = pathlib.Path(__file__).parent


def names_in(text, scope):
    """Names that a program uses, including those in the definitions of its names."""
    nodes = list(ast.walk(ast.parse(text)))
    called = [node.func for node in nodes if isinstance(node, ast.Call)]
    found = {node.id for node in nodes if isinstance(node, ast.Name) and node not in called and node.id in scope}
    return found.union(*(names_in(scope[name], scope) for name in found if isinstance(scope[name], str)))


def weighted(x, seed):
    """A weighted sum, so every element counts separately."""
    return (x.double() * torch.from_numpy(numbers(x.numel(), seed, 0.5, 1.5)).view_as(x)).sum()


def results(text, scope, derivatives, each, dtype):
    """The value of a program, the gradient of its weighted sum, and the gradient of the gradient's weighted sum."""
    torch.set_default_dtype(dtype)
    used = sorted(names_in(text, scope))
    floating = [name for name in used if torch.is_tensor(scope[name]) and scope[name].is_floating_point()]
    leaves = {name: scope[name].to(dtype, copy=True).requires_grad_() for name in floating}
    y = evaluate(text, {**scope, **leaves})
    found = {"value": y}
    if derivatives > 0 and leaves:
        first = slopes(weighted(y, 0), list(leaves.values()))
        found |= {f"gradient {name}": slope for name, slope in zip(leaves, first)}
    if derivatives > 1 and leaves:
        second = slopes(sum(weighted(slope, 1 + i) for i, slope in enumerate(first)), list(leaves.values()))
        found |= {f"second {name}": slope for name, slope in zip(leaves, second)}
    found = {name: x.detach().clone() for name, x in found.items()}
    return found if each else dict(part for name, x in found.items() for part in parts(name, x))


def parts(name, x):
    """For a large array: some elements, its weighted sum, and the sum of magnitudes."""
    if x.numel() <= 24:
        return [(name, x)]
    some = x.reshape(-1)[torch.arange(9) * 104729 % x.numel()]
    return [(f"{name}, some", some), (f"{name}, sums", torch.stack([weighted(x, 9), x.double().abs().sum()]))]


def text_of(x):
    """An array as text: kind, shape, and the numbers as JavaScript writes them."""
    names = {math.inf: "Infinity", -math.inf: "-Infinity"}
    written = ["NaN" if value != value else names.get(value) or f"{value:.15g}" for value in x.double().reshape(-1).tolist()]
    kind = "float" if x.is_floating_point() else "bool" if x.dtype == torch.bool else "int"
    return " ".join([kind, *map(str, x.shape), ":", *written])


def distance(found, wanted, each):
    """The greatest distance of two arrays, relative to the greatest number or, with `each`, to each; see figures.ts."""
    found, wanted = found.double().reshape(-1), wanted.double().reshape(-1)
    infinite = ~wanted.isfinite()
    same = torch.allclose(found[infinite], wanted[infinite], equal_nan=True) and found[~infinite].isfinite().all()
    if not same:
        return math.inf
    found, wanted = found[~infinite], wanted[~infinite]
    if len(wanted) == 0:
        return 0.0
    scale = wanted.abs() if each else wanted.abs().max().clamp(min=0.1)
    error = torch.where(found == wanted, 0, (found - wanted).abs() / scale)
    return error.max().item()


def figures_of(text, scope, derivatives=2, each=False, dtypes=("float64", "float32"), error=False, **_):
    if error:
        try:
            results(text, scope, derivatives, each, torch.float64)
        except (IndexError, NotImplementedError, RuntimeError, TypeError, ValueError) as cause:
            return {"error": str(cause).split("\n")[0]}
        raise ValueError(f"{text} is no error in PyTorch")
    exact = results(text, scope, derivatives, each, torch.float64)
    rounded = results(text, scope, derivatives, each, torch.float32) if "float32" in dtypes else {}
    return {name: " | ".join([text_of(x), *([rounding_of(rounded[name], x, each)] if rounded else [])]) for name, x in exact.items()}


def rounding_of(x, exact, each):
    """The distance of float32 from float64; if float32 overflows or underflows, its numbers are the wanted ones."""
    error = distance(x, exact, each)
    return text_of(x) if error > 0.1 else f"{error:.2g}"


def figures():
    found = {}
    for path in sorted((here / "programs").glob("*.json")):
        theme = json.loads(path.read_text())
        scope = {**{name: evaluate(text, {}) for name, text in theme.get("inputs", {}).items()}, **theme.get("names", {})}
        found[path.stem] = {}
        for text in theme["programs"]:
            try:
                found[path.stem][text] = figures_of(text, scope, **theme)
            except Exception as cause:
                raise RuntimeError(f"{path.stem}: {text}: {cause}") from cause
    return found


# Training runs; see training.ts.
batch, cycle, steps = 32, 30, 300


def images(number, most):
    x, y = np.empty((batch, 1, 28, 28)), np.empty(batch, dtype=np.int64)
    rows, columns = np.mgrid[:28, :28]
    for row in range(batch):
        identity = number * batch + row
        spot, down, right, vague, other = (int(hash_of(identity, seed)) for seed in range(1, 6))
        spot %= 10
        top, left = 6 + 4 * (spot % 5) + (down % 5 - 2), 8 + 12 * (spot // 5) + (right % 5 - 2)
        y[row] = other % 10 if vague % 5 == 0 else spot
        noise = numbers(784, 1000 + identity, 0, most).reshape(28, 28)
        x[row, 0] = (noise + np.maximum(0, 1 - ((rows - top) ** 2 + (columns - left) ** 2) / 25)).astype(np.float32)
    return torch.from_numpy(x), torch.from_numpy(y)


def fill(model):
    bound = seed = 0
    for parameter in model.parameters():
        if parameter.dim() > 1:
            bound = 1 / math.sqrt(parameter.numel() / len(parameter))
        elif parameter.data[0] == 1:
            bound = 0
        if bound > 0:
            seed += 1
            values = torch.from_numpy(numbers(parameter.numel(), seed, -bound, bound))
            parameter.data.copy_(values.view_as(parameter))


def losses(network, rate, noise, dtype):
    torch.set_default_dtype(dtype)
    model = evaluate(network, {})
    fill(model)
    optimizer, batches, found = torch.optim.Adam(model.parameters(), lr=rate), [images(i, noise) for i in range(cycle)], []
    for step in range(steps):
        x, y = batches[step % cycle]
        loss = F.cross_entropy(model(x.to(dtype)), y)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        if step % 10 == 0:
            found.append(loss.item())
    return " ".join(f"{loss:.10g}" for loss in found)


def write(name, recorded):
    versions = {"torch": torch.__version__, "numpy": np.__version__}
    (here.parent / "figures" / name).write_text(json.dumps({"versions": versions, **recorded}, indent=2) + "\n")


def curves():
    runs, dtypes = json.loads((here / "runs.json").read_text()), {"float64": torch.float64, "float32": torch.float32}
    return {name: {key: losses(**run, dtype=dtype) for key, dtype in dtypes.items()} for name, run in runs.items()}


# More threads would change the order of sums.
torch.set_num_threads(1)
for name, (file, make) in {"figures": ("parity.json", figures), "curves": ("parity_curves.json", curves)}.items():
    if len(sys.argv) == 1 or name in sys.argv:
        write(file, {name: make()})

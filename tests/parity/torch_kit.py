"""The language of the programs, and their operations in PyTorch; see language.ts and kit.ts."""

import ast
import math
import re

import numpy as np
import torch
from torch import nn
from torch.nn import functional as F

constants = {"nan": math.nan, "inf": math.inf}


def evaluate(node, scope):
    """The value of a program; see language.ts. A name may stand for the text of an expression."""
    match node:
        case str():
            return evaluate(ast.parse(node, mode="eval").body, scope)
        case ast.Constant():
            return node.value
        case ast.UnaryOp():
            return -evaluate(node.operand, scope)
        case ast.List():
            return [evaluate(item, scope) for item in node.elts]
        case ast.Name():
            found = {**scope, **constants}[node.id]
            return evaluate(found, scope) if isinstance(found, str) else found
        case ast.Call(func=ast.Name("grad"), args=[f, x]):
            leaf = scope[x.id].view_as(scope[x.id])
            leaf = leaf if leaf.requires_grad else leaf.detach().requires_grad_()
            return slopes(evaluate(f, {**scope, x.id: leaf}), [leaf])[0]
        case ast.Call():
            positional = [evaluate(item, scope) for item in node.args]
            named = {word.arg: evaluate(word.value, scope) for word in node.keywords}
            return operations[node.func.id](*positional, **named)
    raise SyntaxError(ast.dump(node))


def slopes(y, leaves):
    """Gradients of a number, which can be differentiated again."""
    if not y.requires_grad:
        return [torch.zeros_like(leaf) for leaf in leaves]
    return torch.autograd.grad(y, leaves, create_graph=True, materialize_grads=True)


def hash_of(i, seed):
    """A whole number from 0 to 65535 for each of `i`, the same in language.ts."""
    mixed = np.asarray(i, dtype=np.uint64) * 0x9E3779B1 + (seed * 0x85EBCA6B & 0xFFFFFFFF) & 0xFFFFFFFF
    mixed = (mixed ^ mixed >> 15) * 0x2C1B3C6D & 0xFFFFFFFF
    mixed = (mixed ^ mixed >> 12) * 0x297A2D39 & 0xFFFFFFFF
    return ((mixed ^ mixed >> 15) >> 16).astype(np.int64)


def numbers(count, seed, low=-1, high=1):
    """`count` numbers between two, which float32 represents, so both dtypes have the same numbers."""
    return (low + (high - low) * (hash_of(np.arange(count), seed) + 0.5) / 65536).astype(np.float32).astype(np.float64)


def pair(value):
    return tuple(value) if isinstance(value, list) else value


def snake(name):
    return "eps" if name == "epsilon" else re.sub("([A-Z])", r"_\1", name).lower()


def torched(options):
    """Options under PyTorch's names."""
    return {snake(name): pair(value) for name, value in options.items()}


def tensor(x, like):
    """Converts a number to the dtype that PyTorch would use with the other operand."""
    return x if torch.is_tensor(x) else torch.tensor(x, dtype=torch.result_type(like, x))


def both(f):
    """A function that PyTorch has only for two tensors."""
    return lambda x, y: f(tensor(x, y), tensor(y, x))


def mean(x, axes=None, keepDims=False):
    return torch.mean(x, axes, keepDims, dtype=x.dtype if x.is_floating_point() else torch.get_default_dtype())


def along(axis, index):
    return (..., index, *[slice(None)] * (-1 - axis)) if axis < 0 else (*[slice(None)] * axis, index)


def whole(indices):
    return torch.as_tensor(indices).long()


inputs = {
    "numbers": lambda shape, **of: torch.from_numpy(numbers(math.prod(shape), **of)).reshape(shape),
    "values": lambda list: torch.tensor(list, dtype=torch.float64),
    "integers": lambda list: torch.tensor(list, dtype=torch.int32),
}
tensors = {
    **{name: getattr(torch, name) for name in "neg exp log sqrt abs sign relu sigmoid tanh square add sub mul div pow matmul".split()},
    "softplus": F.softplus,
    "detach": torch.detach,
    "cast": lambda x, dtype: x.to(getattr(torch, dtype)),
    "maximum": both(torch.maximum),
    "minimum": both(torch.minimum),
    "equal": both(torch.eq),
    "notEqual": both(torch.ne),
    "less": both(torch.lt),
    "lessEqual": both(torch.le),
    "greater": both(torch.gt),
    "greaterEqual": both(torch.ge),
    "where": lambda condition, x, y: torch.where(condition != 0, x, y),
    "clip": torch.clamp,
    "weightedSum": lambda xs, weights, constant=0: sum((w * x for w, x in zip(weights, xs)), constant),
    "sum": lambda x, axes=None, keepDims=False: torch.sum(x, axes, keepDims),
    "mean": mean,
    "variance": lambda x, axes=None, keepDims=False, correction=1: torch.var(x, axes, correction=correction, keepdim=keepDims),
    "max": lambda x, axes=(), keepDims=False: torch.amax(x, axes, keepDims),
    "min": lambda x, axes=(), keepDims=False: torch.amin(x, axes, keepDims),
    "logSumExp": lambda x, axis=-1, keepDims=False: torch.logsumexp(x, axis, keepDims),
    "softmax": lambda x, axis=-1: torch.softmax(x, axis),
    "logSoftmax": lambda x, axis=-1: torch.log_softmax(x, axis),
    "transpose": lambda x, axes=None: x.permute(axes or tuple(reversed(range(x.dim())))),
    "reshape": torch.reshape,
    "broadcastTo": torch.broadcast_to,
    "slice": lambda x, axis=0, start=0, end=None, step=1: x[along(axis, slice(start, end, step))],
    "concatenate": lambda xs, axis=0: torch.cat(xs, axis),
    "stack": lambda xs, axis=0: torch.stack(xs, axis),
    "take": lambda x, indices, axis=0: x[along(axis, whole(indices))],
    "gather": lambda x, indices, axis=-1: torch.gather(x, axis, whole(indices)),
    "oneHot": lambda indices, classes: F.one_hot(whole(indices), classes).to(torch.get_default_dtype()),
    **{name: getattr(torch, name) for name in "sin cos cumsum cumprod roll squeeze unsqueeze flatten tile tril triu".split()},
    **{name: getattr(torch, name) for name in "argmax argmin trace outer einsum floor ceil round linspace cat eye".split()},
    "arange": torch.arange,
    "std": lambda x, axes=None, keepDims=False, correction=1: torch.std(x, axes, correction=correction, keepdim=keepDims),
    "norm": lambda x, p=2, axes=None, keepDims=False: torch.linalg.vector_norm(x, p, axes, keepDims),
    "prod": lambda x, axes=None, keepDims=False: torch.prod(x) if axes is None else torch.prod(x, axes, keepDims),
    "all": lambda x, axes=None: torch.all(x != 0, axes),
    "any": lambda x, axes=None: torch.any(x != 0, axes),
    "logicalAnd": lambda x, y: torch.logical_and(x, tensor(y, x)),
    "logicalOr": torch.logical_or,
    "logicalNot": torch.logical_not,
    "isFinite": torch.isfinite,
    "isNaN": torch.isnan,
    "flip": lambda x, axes=None: torch.flip(x, list(range(x.dim())) if axes is None else axes),
    "swapAxes": torch.swapaxes,
    "pad": lambda x, margins, value=0: F.pad(x, [side for pair in reversed(margins) for side in pair], value=value),
    "diagonal": lambda x, offset=0: torch.diagonal(x, offset, -2, -1),
    "sorted": lambda x, axis=-1, descending=False: torch.sort(x, dim=axis, descending=descending, stable=True).values,
    "places": lambda x, axis=-1, descending=False: torch.sort(x, dim=axis, descending=descending, stable=True).indices,
    "top": lambda x, count: torch.topk(x, count).values,
    "conv2d": lambda x, filter, bias=None, **options: F.conv2d(x, filter, bias, **torched(options)),
    "maxPool2d": lambda x, kernel, **options: F.max_pool2d(x, pair(kernel), **torched(options)),
    "avgPool2d": lambda x, kernel, **options: F.avg_pool2d(x, pair(kernel), **torched(options)),
    "gelu": lambda x, approximate="none": F.gelu(x, approximate=approximate),
    "scaledDotProductAttention": lambda *given, **options: attention(*given, **options),
    "normalCdf": torch.special.ndtr,
    "crossEntropy": lambda x, labels: F.cross_entropy(x, whole(labels))
    if x.dim() == 2 and x.shape[1] > 1
    else F.binary_cross_entropy_with_logits(vector(x), labels.to(x.dtype)),
}


def vector(x):
    return x.reshape(-1) if x.dim() == 2 and x.shape[1] == 1 else x


def apply(layer, x, parameters=(), training=False, read=None):
    """A layer's result with these parameters, or the layer's field of a name afterwards."""
    names = [name for name, _ in layer.named_parameters()] + [name for name, _ in layer.named_buffers()]
    trained = len(list(layer.parameters()))
    state = {name: p if i < trained else p.detach().clone() for i, (name, p) in enumerate(zip(names, parameters))}
    y = torch.func.functional_call(layer.train(training), state, (x,))
    # Recurrent layers return their last states too.
    y = y[0] if isinstance(y, tuple) else y
    return {**dict(layer.named_buffers()), **state}[read] if read else y


def unroll(layer, x, parameters, hidden=None, cell=None, read="output"):
    """Outputs or last states of a recurrent layer or cell."""
    state = dict(zip([name for name, _ in layer.named_parameters()], parameters))
    first = (hidden, cell) if isinstance(layer, (nn.LSTM, nn.LSTMCell)) and hidden is not None else hidden
    y = torch.func.functional_call(layer, state, (x, first))
    if isinstance(layer, nn.RNNCellBase):
        return y if torch.is_tensor(y) else y[read == "cell"]
    return y[0] if read == "output" else y[1] if torch.is_tensor(y[1]) else y[1][read == "cell"]


def attend(layer, sequences, parameters, attnMask=None, keyPaddingMask=None, isCausal=False):
    """Attention of several heads to a sequence."""
    state = dict(zip([name for name, _ in layer.named_parameters()], parameters))
    steps = sequences[0].shape[1 if layer.batch_first else 0]
    mask = torch.ones(steps, steps).triu(1) if isCausal else attnMask
    masks = {"attn_mask": mask if mask is None else mask != 0, "key_padding_mask": keyPaddingMask if keyPaddingMask is None else keyPaddingMask != 0}
    return torch.func.functional_call(layer, state, tuple(sequences), masks)[0]


def attention(query, key, value, mask=None, bias=None, **options):
    """Only the plain backend has second gradients."""
    with torch.nn.attention.sdpa_kernel(torch.nn.attention.SDPBackend.MATH):
        return F.scaled_dot_product_attention(query, key, value, mask != 0 if mask is not None else bias, **torched(options))


class Between(nn.Module):
    def __init__(self, low, high):
        super().__init__()
        self.low, self.high = low, high

    def forward(self, x):
        return self.low + (self.high - self.low) * torch.sigmoid(x)


def layer(of):
    """A layer with the kit's names of options."""
    return lambda *given, **options: of(*map(pair, given), **torched(options))


def loss(of):
    """A loss of predictions and labels, which are classes if they are integers."""
    return lambda x, y, **options: of(x, y if y.is_floating_point() else y.long(), **torched(options))


names = (
    "Sequential Linear Conv1d Conv2d MaxPool1d MaxPool2d AvgPool1d AvgPool2d AdaptiveAvgPool1d AdaptiveAvgPool2d AdaptiveMaxPool2d "
    "BatchNorm1d BatchNorm2d LayerNorm Embedding Dropout Flatten ReLU Sigmoid Tanh "
    "Softmax LogSoftmax SiLU LeakyReLU GELU RNN LSTM GRU RNNCell LSTMCell GRUCell MultiheadAttention"
)
layers = {
    **{name: layer(getattr(nn, name)) for name in names.split()},
    "Softmax": lambda axis=-1: nn.Softmax(axis),
    "LogSoftmax": lambda axis=-1: nn.LogSoftmax(axis),
    "Between": Between,
    "apply": apply,
    "unroll": unroll,
    "attend": attend,
    "logLoss": lambda p, labels: F.nll_loss(torch.log(p), whole(labels))
    if p.dim() == 2 and p.shape[1] > 1
    else F.binary_cross_entropy(vector(p), labels.to(p.dtype)),
    "nnCrossEntropy": loss(F.cross_entropy),
    "nllLoss": loss(F.nll_loss),
    "mseLoss": loss(F.mse_loss),
    "l1Loss": loss(F.l1_loss),
    "huberLoss": loss(F.huber_loss),
    "smoothL1Loss": loss(F.smooth_l1_loss),
    "binaryCrossEntropyWithLogits": loss(F.binary_cross_entropy_with_logits),
    "meanSquaredError": lambda p, labels: F.mse_loss(vector(p), labels.to(p.dtype)),
    "meanAbsoluteError": lambda p, labels: F.l1_loss(vector(p), labels.to(p.dtype)),
}


def clip_norm(x, greatest):
    parameter = nn.Parameter(x.detach())
    parameter.grad = x.detach().clone()
    norm = nn.utils.clip_grad_norm_([parameter], greatest)
    return torch.cat([norm.reshape(1), parameter.grad])


schedulers = {
    "constant": lambda optimizer, steps: torch.optim.lr_scheduler.ConstantLR(optimizer, 1, steps),
    "linear": lambda optimizer, steps: torch.optim.lr_scheduler.LinearLR(optimizer, 1, 0, steps),
    "cosine": lambda optimizer, steps: torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, steps),
    "stepLR": torch.optim.lr_scheduler.StepLR,
    "linearLR": torch.optim.lr_scheduler.LinearLR,
    "cosineAnnealingLR": torch.optim.lr_scheduler.CosineAnnealingLR,
}


def descent(of):
    """Parameters after steps of an optimiser, with gradients by a formula."""

    def descended(theta, steps=50, scale=1, schedule="constant", scheduler=None, by=(), **options):
        parameter = nn.Parameter(theta.detach().clone())
        optimizer = of([parameter], **torched(options))
        scheduler = schedulers[scheduler](optimizer, *by) if scheduler else schedulers[schedule](optimizer, steps)
        for step in range(steps):
            parameter.grad = torch.from_numpy(numbers(theta.numel(), step, -scale, scale)).to(theta.dtype).view_as(theta)
            optimizer.step()
            scheduler.step()
        return parameter.detach()

    return descended


adam, sgd = descent(torch.optim.Adam), descent(torch.optim.SGD)
optimisers = {
    **{"clipNorm": clip_norm, "adam": adam, "sgd": sgd, "adamOf": adam, "sgdOf": sgd},
    **{"adamOn": adam, "adamWOn": descent(torch.optim.AdamW), "sgdOn": sgd},
}
operations = {**inputs, **tensors, **layers, **optimisers}

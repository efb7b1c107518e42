"""Products and steps of the tutorial by PyTorch, eager, on CUDA: the peer of ../gpu_card.ts, which runs it with --torch.

    python3 torch_gpu.py [--quick] [--text]

Prints JSON, or lines with --text. Without CUDA it takes the processor and says so; --quick takes small cases.
"""
import json, sys, time
import torch
from torch import nn

quick, on = "--quick" in sys.argv, "cuda" if torch.cuda.is_available() else "cpu"
device = torch.device(on)
wait = torch.cuda.synchronize if on == "cuda" else lambda: None
name = torch.cuda.get_device_name(0) if on == "cuda" else "CPU, no CUDA"
cases = {}


def rounded(x):
    return float(f"{x:.3g}")


def median(times):
    return sorted(times)[len(times) // 2]


def network():
    return nn.Sequential(
        nn.Conv2d(1, 16, 5, padding=2), nn.ReLU(), nn.MaxPool2d(2),
        nn.Conv2d(16, 32, 5, padding=2), nn.ReLU(), nn.MaxPool2d(2),
        nn.Flatten(), nn.Linear(32 * 7 * 7, 10),
    ).to(device)


def product(n):
    a, b = torch.randn(n, n, device=device), torch.randn(n, n, device=device)
    calls, times = (2, []) if quick else (10, [])
    for _ in range(4):
        wait()
        start = time.perf_counter()
        for _ in range(calls):
            a @ b
        wait()
        times.append((time.perf_counter() - start) / calls)
    seconds = median(times[1:])
    return {"ms": rounded(1e3 * seconds), "TFLOP/s": rounded(2 * n**3 / seconds / 1e12)}


def step(batch):
    """With the transfer of the batch and the loss read back, as in the kit's step."""
    model = network()
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-3)
    images, labels = torch.rand(batch, 1, 28, 28), torch.arange(batch) % 10
    times = []
    for _ in range(6 if quick else 110):
        start = time.perf_counter()
        x, y = images.to(device), labels.to(device)
        optimizer.zero_grad()
        loss = nn.functional.cross_entropy(model(x), y)
        loss.backward()
        optimizer.step()
        loss.item()
        times.append(time.perf_counter() - start)
    return {"ms": rounded(1e3 * median(times[2 if quick else 10:]))}


for tf32 in (False, True):
    torch.backends.cuda.matmul.allow_tf32 = tf32
    torch.backends.cudnn.allow_tf32 = tf32
    more = ", TF32" if tf32 else ""
    for n in (64, 128) if quick else (1024, 4096):
        cases[f"product of {n}{more}"] = product(n)
    for batch in (4, 8) if quick else (32, 150, 1024, 4096):
        cases[f"MNIST step, batch {batch}{more}"] = step(batch)
machine = f"PyTorch {torch.__version__}, {name}"
if "--text" in sys.argv:
    print(machine, *(f"{case}: {figures}" for case, figures in cases.items()), sep="\n")
else:
    print(json.dumps({"machine": machine, "cases": cases}))

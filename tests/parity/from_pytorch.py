"""Records what the Python programs of docs/from_pytorch.md print, as numbers: python from_pytorch.py."""
import json
import re
from pathlib import Path

import torch

root = Path(__file__).resolve().parents[2]


def numbers(value):
    """The numbers in a value, in order."""
    if isinstance(value, torch.Tensor):
        return value.detach().double().flatten().tolist()
    if isinstance(value, (list, tuple)):
        return [number for item in value for number in numbers(item)]
    return [float(value)]


recorded = {}
guide = (root / "docs/from_pytorch.md").read_text()
for title, program in re.findall(r"### ([^\n]*)\n\n```python\n(.*?)```", guide, re.DOTALL):
    printed = []
    exec(program, {"print": lambda *values: printed.append(numbers(values))})
    recorded[title] = printed
(root / "tests/parity/from_pytorch.json").write_text(json.dumps(recorded) + "\n")

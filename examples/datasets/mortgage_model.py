# Trains the model that pytorch_model.ts tests, on the first half of the mortgages, and writes mortgage_model.safetensors:
#   pip install torch safetensors && python mortgage_model.py
import csv
import torch
from safetensors.torch import save_file

rows = list(csv.DictReader(open("hmda_boston.csv")))
names = [name for name in rows[0] if name not in ("deny", "afam")]
number = lambda text: {"yes": 1.0, "no": 0.0}.get(text) if text in ("yes", "no") else float(text)
half = rows[: len(rows) // 2]
x = torch.tensor([[number(row[name]) for name in names] for row in half])
y = torch.tensor([[1.0 if row["deny"] == "no" else 0.0] for row in half])

torch.manual_seed(0)
model = torch.nn.Sequential(
    torch.nn.BatchNorm1d(len(names)),
    torch.nn.Linear(len(names), 16),
    torch.nn.ReLU(),
    torch.nn.Linear(16, 1),
    torch.nn.Sigmoid(),
)
optimizer = torch.optim.Adam(model.parameters(), lr=0.01, weight_decay=0.01)
for _ in range(300):
    optimizer.zero_grad()
    torch.nn.functional.binary_cross_entropy(model(x), y).backward()
    optimizer.step()
save_file(model.state_dict(), "mortgage_model.safetensors")
model.eval()
print(model(x[:3]).flatten().tolist())

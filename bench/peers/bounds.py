"""Bounds of SciPy and confseq (Waudby-Smith and Ramdas' package).

  python bounds.py figures > tests/figures/bounds.json      figures for the kit's test
  python bounds.py                                          for bench/bounds.ts: samples in, one JSON line each, bounds out
"""

import json
import math
import sys
import types
from pathlib import Path

# confseq has no build for this Python; its betting part is plain Python, and only the plots need matplotlib.
sys.path.insert(0, str(Path(__file__).parent.parent / ".peers" / "confseq"))
sys.modules.setdefault("matplotlib", types.ModuleType("matplotlib"))
sys.modules.setdefault("matplotlib.pyplot", types.ModuleType("matplotlib.pyplot"))
sys.modules.setdefault("multiprocess", types.ModuleType("multiprocess"))

import numpy as np

np.float_ = np.float64  # confseq is older than NumPy 2.

from confseq.betting import betting_ci, betting_mart
from confseq.betting_strategies import lambda_predmix_eb
from scipy import stats


def betting_upper(z, delta):
    """The one-sided hedged capital bound, to all digits; confseq's grid has a thousand steps."""
    z = np.array(z, dtype=float)
    bets = lambda x, m: lambda_predmix_eb(x, alpha=delta, fixed_n=len(z))
    capital = lambda m: betting_mart(z, m, alpha=delta, lambdas_fn_negative=bets, theta=0, trunc_scale=0.5, m_trunc=True)
    low, high = 0.0, 1.0
    for _ in range(60):
        m = (low + high) / 2
        if 0 < m < 1 and np.max(capital(m)) >= 1 / delta:
            high = m
        else:
            low = m
    return high


def figures():
    random = np.random.default_rng(5)
    cases = []
    for n in (2, 5, 20, 100, 400):
        for delta in (0.05, 0.01, 1e-4):
            for law in ("binary", "rare", "uniform", "skewed"):
                z = {
                    "binary": lambda: random.integers(0, 2, n),
                    "rare": lambda: (random.random(n) < 0.05).astype(int),
                    "uniform": lambda: random.random(n).round(4),
                    "skewed": lambda: (random.random(n) ** 4).round(4),
                }[law]()
                half = stats.t.ppf(1 - delta, n - 1) * z.std(ddof=1) / math.sqrt(n)
                case = {"z": z.tolist(), "delta": delta, "student": [z.mean() - half, z.mean() + half]}
                case["betting"] = [1 - betting_upper(1 - z, delta), betting_upper(z, delta)]
                if law in ("binary", "rare"):
                    k = int(z.sum())
                    lower = 0.0 if k == 0 else stats.beta.ppf(delta, k, n - k + 1)
                    upper = 1.0 if k == n else stats.beta.ppf(1 - delta, k + 1, n - k)
                    case["clopperPearson"] = [lower, upper]
                cases.append(case)
    print("[" + ",\n".join(json.dumps(case) for case in cases) + "]")


def serve():
    for line in sys.stdin:
        asked = json.loads(line)
        found = []
        for z in asked["samples"]:
            # As published for a fixed n, then with the truncation of the hedged capital process; each one-sided.
            plain = betting_ci(z, alpha=asked["delta"], theta=0, breaks=1000)[1]
            hedged = betting_ci(z, alpha=asked["delta"], theta=0, breaks=1000, trunc_scale=0.5, m_trunc=True)[1]
            found.append([float(plain), float(hedged)])
        print(json.dumps(found), flush=True)


if __name__ == "__main__":
    figures() if sys.argv[1:] == ["figures"] else serve()

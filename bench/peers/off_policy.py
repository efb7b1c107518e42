"""Lower bounds on a return by Vowpal Wabbit's estimators and by the Open Bandit Pipeline, for bench/policies.ts.

  python -m venv peers && peers/bin/pip install vw-estimators obp
  deno run -A bench/policies.ts --beside peers/bin/python

Samples in, one JSON line each, bounds out: Vowpal Wabbit's robust confidence sequence, and obp's bootstrap of importance-weighted
(IPW) and self-normalised (SNIPW) values. Both give intervals of two sides, so that alpha is twice delta.
"""

import json
import sys

import numpy as np
from estimators.bandits.cs import Interval
from obp.ope import InverseProbabilityWeighting, SelfNormalizedInverseProbabilityWeighting


def confidence_sequence(weights, returns, low, high, delta):
    interval = Interval(rmin=low, rmax=high)
    for w, g in zip(weights, returns):
        interval.add_example(1.0, g, w)
    return interval.get(alpha=2 * delta)[0]


def bootstrap(estimator, weights, returns, delta):
    # An episode is a round with one action, whose probabilities have this ratio.
    n = len(weights)
    found = estimator.estimate_interval(
        reward=np.array(returns),
        action=np.zeros(n, dtype=int),
        pscore=1 / np.maximum(np.array(weights), 1e-300),
        action_dist=np.ones((n, 1, 1)),
        position=np.zeros(n, dtype=int),
        alpha=2 * delta,
        n_bootstrap_samples=2000,
        random_state=0,
    )
    return next(value for name, value in found.items() if "lower" in name)


for line in sys.stdin:
    sample = json.loads(line)
    w, g, (low, high), delta = sample["weights"], sample["returns"], sample["range"], sample["delta"]
    bounds = {
        "Vowpal Wabbit, confidence sequence": confidence_sequence(w, g, low, high, delta),
        "obp, bootstrap of IPW": bootstrap(InverseProbabilityWeighting(), w, g, delta),
        "obp, bootstrap of SNIPW": bootstrap(SelfNormalizedInverseProbabilityWeighting(), w, g, delta),
    }
    print(json.dumps(bounds), flush=True)

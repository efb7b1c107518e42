"""Trials of German credit with the Python toolkit, in its process pool: python toolkit_trials.py trials rows processes."""
import copy
import multiprocessing
import sys
import time
from concurrent.futures import ProcessPoolExecutor

import numpy as np
from seldonian.dataset import SupervisedDataSet
from seldonian.seldonian_algorithm import SeldonianAlgorithm

from toolkit import german_credit

trials, size, processes = map(int, sys.argv[1:])
problem = german_credit()


def trial(number):
    drawn = np.random.RandomState(number).randint(problem.dataset.num_datapoints, size=size)
    spec, whole = copy.deepcopy(problem), problem.dataset
    spec.dataset = SupervisedDataSet(
        features=whole.features[drawn],
        labels=whole.labels[drawn],
        sensitive_attrs=whole.sensitive_attrs[drawn],
        num_datapoints=size,
        meta=whole.meta,
    )
    return SeldonianAlgorithm(spec).run(write_cs_logfile=False, debug=False)[0]


# As seldonian-experiments runs its trials.
with ProcessPoolExecutor(processes, mp_context=multiprocessing.get_context("fork")) as pool:
    begin = time.perf_counter()
    passed = sum(pool.map(trial, range(trials)))
    seconds = time.perf_counter() - begin
print(f"{passed} of {trials} passed, {1000 * seconds / trials:.1f} ms a trial")

"""Whole jobs with the Python toolkit, seldonian-engine: python toolkit.py german_credit|mnist."""
import os
import sys
import time

import autograd.numpy as np
from seldonian.dataset import SupervisedDataSet, SupervisedMetaData
from seldonian.models import objectives
from seldonian.models.models import BinaryLogisticRegressionModel
from seldonian.parse_tree.parse_tree import make_parse_trees_from_constraints
from seldonian.seldonian_algorithm import SeldonianAlgorithm
from seldonian.spec import SupervisedSpec

here = os.path.dirname(os.path.abspath(__file__))


def german_credit():
    with open(f"{here}/../../examples/datasets/german_credit.csv") as file:
        names, *table = [line.strip().split(",") for line in file]
    column = lambda name: np.array([row[names.index(name)] for row in table], dtype=float)
    inputs = [name for name in names if name != "Class" and not name.startswith("Personal.")]
    features = np.stack([column(name) for name in inputs], axis=1)
    deviation = features.std(axis=0)
    features = (features - features.mean(axis=0)) / np.where(deviation == 0, 1, deviation)
    women = np.maximum(column("Personal.Female.NotSingle"), column("Personal.Female.Single"))
    labels = np.array([row[names.index("Class")] == "Good" for row in table], dtype=float)
    data = SupervisedDataSet(
        features=features,
        labels=labels,
        sensitive_attrs=np.stack([1 - women, women], axis=1),
        num_datapoints=len(table),
        meta=SupervisedMetaData("classification", inputs + ["M", "F", "Good"], inputs, ["Good"], ["M", "F"]),
    )
    trees = make_parse_trees_from_constraints(
        ["min((PR | [M])/(PR | [F]),(PR | [F])/(PR | [M])) >= 0.9"], [0.05],
        regime="supervised_learning", sub_regime="classification", columns=["M", "F"],
    )
    # The minimum of ratios has no gradient at zero, so the start is near zero.
    start = np.random.RandomState(0).uniform(-0.01, 0.01, len(inputs) + 1)
    return SupervisedSpec(
        dataset=data,
        model=BinaryLogisticRegressionModel(),
        parse_trees=trees,
        sub_regime="classification",
        frac_data_in_safety=0.6,
        primary_objective=objectives.binary_logistic_loss,
        use_builtin_primary_gradient_fn=False,
        initial_solution_fn=lambda *_: start,
        optimization_technique="gradient_descent",
        optimizer="adam",
        optimization_hyperparams={
            "lambda_init": np.array([0.5]), "alpha_theta": 0.005, "alpha_lamb": 0.01, "beta_velocity": 0.9,
            "beta_rmsprop": 0.95, "use_batches": False, "num_iters": 1500, "gradient_library": "autograd",
            "hyper_search": None, "verbose": False,
        },
    )


def mnist():
    import torch
    from seldonian.models.pytorch_cnn import PytorchCNN

    torch.manual_seed(0)
    count = 70000
    data = np.fromfile(f"{here}/../.peers/mnist.bytes", dtype=np.uint8)
    features = (data[: count * 784].astype("float32") / 255).reshape(count, 1, 28, 28)
    labels = data[count * 784 :].astype("int64")
    model = PytorchCNN(torch.device("cpu"))
    return SupervisedSpec(
        dataset=SupervisedDataSet(
            features=features, labels=labels, sensitive_attrs=[], num_datapoints=count,
            meta=SupervisedMetaData("multiclass_classification", ["img", "label"], ["img"], ["label"]),
        ),
        model=model,
        parse_trees=make_parse_trees_from_constraints(
            ["ACC >= 0.95"], [0.05], regime="supervised_learning", sub_regime="multiclass_classification",
        ),
        sub_regime="multiclass_classification",
        frac_data_in_safety=0.5,
        primary_objective=objectives.multiclass_logistic_loss,
        use_builtin_primary_gradient_fn=False,
        initial_solution_fn=model.get_model_params,
        optimization_technique="gradient_descent",
        optimizer="adam",
        optimization_hyperparams={
            "lambda_init": np.array([0.5]), "alpha_theta": 0.001, "alpha_lamb": 0.01, "beta_velocity": 0.9,
            "beta_rmsprop": 0.95, "use_batches": True, "batch_size": 150, "n_epochs": 5, "gradient_library": "autograd",
            "hyper_search": None, "verbose": False,
        },
        batch_size_safety=150,
    )


if __name__ == "__main__":
    spec = {"german_credit": german_credit, "mnist": mnist}[sys.argv[1]]()
    begin = time.perf_counter()
    algorithm = SeldonianAlgorithm(spec)
    passed, _ = algorithm.run(write_cs_logfile=False, debug=False)
    seconds = time.perf_counter() - begin
    print(f"{'passed' if passed else 'no solution'}, {seconds:.3f} s in run()")

"""Serves the logistic model of a run by FastAPI and scikit-learn, as bench/serving.ts asks: python serving.py run port.

A row is checked by pydantic, scaled and decided by a scikit-learn pipeline with the run's own numbers. Nothing is kept.
"""
import json
import struct
import sys

import numpy as np
import uvicorn
from fastapi import FastAPI
from pydantic import create_model
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

run, port = sys.argv[1], int(sys.argv[2])
scales = json.load(open(f"{run}/encoder.json"))["scales"]
with open(f"{run}/model.safetensors", "rb") as file:
    (length,) = struct.unpack("<Q", file.read(8))
    header, values = json.loads(file.read(length)), file.read()


def tensor(name):
    start, end = header[name]["data_offsets"]
    return np.frombuffer(values[start:end], "<f4").astype(np.float64).reshape(header[name]["shape"])


weight = next(name for name in header if name.endswith("weight"))
scaler, logistic = StandardScaler(), LogisticRegression()
scaler.mean_ = np.array([scale["mean"] for scale in scales])
scaler.scale_ = np.array([scale["deviation"] or 1.0 for scale in scales])
scaler.var_, scaler.n_features_in_, scaler.n_samples_seen_ = scaler.scale_**2, len(scales), 500
logistic.coef_, logistic.intercept_ = tensor(weight), tensor(weight.replace("weight", "bias"))
logistic.classes_, logistic.n_features_in_ = np.array([0, 1]), len(scales)
model = make_pipeline(scaler, logistic)

names = [scale["name"] for scale in scales]
places = [f"f{i}" for i in range(len(names))]
from pydantic import Field

Row = create_model("Row", **{place: (float, Field(alias=name)) for place, name in zip(places, names)})
app = FastAPI()


def answers(rows):
    table = np.array([[getattr(row, place) for place in places] for row in rows])
    return [{"decision": int(p >= 0.5), "output": float(p)} for p in model.predict_proba(table)[:, 1]]


@app.post("/predict")
async def predict(row: Row):
    return answers([row])[0]


@app.post("/predict/many")
async def predict_many(rows: list[Row]):
    return answers(rows)


uvicorn.run(app, port=port, log_level="error", access_log=False)

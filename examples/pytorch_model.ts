// A safety test of a model that PyTorch trained, from a safetensors file: which promises do its decisions keep?
//
//   deno run examples/pytorch_model.ts
//
// `datasets/mortgage_model.py` trained it on the first half of the mortgages; the second half, which it never saw, tests it.
import { DataSet, explain, nn, safetyTest, split, Tensor } from "../mod.ts";
import { hmdaBoston } from "./datasets/hmda_boston.ts";
import file from "./datasets/mortgage_model.safetensors" with { type: "bytes" };

const table = hmdaBoston(), names = table.names.filter((name) => name !== "deny" && name !== "afam");
const yes = (name: string) => table.texts(name).map((answer) => answer === "yes" ? 1 : 0);
const numbers = (name: string) => table.column(name) instanceof Float64Array ? table.numbers(name) : yes(name);
const columns = names.map(numbers), width = names.length;
const features = Float32Array.from({ length: table.size * width }, (_, i) => columns[i % width][Math.floor(i / width)]);
const data = new DataSet({
  features: Tensor.from(features, [table.size, width]),
  labels: yes("deny").map((denied) => 1 - denied),
  columns: { race: table.texts("afam").map((afam) => afam === "yes" ? "black" : "white") },
});

// The same layers in the same order have the same names in the file.
const model = nn.load(
  new nn.Sequential(new nn.BatchNorm1d(width), new nn.Linear(width, 16), new nn.ReLU(), new nn.Linear(16, 1), new nn.Sigmoid()),
  file,
);
const report = await safetyTest({
  model,
  data: split(data, { shuffle: false }).safety,
  objective: nn.logLoss,
  constraints: [
    { text: "ACC >= 0.85", delta: 0.05 },
    { text: 'abs((TPR | [race == "black"]) - (TPR | [race == "white"])) <= 0.15', delta: 0.05 },
    { text: 'abs((PR | [race == "black"]) - (PR | [race == "white"])) <= 0.15', delta: 0.05 },
  ],
  rates: "decided",
});
console.log(explain(report));

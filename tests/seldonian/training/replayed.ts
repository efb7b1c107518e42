/** Models, constraints and optimizers for tests of replayed steps. */
import { deepEqual, equal } from "node:assert/strict";
import { type Measure, nn, type Step, type Tensor, train, type TrainOptions } from "../../../mod.ts";

export const size = 120, numbers = (k: number) => Array.from({ length: size }, (_, i) => Math.sin(7.1 * i + k));
export const features = numbers(0).map((x, i) => [x, numbers(1)[i], numbers(2)[i]]);
export const columns = { M: numbers(3).map((x) => x > 0.2 ? 1 : 0), age: numbers(4).map((x) => Math.round(30 + 20 * x)) };
export const labels = features.map(([x, y], i) => x + 0.4 * y + 0.5 * numbers(5)[i] > 0 ? 1 : 0);

/** Calls of watched models, which training copies, by name. */
export const calls = new Map<string, number>();

/** Counts its calls. One that reads a value of its output is never replayed. */
export class Watched implements nn.Module {
  constructor(readonly inner: nn.Module, readonly name: "plain" | "reads") {}
  forward(x: Tensor, pass?: nn.Pass): Tensor {
    calls.set(this.name, (calls.get(this.name) ?? 0) + 1);
    const y = this.inner.forward(x, pass);
    if (this.name === "reads") void y.data[0];
    return y;
  }
}

export const tail = {
  sigmoid: () => [new nn.Linear(4, 1), new nn.Sigmoid()],
  softmax: () => [new nn.Linear(4, 3), new nn.Softmax()],
};
export const bodies: Record<string, () => nn.Module[]> = {
  linear: () => [new nn.Linear(3, 4)],
  tanh: () => [new nn.Linear(3, 4), new nn.Tanh()],
  relu: () => [new nn.Linear(3, 4), new nn.ReLU()],
  normed: () => [new nn.Linear(3, 4), new nn.LayerNorm(4), new nn.ReLU()],
  batch: () => [new nn.Linear(3, 4), new nn.BatchNorm1d(4)],
  dropout: () => [new nn.Linear(3, 4), new nn.Dropout(0.3)],
};

/** How sure the model is, squared. */
export const Sure: Measure = {
  name: "Sure",
  task: "classification",
  indices: 0,
  range: [0, 1],
  values: ({ predictions, labels }) => {
    const p = predictions.rank === 1 ? predictions : predictions.slice(1, 0, 1).reshape(labels.size);
    return p.sub(0.5).square();
  },
};

export const texts = [
  "ACC >= 0.6",
  "abs((PR | [M]) - (PR | [!M])) <= 0.3",
  "min((PR | [M]) / (PR | [!M]), (PR | [!M]) / (PR | [M])) >= 0.5",
  "(ER | [age < 35]) <= 0.4",
  "Sure <= 0.24",
  "ACC * PR >= 0.1",
  "max(FPR, FNR) <= 0.6",
];
export const optimizers = [
  { name: "adam" },
  { name: "sgd", thetaRate: 0.1, momentum: 0.5 },
  { dual: "augmented" },
  { dual: "pi", regularization: 0.01, gradientClip: 1 },
] as const;

/** Trains a watched model: its steps, verdict, and calls of the model. */
export async function logOf(name: "plain" | "reads", options: Partial<TrainOptions<nn.Module>>, layers: nn.Module[]) {
  const steps: Step[] = [];
  calls.clear();
  const result = await train({
    data: { features, labels, columns },
    objective: nn.logLoss,
    constraints: [{ text: "ACC >= 0.6", delta: 0.1 }],
    measures: [Sure],
    ...options,
    optimizer: { replay: true, ...options.optimizer },
    model: new Watched(new nn.Sequential(...layers), name),
    onStep: (step) => steps.push(step),
  });
  return { steps, verdict: `${result}`, calls: calls.get(name)! };
}

/** Settings of a training that has the same steps with and without replays. */
interface Settings {
  rates: string;
  candidates: number;
  analysis: string;
  bound: string;
  penalty: boolean;
}

/** Trains one of the bodies twice, so that steps may and may not be replayed. @returns how often each called its model */
export async function callsOfTwins(
  body: string,
  end: string,
  some: readonly string[],
  { rates, candidates, analysis, bound, penalty }: Settings,
  optimizer: TrainOptions<nn.Module>["optimizer"],
): Promise<{ plain: number; reads: number }> {
  const usable = end === "sigmoid"
    ? some
    : some.map((text) => text.replace(/\b(PR|FPR|FNR)\b/g, "$1_[1]").replace("Precision", "TP_[1]"));
  const options: Partial<TrainOptions<nn.Module>> = {
    constraints: usable.map((text) => ({ text, delta: 0.1 })),
    rates: usable.includes("Sure <= 0.24") ? "expected" : rates as "expected" | "decided",
    candidates,
    analysis: analysis as "conjunctive" | "interval",
    bound: bound as "auto",
    optimizer,
    ...(penalty && {
      penalty: (model: nn.Module) => [...nn.namedParameters(model).values()][0].square().sum().mul(0.01),
    }),
  };
  const layers = () => [...bodies[body](), ...tail[end as "sigmoid"]()];
  const [plain, reads] = [await logOf("plain", options, layers()), await logOf("reads", options, layers())];
  deepEqual(plain.steps, reads.steps);
  equal(plain.verdict, reads.verdict);
  return { plain: plain.calls, reads: reads.calls };
}

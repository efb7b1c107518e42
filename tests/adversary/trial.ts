/** One trial of a question: draws rows, asks the kit, and reads its answer. */
import type { measures, nn, SafetyReport, SafetyTestOptions, Source, Tensor, TrainOptions } from "../../mod.ts";
import { Dice } from "./dice.ts";
import type { Custom } from "./formula.ts";
import { draw, type Drawn } from "./law.ts";
import { batchReader, broken, chooser } from "./models.ts";
import { fewest, type Question, type Route } from "./question.ts";
import { dataOf, otherRows, sortedRows } from "./trial_rows.ts";

/** The kit's public interface, from this checkout or another one. */
export type Kit = typeof import("../../mod.ts");

/** The kit's answer. */
export interface Verdict {
  /** Whether the model passed and the verdict was not approximate. */
  passed: boolean;
  /** Whether the model passed with an approximate verdict. */
  approximate: boolean;
  /** The error that refused the question. */
  refused: string | null;
  /** An error other than a refusal, such as a property of undefined. */
  crash?: string;
}

/** A group with fewer rows than this has no meaningful spread, so no verdict, approximate or not, may depend on it. */
const fewestForSpread = 5;

/** Asks the kit once, on rows that depend only on seed, question and trial. */
export async function trial(kit: Kit, question: Question, seed: number, number: number): Promise<Verdict> {
  const dice = new Dice(seed, question.number, number);
  try {
    return await asked(kit, question, dice, number);
  } catch (error) {
    const { message, stack } = error as Error, verdict = { passed: false, approximate: false, refused: message };
    return isRefusal(error) ? verdict : { ...verdict, refused: null, crash: stack ?? message };
  }
}

/** The kit's errors have three types, and start with what cannot be done. */
function isRefusal(error: unknown): boolean {
  if (!(error instanceof RangeError || error instanceof TypeError || error instanceof SyntaxError)) return false;
  return error.message.startsWith("Cannot ") && !error.message.startsWith("Cannot read properties");
}

async function asked(kit: Kit, question: Question, dice: Dice, number: number): Promise<Verdict> {
  const { route, law, n, others } = question, drawn = draw(law, n, dice);
  // Every other question has rows of few kinds without distinguishing noise.
  const told = question.number % 2, noise = drawn.types.map(() => told * dice.uniform());
  const rows = route.kind === "test" && route.sorted ? sortedRows(drawn, noise, law) : { drawn, noise };
  const besides = others.map((other) =>
    [other.name, dataOf(kit, question, otherRows(other, rows, n, dice), other.law, dice)] as const
  );
  const data = dataOf(kit, question, rows, law, dice);
  if (route.kind === "train") {
    const result = await kit.train({
      ...trainOptions(kit, question, route),
      data,
      others: Object.fromEntries(besides),
      seed: number,
    });
    return verdictOf(question, { passed: result.passed, constraints: result.constraints }, null);
  }
  const safety = await safetyData(kit, question, new kit.DataSet(data), drawn, number);
  const test = {
    ...optionsOf(kit, question),
    model: modelFor(kit, question),
    others: Object.fromEntries(besides.map(([name, parts]) => [name, new kit.DataSet(parts)])),
  };
  let verdict: Verdict | null = null;
  for (let again = 0; again < (route.kind === "test" ? route.seeds : 1); again++) {
    // Not every version of the kit has a seed here.
    const report = await kit.safetyTest({ ...test, data: safety.data, seed: number + again } as SafetyTestOptions);
    verdict = verdictOf(question, report, safety.types);
    if (verdict.passed) break;
  }
  return verdict!;
}

type Chooser = ReturnType<typeof chooser>;

/** The penalty's gradient is -1, so one step of descent raises the choice by the learning rate. */
function trainOptions(kit: Kit, question: Question, route: Route & { kind: "train" }): Omit<TrainOptions<Chooser>, "data"> {
  const { fraction: safetyFraction, candidates, features, tuned } = route, several = candidates > 1;
  const thetaRate = Array.from({ length: features }, (_, k) => k + 0.1);
  return {
    ...optionsOf(kit, question),
    model: chooser(kit, question.law.types[0].outputs.length, features),
    objective: objectiveFor(question),
    penalty: ({ choice }) => choice.sum().neg(),
    safetyFraction,
    candidates,
    optimizer: {
      name: "sgd",
      thetaRate: 1,
      lambdaRate: 0,
      epochs: several ? features : 1,
      inflation: 0,
      finalists: several ? 3 : 0,
    },
    ...(tuned && { tune: { space: { thetaRate }, folds: 2, draws: 1 } }),
  };
}

function modelFor(kit: Kit, { law, batchWeight, mustRefuse }: Question): nn.Module {
  const width = law.types[0].outputs.length;
  return batchWeight > 0 ? batchReader(kit, width, batchWeight) : mustRefuse ? broken(kit, width) : chooser(kit, width, 1);
}

/** The tested data, and the types of its rows if known. */
async function safetyData(
  kit: Kit,
  { route, law }: Question,
  whole: InstanceType<Kit["DataSet"]>,
  drawn: Drawn,
  number: number,
): Promise<{ data: Source; types: readonly number[] | null }> {
  if (route.kind === "split") {
    const { fraction: safetyFraction } = route, given = { safetyFraction, seed: number };
    const by = route.by === "stratify" ? { stratify: drawn.strata } : { groups: drawn.clusters };
    return { data: kit.split(whole, { ...given, ...by }).safety, types: null };
  }
  if (route.kind !== "test" || route.pieces === 0 || law.clusters !== null) return { data: whole, types: drawn.types };
  const size = Math.ceil(whole.size / route.pieces);
  const pieces = async function* () {
    for (let start = 0; start < whole.size; start += size) {
      yield whole.take(Array.from({ length: Math.min(size, whole.size - start) }, (_, i) => start + i));
      await Promise.resolve();
    }
  };
  return { data: await kit.DataStream.open(pieces), types: drawn.types };
}

function verdictOf(
  question: Question,
  { passed, constraints }: Pick<SafetyReport, "passed" | "constraints">,
  types: readonly number[] | null,
): Verdict {
  // An older kit lacks this field and has no approximate verdicts.
  const called = (constraints as { guarantee?: string }[]).some(({ guarantee }) => guarantee === "approximate");
  const excused = called && !(question.theme === "few rows" && types !== null && fewest(question, types) < fewestForSpread);
  return { passed: passed && !excused, approximate: passed && excused, refused: null };
}

function optionsOf(kit: Kit, question: Question) {
  const { text, delta, rates, bound, analysis, shares, ranges, custom, namesake, others } = question;
  const declared = (how: string) => others.filter((other) => other.declared === how).map(({ name }) => name);
  const own = custom.map((measure) => kitMeasure(kit, measure));
  const stated = namesake === null
    ? [{ text, delta }]
    : [[kitMeasure(kit, namesake.measure), namesake.text] as const, [own[0], text] as const].map(([measure, text]) => ({
      text: kit.constraint(text, { measures: [measure] }),
      delta,
    }));
  return {
    constraints: stated,
    rates,
    bound: bound as "auto",
    analysis,
    shares,
    ranges,
    ...(namesake === null && { measures: own }),
    ...(declared("independent").length > 0 && { independent: declared("independent") }),
    ...(declared("paired").length > 0 && { paired: declared("paired") }),
  };
}

function kitMeasure(kit: Kit, { name, task, range, byKind, ofClass }: Custom): measures.Measure {
  const [low, high] = range;
  return {
    name,
    task,
    indices: 0,
    range,
    ...(ofClass !== null && { counts: (label: number) => label === ofClass }),
    values: ({ predictions, labels, columns }) => {
      if (byKind !== null) {
        return kit.Tensor.from(Float64Array.from(columns.get("kind") as ArrayLike<number>, (kind) => byKind[kind]));
      }
      const { data } = predictions.reshape(labels.size), { data: y } = labels;
      return kit.Tensor.from(Float64Array.from(data, (p, i) => low + (high - low) * Math.min(1, Math.abs(p - y[i]))));
    },
  };
}

/** The objective that makes tuning and candidates search for the model that looks best for the promise. */
function objectiveFor({ text, relation }: Question): (predictions: Tensor, labels: Tensor) => Tensor {
  const sign = relation === "<=" ? 1 : -1,
    positive = ["PR", "FPR", "TPR", "TP", "FP"].some((name) => text.startsWith(`${name} `));
  const negative = ["NR", "FNR", "TNR", "TN", "FN"].some((name) => text.startsWith(`${name} `));
  if (positive || negative) return (predictions) => predictions.mean().mul(positive ? sign : -sign);
  return (predictions, labels) =>
    predictions.size === labels.size
      ? predictions.cast("float64").reshape(labels.size).sub(labels.cast("float64")).abs().mean()
      : predictions.mean();
}

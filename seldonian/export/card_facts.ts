import { conditionText } from "../constraints/conditions.ts";
import type { Leaf } from "../constraints/expression.ts";
import { outsideText } from "../constraints/outside.ts";
import { type Note, sentence } from "../data/description.ts";
import { constraint } from "../language/parse.ts";
import type { CertificateParts } from "../report/certificate.ts";
import type { ConstraintReport } from "../safety_test.ts";
import type { CardFacts, CardMeasure, CardOptions, CardPromise } from "./card.ts";
import { type FoundOutcome, outcomeIn } from "../report/found_in.ts";
import { measureWords, promiseWords } from "./promise_words.ts";

/**
 * The facts of a card.
 * @param result of the same test, for what the certificate does not have
 * @throws {ConstraintError} for a measure that is not in `measures`
 * @throws {RangeError} for a result of another test
 */
export function factsOf(
  { signature, ...certificate }: CertificateParts,
  reports: readonly ConstraintReport[],
  about: CardOptions,
  result: unknown,
  type?: string,
): CardFacts {
  const { made, model, data, others, test, found, sha256 } = certificate;
  const outcome = result === undefined ? undefined : outcomeIn(result, found.constraints);
  const { name = `Model ${model.sha256.slice(0, 8)}`, decides, developers, date, version, license, citation, contact } = about;
  const { uses = [], users = [], outOfScope = [], factors = [], ethics = [], recommendations = [], settings = {} } = about;
  const read = test.constraints.map(({ text }) => constraint(text, about.measures && { measures: about.measures }));
  const leaves = new Map<string, Leaf>(read.flatMap((one) => one.leaves.map((leaf) => [`${leaf}`, leaf])));
  const groups = [...leaves.values()].flatMap(({ conditions }) => conditions.map((one) => conditionText(one)));
  const { notes = [], columns = [] } = outcome?.description ?? {},
    said = (note: Note) => sentence(note, "code").replace(/^[!✗] /, "");
  const ofKind = (kind: Note["kind"]) => notes.filter((note) => note.kind === kind).map((note) => said(note));
  return {
    format: "seldonian model card 1",
    certificate: { sha256, ...(signature && { publicKey: signature.publicKey }) },
    modelDetails: {
      name,
      ...{ decides, developers, date, version, type: about.type ?? type, license, citation, contact },
      sha256: model.sha256,
      kit: made.version,
      arithmetic: made.arithmetic,
    },
    intendedUse: { uses, users, outOfScope },
    factors: { tested: [...new Set(groups)], relevant: factors },
    metrics: { judged: judgedWords[test.rates], seed: test.seed, bounds: boundsIn(reports) },
    evaluationData: {
      ...data,
      origin: about.evaluationData,
      others,
      split: ofKind("parts"),
      usedBefore: usesWords(outcome?.uses),
    },
    trainingData: {
      origin: about.trainingData,
      columns: columns.map(({ name, role = "", missing }) => ({ name, role, missing })),
      warnings: ofKind("warning"),
      ...(outcome && { steps: outcome.log.length, objective: outcome.objective }),
      settings,
    },
    quantitativeAnalyses: reports.map((report, i) =>
      promiseOf(report, promiseWords(read[i], about.classes), leaves, about.classes)
    ),
    ethicalConsiderations: ethics,
    caveats: { ...limitsOf(certificate, reports), recommendations },
  };
}

const judgedWords = {
  expected: "the model's outputs; for a classifier probabilities, from which each decision is drawn",
  decided: "decisions: the most probable class",
};

function promiseOf(
  { text, delta, verdict, guarantee, conjuncts, leaves }: ConstraintReport,
  words: string,
  known: ReadonlyMap<string, Leaf>,
  classes: readonly string[] | undefined,
): CardPromise {
  const measures = leaves.map(({ name, n, mean, lower, upper, deltaLower, deltaUpper, bound }): CardMeasure => ({
    name,
    words: known.has(name) ? measureWords(known.get(name)!, classes) : name,
    rows: n,
    estimate: finite(mean),
    ...(deltaLower !== null && { atLeast: { bound: finite(lower), delta: deltaLower } }),
    ...(deltaUpper !== null && { atMost: { bound: finite(upper), delta: deltaUpper } }),
    by: bound,
  }));
  const formulas = conjuncts.map(({ text, value, upper, statistic }) => ({
    text,
    estimate: finite(value),
    atMost: finite(upper),
    ...(statistic && { by: statistic.bound }),
  }));
  return { text, words, delta, verdict, guarantee, formulas, measures };
}

/** JSON has no numbers that are not finite. */
function finite(x: number): number | null {
  return Number.isFinite(x) ? x : null;
}

/** The bounds that decided, each once. */
function deciding(reports: readonly ConstraintReport[]) {
  return reports.flatMap(({ leaves, conjuncts }) => [
    ...leaves.filter(({ deltaLower, deltaUpper }) => deltaLower !== null || deltaUpper !== null),
    ...conjuncts.flatMap(({ statistic }) => statistic ?? []),
  ]);
}

function boundsIn(reports: readonly ConstraintReport[]): string[] {
  return [
    ...new Set(
      deciding(reports).map(({ bound, assumes, guarantee }) =>
        `${bound}: ${
          guarantee === "approximate" ? "right for many rows only" : "proven at every number of rows"
        }, assuming ${assumes}`
      ),
    ),
  ];
}

function usesWords(uses: FoundOutcome["uses"]): string {
  if (uses === undefined) return "not known: no ledger was kept, which would tell whether these rows were tested before";
  const { rows, tests, tested, trained, spent } = uses;
  const equal = trained === 0 ? "" : `; ${trained.toLocaleString("en")} equal rows that a model was trained on`;
  return tests === 0
    ? `none of the ${rows.toLocaleString("en")} rows was tested before, by the ledger${equal}`
    : `${tested.toLocaleString("en")} of the ${rows.toLocaleString("en")} rows were tested before, in ${tests} ${
      tests === 1 ? "test" : "tests"
    } that spent a delta of ${spent}${equal}`;
}

/** What a certificate rests on, and what it does not say. */
function limitsOf(
  { test: { rates, ranges, independent, paired, constraints } }: CertificateParts,
  reports: readonly ConstraintReport[],
): Pick<CardFacts["caveats"], "assumed" | "approximate" | "notPromised"> {
  const has = (of: (report: ConstraintReport) => boolean) => reports.some(of),
    chosen = constraints.some(({ formulas }) => formulas.some(({ shares }) => shares.length > 1));
  return {
    assumed: [
      "the safety data had no part in making the model, and its rows are independent draws of the world in which it works",
      ...independent.map((name) => `the rows of "${name}" are independent of the data's`),
      ...paired.map((name) => `the rows of "${name}" belong to the data's one by one`),
      ...Object.entries(ranges).map(([name, [low, high]]) => `the values of ${name} lie in [${low}, ${high}]`),
      ...(has(({ clustered }) => clustered) ? ["rows that share an id are one observation; others are independent of them"] : []),
      ...(chosen ? ["which formulas are tested, and how delta is shared, was chosen on candidate data"] : []),
    ],
    approximate: [
      ...new Set(
        deciding(reports).filter(({ guarantee }) => guarantee === "approximate").map(({ bound, assumes }) =>
          `the bound ${bound}, which assumes ${assumes}`
        ),
      ),
      ...(has(({ stratified }) => stratified) ? ["rows of divided strata, which are not quite independent"] : []),
    ],
    notPromised: [
      `certainty: a model that breaks a promise passes such a test with probability ${
        Math.max(...constraints.map(({ delta }) => delta))
      } at most`,
      "anything of one single decision: promises are of means over many rows",
      "anything of groups and measures that no promise names",
      "anything of a world that differs from the one that the safety data was drawn from, or changes later",
      ...reports.flatMap(({ text, outside }) => outside.map((rows) => `${text}: ${outsideText(rows)}`)),
      ...(rates === "expected"
        ? ["anything of a decision by the most probable class, if the model gives probabilities: decisions are drawn from them"]
        : []),
    ],
  };
}

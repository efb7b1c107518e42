import { checkArgument, checkOptions, fraction, type Kind, type Known, list, needed, oneOf } from "../../autodiff/options.ts";
import { modelKind, type Module } from "../../nn/module.ts";
import type { Measure } from "../constraints/measure.ts";
import type { Source } from "../data/data_set.ts";
import { digestOf } from "../data/digest.ts";
import { checkSource } from "../data/given_kinds.ts";
import { type Ledger, ledgerKind } from "../records/ledger.ts";
import { checkStated, promiseOptions } from "../problem/promise_kinds.ts";
import { statedConstraint } from "../problem/promises.ts";
import type { Certificate, CertificateParts } from "../report/certificate.ts";
import { type FoundReport, sealedCertificate, testedReports } from "../report/found_in.ts";
import type { ConstraintReport } from "../safety_test.ts";
import { afterLook, promisedBy, sampleOf, sequencesOf, shownBy } from "./look.ts";
import { keysText } from "./look_keys.ts";
import { newRows } from "./new_rows.ts";
import { Retest } from "./retest_report.ts";
import { isRetest, modelDigest, readRetest, sealed } from "./retest_certificate.ts";
import type { Attempt, PlannedOptions, Repeats, RetestCertificate, RetestPlan } from "./retest_kinds.ts";
import type { Guesses } from "./sequence.ts";

/** The options of {@link planRetest}. */
export interface PlanOptions extends PlannedOptions {
  /** The model to test. */
  model: Module;
  /** Data that it was trained on: what a test may expect. It makes the test faster, and no less valid. */
  candidate?: Source;
}

/** The options of {@link retest}. */
export interface RetestOptions {
  /** The certified model. */
  model: Module;
  /** New rows, which had no part in making the model and in no earlier test. */
  data: Source;
  /** Data whose rows must not come again: what the model was trained and tested on. Rows of earlier looks are known without. */
  seen?: readonly Source[];
  /**
   * What becomes of rows that equal a row seen before: "refuse" (default) is an error; "drop" leaves them out, if they are the same
   * rows again; "keep" counts them, if they are others that look alike.
   */
  repeats?: Repeats;
  /** The delta of a new test in sequence, of every constraint; default: the constraint's. A test that goes on has its own. */
  delta?: number;
  /** Custom measures in the constraints. */
  measures?: readonly Measure[];
  /** Remembers the rows of tests. */
  ledger?: Ledger;
}

const { constraints, measures, rates, analysis, ranges } = promiseOptions;
const aModel = needed(modelKind);
const planning: Known<PlanOptions> = {
  ...{ constraints, measures, rates, analysis, ranges },
  model: aModel,
  candidate: { type: "object", wanted: "a DataSet or a stream" },
};
const testing: Known<RetestOptions> = {
  model: aModel,
  data: { type: "object", wanted: "a DataSet or a stream", needed: true },
  seen: list,
  repeats: oneOf("refuse", "drop", "keep"),
  delta: fraction,
  measures: list,
  ledger: ledgerKind,
};

/**
 * Plans a test in sequence, before any of its rows is seen: the certificate of no look yet, for {@link retest}. First test and all
 * that follow spend one delta together.
 * @throws {ConstraintError} for a measure that cannot be tested in sequence
 */
export async function planRetest(options: PlanOptions): Promise<RetestCertificate> {
  const { model, candidate, ...stated } = checkOptions("plan a test in sequence", options, planning);
  const { rates = "expected", analysis = "conjunctive", ranges = {} } = stated, { measures = [] } = stated;
  stated.constraints.forEach(checkStated);
  const plan: RetestPlan = {
    constraints: stated.constraints.map((one) => ({ text: `${statedConstraint(one, measures)}`, delta: one.delta })),
    ...{ rates, analysis, guesses: {} },
    ranges: ranges as RetestPlan["ranges"],
  };
  const promised = promisedBy(plan, measures);
  if (candidate !== undefined) {
    checkSource(candidate);
    const sample = await sampleOf(model, candidate, promised);
    const leaves = promised.flatMap(({ constraint }) => constraint.leaves).filter((leaf) => sample.rowsOf(leaf).size > 0);
    plan.guesses = Object.fromEntries(
      leaves.map((leaf) => [`${leaf}`, [sample.rowsOf(leaf).size, sample.estimate(leaf).value]]),
    );
  }
  return await unseen(await modelDigest(model), plan, []);
}

/** What can be tested again: a test in sequence, the certificate of a test, or a result or report with its constraints. */
export type Retestable =
  | RetestCertificate
  | Certificate
  | CertificateParts
  | { passed: boolean; constraints: readonly ConstraintReport[] };

const retestable: Kind = {
  type: "object",
  wanted: "a certificate, a plan, or a result with its constraints",
  holds: (value) => value !== null,
};

/**
 * Tests a model on new rows, and says whether to stop or to go on. A test in sequence that has not passed goes on: all its looks
 * together spend its delta once, whatever made one look or stop. Anything else begins a new one, with what was tested before:
 * after a failure a further attempt, after a pass a renewal, which promises for the world of the new rows.
 * @param of a plan or the certificate of a test in sequence; or the certificate, the result or the report of a test
 * @throws {TypeError} for an unknown option, with the nearest name, and for a value of the wrong type
 * @throws {RangeError} for another model, for rows that were seen before, and for values outside of their range, with the row
 */
export async function retest(of: Retestable, options: RetestOptions): Promise<Retest> {
  const { model, measures, ...given } = checkOptions("test again", options, testing);
  checkArgument("test again", "it", of, retestable);
  checkSource(given.data);
  given.seen?.forEach((one, i) => checkSource(one, `seen[${i}]`));
  const certificate = await begun(of, model, given.delta), { plan, looks } = certificate;
  if (await modelDigest(model) !== certificate.model.sha256) {
    throw new RangeError(
      "Cannot test this model again: the certificate is of another one, by its SHA-256; plan a test of this one, as planRetest() does",
    );
  }
  const promised = promisedBy(plan, measures), deltas = promised.map(({ delta }) => looks.length === 0 ? delta : 0);
  const { data, left, uses } = await newRows(given, certificate, deltas);
  const sample = await sampleOf(model, data, promised), sequences = sequencesOf(promised, sample);
  const states = afterLook(sequences, certificate.states, sample, plan);
  const { repeats = "refuse", seen = [] } = given, { size, hasStrata } = data;
  const look = { rows: size, sha256: await digestOf(data), stratified: hasStrata, repeats, keys: await keysText(data) };
  const all = [...looks, look];
  const found = shownBy(promised, sequences, states, all.reduce((sum, { rows }) => sum + rows, 0));
  return new Retest(await sealed({ ...certificate, looks: all, states }, found), found, {
    left,
    uses,
    compared: seen.length > 0,
  });
}

/** The test in sequence that goes on or begins. */
async function begun(of: Retestable, model: Module, delta: number | undefined): Promise<RetestCertificate> {
  if (isRetest(of)) {
    const earlier = await readRetest(of), { plan, before, looks, found: { passed } } = earlier;
    if (!passed) {
      if (delta === undefined) return earlier;
      throw new RangeError(
        `Cannot go on with delta ${delta}: the plan has ${
          plan.constraints.map(({ delta }) => delta).join(", ")
        } for all looks together`,
      );
    }
    const rows = looks.reduce((sum, { rows }) => sum + rows, 0);
    const attempt: Attempt = {
      ...{ kind: "sequence", rows, delta: greatest(plan.constraints), passed, certificate: earlier.sha256 },
      model: earlier.model.sha256,
      looks: looks.map(({ sha256, keys }) => ({ sha256, keys })),
    };
    return await unseen(earlier.model.sha256, withDelta(plan, delta), [...before, attempt]);
  }
  if ("test" in of) {
    const certificate = await sealedCertificate(of), { test, found: { passed }, data, sha256, model: own } = certificate;
    const reports = testedReports(certificate);
    checkPopulation(reports);
    const stated = test.constraints.map(({ text, delta }) => ({ text, delta })), { rates, analysis, ranges } = test;
    const plan = { constraints: stated, rates, analysis, ranges, guesses: guessesIn(reports) };
    const attempt: Attempt = {
      ...{ kind: "fixed", rows: data.rows, delta: greatest(stated), passed, certificate: sha256 },
      model: own.sha256,
      looks: [{ sha256: data.sha256, keys: null }],
    };
    return await unseen(own.sha256, withDelta(plan, delta), [attempt]);
  }
  const { constraints, passed } = of;
  if (!Array.isArray(constraints) || constraints.length === 0) {
    throw new RangeError(
      "Cannot test again what was not tested: the result has no constraints; plan a test, as planRetest() does",
    );
  }
  checkPopulation(constraints);
  const plan: RetestPlan = {
    constraints: constraints.map(({ text, delta }) => ({ text, delta })),
    rates: constraints[0].rates,
    analysis: "conjunctive",
    ranges: rangesIn(constraints),
    guesses: guessesIn(constraints),
  };
  const sha256 = await modelDigest(model), tested = modelIn(of);
  const attempt: Attempt = {
    ...{ kind: "fixed", rows: null, delta: greatest(constraints), passed, certificate: null },
    model: tested && await modelDigest(tested),
    looks: [],
  };
  if (tested !== null && attempt.model !== sha256) {
    throw new RangeError(
      "Cannot test this model again: the result is of another one, by its SHA-256; give the result's own, or plan a test of this one",
    );
  }
  return await unseen(sha256, withDelta(plan, delta), [attempt]);
}

/** The model of a result of training, which a report does not have. */
function modelIn(of: object): Module | null {
  const { model, failed } = of as { model?: unknown; failed?: { model?: unknown } | null };
  return [model, failed?.model].find((one): one is Module => typeof (one as Module | undefined)?.forward === "function") ?? null;
}

async function unseen(sha256: string, plan: RetestPlan, before: Attempt[]): Promise<RetestCertificate> {
  return await sealed({ model: { sha256 }, plan, before, looks: [], states: [] }, []);
}

function withDelta(plan: RetestPlan, delta: number | undefined): RetestPlan {
  return delta === undefined ? plan : { ...plan, constraints: plan.constraints.map(({ text }) => ({ text, delta })) };
}

function greatest(constraints: readonly { delta: number }[]): number {
  return Math.max(...constraints.map(({ delta }) => delta));
}

/** @throws {RangeError} for a promise that is for other populations than the one that its data is from, and for one on clusters */
function checkPopulation(reports: readonly FoundReport[]): void {
  const of = reports.find(({ populations }) => populations !== undefined)?.populations;
  if (reports.some(({ clustered }) => clustered)) {
    throw new RangeError(
      "Cannot test in sequence what was promised for clusters, each of which is one observation: rows would be another promise; " +
        "test it by safetyTest() on new clusters",
    );
  }
  if (of === undefined) return;
  throw new RangeError(
    `Cannot test in sequence for other populations than the data's: the promise is for ${of}; test it by safetyTest() on new rows`,
  );
}

/** What a report says of each measure. */
function guessesIn(constraints: readonly ConstraintReport[]): Guesses {
  const leaves = constraints.flatMap(({ leaves = [] }) => leaves).filter(({ n, mean }) => n > 0 && Number.isFinite(mean));
  return Object.fromEntries(leaves.map(({ name, n, mean }) => [name, [n, mean]]));
}

/** The ranges that measures were judged by, by the measures' names. */
function rangesIn(constraints: readonly ConstraintReport[]): Record<string, [number, number]> {
  const named = constraints.flatMap(({ leaves }) => leaves).filter(({ range: [low, high] }) => high - low < Infinity);
  return Object.fromEntries(named.map(({ name, range: [low, high] }) => [name.replace(/ \| .*$/s, ""), [low, high]]));
}

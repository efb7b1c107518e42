import { type Kind, type Known, list, record, text } from "../../autodiff/options.ts";
import type { Measure } from "../constraints/measure.ts";
import { isTexts } from "../data/data_kinds.ts";
import type { CertifiedData } from "../report/certificate.ts";

/** What only the author of a model can say of it; what is left out is "not stated" on the card. */
export interface CardOptions {
  /** The model's name; default: the first digits of its digest. */
  name?: string;
  /** What it decides, such as "whether a loan is offered". */
  decides?: string;
  /** The persons or the organization that made it. */
  developers?: string;
  /** When it was made. */
  date?: string;
  /** Which version it is. */
  version?: string;
  /** What kind of model it is; default for a result: its class. */
  type?: string;
  /** Its license. */
  license?: string;
  /** How to cite it. */
  citation?: string;
  /** Where to send questions. */
  contact?: string;
  /** What it is to be used for. */
  uses?: readonly string[];
  /** Who is to use it. */
  users?: readonly string[];
  /** What it is not made for. */
  outOfScope?: readonly string[];
  /** Groups, instruments and circumstances by which results may differ, tested or not. */
  factors?: readonly string[];
  /** Where the safety data comes from, and why it was chosen. */
  evaluationData?: string;
  /** The same for the data that it was trained on. */
  trainingData?: string;
  /** Ethical considerations: sensitive data, risks and harms, and what was done about them. */
  ethics?: readonly string[];
  /** Further caveats, and advice to those who use it. */
  recommendations?: readonly string[];
  /** The names of classes 0, 1, …, for the words of promises. */
  classes?: readonly string[];
  /** How it was trained: settings by name. */
  settings?: Readonly<Record<string, unknown>>;
  /** With a certificate: the result that it is of, or its JSON, for training, table, and earlier tests. */
  result?: unknown;
  /** The certificate of a test in sequence of the same model, on newer rows. */
  retest?: unknown;
  /** Custom measures in the constraints. */
  measures?: readonly Measure[];
}

const texts: Kind = { type: "object", wanted: "a list of texts", holds: isTexts };
/** The allowed options. */
export const cardOptions: Known<CardOptions> = {
  name: text,
  decides: text,
  developers: text,
  date: text,
  version: text,
  type: text,
  license: text,
  citation: text,
  contact: text,
  uses: texts,
  users: texts,
  outOfScope: texts,
  factors: texts,
  evaluationData: text,
  trainingData: text,
  ethics: texts,
  recommendations: texts,
  classes: texts,
  settings: record,
  result: record,
  retest: record,
  measures: list,
};

/** A measure with its figures. */
export interface CardMeasure {
  /** The measure as the constraint writes it. */
  name: string;
  /** The same in words. */
  words: string;
  /** The number of rows behind the estimate; of clusters, if rows are in clusters. */
  rows: number;
  /** The estimate; `null` without rows. */
  estimate: number | null;
  /** The lower bound with its share of delta, if the test needed one by itself. */
  atLeast?: { bound: number | null; delta: number };
  /** The upper bound with its share of delta, if the test needed one by itself. */
  atMost?: { bound: number | null; delta: number };
  /** The family of its bounds. */
  by: string;
}

/** A promise with its verdict. */
export interface CardPromise {
  /** The constraint as stated. */
  text: string;
  /** The same in words. */
  words: string;
  /** The probability with which a model that breaks it passes such a test. */
  delta: number;
  /** The populations that it is for; left out: the one that the safety data is from. */
  populations?: string;
  /** The verdict of the test. */
  verdict: string;
  /** Whether every bound that decided is proven at each number of rows, or one holds for many rows only. */
  guarantee: "finite-sample" | "approximate";
  /** The formulas that must be at most 0, each with estimate and upper bound. */
  formulas: { text: string; estimate: number | null; atMost: number | null; by?: string }[];
  /** Its measures, each of a group. */
  measures: CardMeasure[];
}

/**
 * The facts of a model card, in the sections of the source.
 *
 * Source: M. Mitchell, S. Wu, A. Zaldivar, P. Barnes, L. Vasserman, B. Hutchinson, E. Spitzer, I. D. Raji and T. Gebru, "Model
 * cards for model reporting", FAT* 2019, section 4.
 */
export interface CardFacts {
  /** The format's version. */
  format: "seldonian model card 1";
  /** The certificate that it is made of: its digest, and the public key of its signature, if there is one. */
  certificate: { sha256: string; publicKey?: string };
  /** What the model is. */
  modelDetails:
    & Pick<CardOptions, "decides" | "developers" | "date" | "version" | "type" | "license" | "citation" | "contact">
    & { name: string; sha256: string; kit: string; arithmetic: string };
  /** What it is for. */
  intendedUse: Required<Pick<CardOptions, "uses" | "users" | "outOfScope">>;
  /** By what results may differ: groups that the promises name, and what the author adds. */
  factors: { tested: string[]; relevant: readonly string[] };
  /** What was measured, and how sure figures are. */
  metrics: { judged: string; seed: number; bounds: string[] };
  /** The safety data. */
  evaluationData: CertifiedData & {
    origin?: string;
    others: Readonly<Record<string, CertifiedData>>;
    split: string[];
    usedBefore: string;
  };
  /** The candidate data, and how the model was trained. */
  trainingData: {
    origin?: string;
    columns: { name: string; role: string; missing: number }[];
    warnings: string[];
    steps?: number;
    objective?: { candidate: number | null; safety: number | null };
    settings: Readonly<Record<string, unknown>>;
  };
  /** The promises with verdicts and bounds. */
  quantitativeAnalyses: CardPromise[];
  /** The test in sequence on newer rows, if there is one. */
  testedAgain?: {
    certificate: string;
    passed: boolean;
    rows: number;
    looks: number;
    promises: { text: string; delta: number }[];
  };
  /** What the author says of ethics. */
  ethicalConsiderations: readonly string[];
  /** What is assumed, approximate, or not promised; and what the author advises. */
  caveats: { assumed: string[]; approximate: string[]; notPromised: string[]; recommendations: readonly string[] };
}

/** A model card, for programs and for people. */
export interface ModelCard {
  /** The facts, ready for JSON.stringify. */
  json: CardFacts;
  /** The same as one page of HTML that needs nothing else, without scripts. */
  html: string;
}

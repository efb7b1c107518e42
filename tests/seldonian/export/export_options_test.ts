import { test } from "node:test";
import { type Passed, train } from "../../../mod.ts";
import { modelCard } from "../../../seldonian/export/mod.ts";
import { options } from "../../helpers/line.ts";
import { checkForeign, checkMisspelt, type Reader } from "../../helpers/misspelt.ts";

const certificate = await (await train(options()) as Passed).certificate();

const readers: Reader[] = [
  [
    "modelCard()",
    "name, decides, developers, date, version, type, license, citation, contact, uses, users, outOfScope, factors, evaluationData, " +
    "trainingData, ethics, recommendations, classes, settings, result, retest, measures",
    (o) => modelCard(certificate, o),
  ],
];

test("a misspelt option of exports is named, with the nearest", () => checkMisspelt(readers));

test("no value of an option of exports gets as far as an error of the engine", () => checkForeign(readers));

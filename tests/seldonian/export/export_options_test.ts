import { test } from "node:test";
import { type Passed, tensor, train } from "../../../mod.ts";
import { exportOnnx, modelCard, toOnnx } from "../../../seldonian/export/mod.ts";
import { linear, options } from "../../helpers/line.ts";
import { checkForeign, checkMisspelt, type Reader } from "../../helpers/misspelt.ts";

const result = await train(options()) as Passed, certificate = await result.certificate();

const readers: Reader[] = [
  [
    "modelCard()",
    "name, decides, developers, date, version, type, license, citation, contact, uses, users, outOfScope, factors, evaluationData, " +
    "trainingData, ethics, recommendations, classes, settings, result, retest, measures",
    (o) => modelCard(certificate, o),
  ],
  ["toOnnx()", "encoder, example, decides", (o) => toOnnx(result.model, { example: tensor([[1, 2]]), ...o })],
  ["exportOnnx()", "data, file, rows, files", (o) => exportOnnx(result, { data: linear(10), rows: 0, ...o })],
];

test("a misspelt option of exports is named, with the nearest", () => checkMisspelt(readers));

test("no value of an option of exports gets as far as an error of the engine", () => checkForeign(readers));

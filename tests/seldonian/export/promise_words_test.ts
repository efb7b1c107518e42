import { equal } from "node:assert/strict";
import { test } from "node:test";
import { constraint, measures } from "../../../mod.ts";
import { promiseWords } from "../../../seldonian/export/promise_words.ts";

test("promises in words say what is counted, among which rows, and how they are joined", () => {
  const table: [text: string, words: string][] = [
    ["ACC >= 0.95", "how often the true class is decided is at least 0.95"],
    ["ER - 0.1", "how often a wrong class is decided less 0.1 is at most 0"],
    [
      "(PR | [M]) / (PR | [!M]) >= 0.8",
      "how often class 1 (paid) is decided among rows with M divided by how often class 1 (paid) is decided among rows with !M " +
      "is at least 0.8",
    ],
    [
      'max((FPR | [age < 25, job == "cook"]), FNR_[0] * 2) <= 0.2',
      'the greatest of how often class 1 (paid) is decided among rows not of class 1 (paid) with age < 25 and job == "cook", ' +
      "[how often class 0 (late) is not decided among rows of class 0 (late) times 2] is at most 0.2",
    ],
    [
      "abs(Mean_Error | other[A]) <= 2",
      'the size of the mean error (the prediction less the label) among rows of the data "other" with A is at most 2',
    ],
    ["CM_[0, 2] <= 0.1", "how often class 2 is decided among rows of class 0 (late) is at most 0.1"],
    ["-exp(Mean_Squared_Error) <= 1", "minus [exp of the mean squared error] is at most 1"],
    ["CVaR_[0.1] <= 4", "the mean of CVaR of 0.1 is at most 4"],
  ];
  for (const [text, words] of table) equal(promiseWords(constraint(text), ["late", "paid"]), words);
});

test("a custom measure does not get the words of one of the kit's that has its name", () => {
  const custom = { ...measures.ACC.measure };
  equal(promiseWords(constraint("ACC >= 0.9", { measures: [custom] })), "the mean of ACC is at least 0.9");
});

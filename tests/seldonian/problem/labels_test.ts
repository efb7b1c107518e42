import { ok, rejects } from "node:assert/strict";
import { test } from "node:test";
import { DataSet, type DataSetParts, safetyTest } from "../../../mod.ts";
import { promise, rows } from "../../helpers/promises.ts";

test("a test of accuracy on data without labels is refused", async () => {
  const parts: DataSetParts = { features: rows(60, () => [0.2]) };
  await rejects(
    safetyTest({ ...promise("ACC >= 0.5"), data: new DataSet(parts) }),
    /Cannot judge ACC: the data has no labels, and ACC compares outputs with them; give labels/,
  );
  ok((await safetyTest({ ...promise("PR <= 0.5"), data: new DataSet(parts) })).passed);
});

test("missing labels are an error in every data set and for every class", async () => {
  const labelled = new DataSet({ features: rows(60, () => [0.4]), labels: rows(60, () => 0) }),
    bare = new DataSet({ features: rows(60, (i) => [0.5 - i / 900]) });
  await rejects(
    safetyTest({ ...promise("(ACC | new) >= 0.1"), data: labelled, others: { new: bare } }),
    /Cannot judge ACC \| new: the data has no labels/,
  );
  const three = new DataSet({ features: rows(60, () => [0.5, 0.25, 0.25]) });
  for (const text of ["FN_[2] <= 0.5", "ACC >= 0.1", "TP_[1] <= 0.5"]) {
    await rejects(
      safetyTest({ ...promise(text), data: three }),
      /the data has no labels, and (FN|ACC|TP) compares outputs with them/,
    );
  }
  ok((await safetyTest({ ...promise("PR_[2] <= 0.5"), data: three })).passed);
});

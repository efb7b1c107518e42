import { equal, match } from "node:assert/strict";
import { test } from "node:test";
import { run, skip } from "../helpers/child.ts";
import { inFolder, testsThatWrite } from "../helpers/writing.ts";

testsThatWrite(import.meta.url, () => {
  test(
    "examples/serving.ts decides, counts outcomes and looks at the promise, with permissions for files only",
    { skip },
    () =>
      inFolder(async (folder) => {
        const trained = await run(
          "-RW",
          "cli.ts",
          "train",
          "examples/spec/german_credit.json",
          "--out",
          `${folder}/run`,
          "--quiet",
        );
        equal(trained.code, 0, trained.errors);
        const { code, out, errors } = await run("-RW", "examples/serving.ts", `${folder}/run`);
        equal(code, 0, errors);
        match(out, /^The first of 200 decisions: \{ id: "[0-9a-f]{8}-1", decision: "Good", output: 0\.\d+ \}$/m);
        match(
          out,
          /^Its outcome: \{ id: "[0-9a-f]{8}-1", status: "counted" \}\nThe same again: \{ id: "[0-9a-f]{8}-1", status: "repeated" \}$/m,
        );
        match(out, /^A row that does not fit: "Duration" is "two years"; wanted a number$/m);
        match(out, /<= 0\.15: no alarm after 200 outcomes\n {2}PR \| \["Personal\.Female\.NotSingle"\] is 0\.\d{3} over \d+$/m);
      }),
  );
});

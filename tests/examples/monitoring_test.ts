import { equal, match } from "node:assert/strict";
import { test } from "node:test";
import { run, skip } from "../helpers/child.ts";

test("examples/monitoring.ts rings after the model became worse, not before, and draws it", { skip }, async () => {
  const { code, out, errors } = await run("--allow-env", "examples/monitoring.ts");
  equal(code, 0, errors);
  match(errors, /alarm at outcome [4-7]\d\d\d$/m);
  match(out, /^<svg/);
});

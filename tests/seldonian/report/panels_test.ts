import { deepEqual, equal, match, ok } from "node:assert/strict";
import { test } from "node:test";
import { train } from "../../../mod.ts";
import { options } from "../../helpers/line.ts";

test("a result plots four SVG panels with an infeasible region, and shows itself in a notebook", async () => {
  const result = await train(options());
  const svg = await result.plot();
  ok(svg.startsWith("<svg xmlns=") && svg.endsWith("</svg>\n") && svg.includes("infeasible"));
  equal(svg.match(/<g transform="translate\(\d+,0\)"><g/g)!.length, 4);
  // deno-lint-ignore no-explicit-any
  const shown = await (result as any)[Symbol.for("Jupyter.display")]();
  deepEqual(Object.keys(shown), ["text/plain", "text/html"]);
  match(
    shown["text/html"],
    /<li><code>ACC &gt;= 0\.6<\/code>: <strong>kept<\/strong> at delta 0\.05 .*<li><code>ACC<\/code>: 0\.\d+ on 200 rows, at least .*<svg/s,
  );
});

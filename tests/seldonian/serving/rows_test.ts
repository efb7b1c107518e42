import { deepEqual, equal } from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { test } from "node:test";
import { server } from "../../../seldonian/serving/mod.ts";
import { asked } from "../../helpers/served.ts";
import { command } from "../../helpers/small_run.ts";
import { inFolder, testsThatWrite } from "../../helpers/writing.ts";

testsThatWrite(import.meta.url, () => {
  for (const name of ["constructor", "prototype", "__proto__"]) {
    for (const kind of ["numbers", "texts"]) {
      test(`a column named ${name} of a promise is served: ${kind}`, () =>
        inFolder(async (folder) => {
          const value = (i: number) => kind === "numbers" ? i % 50 : "FM"[i % 2];
          const x = (i: number) => Math.sin(7.1 * i).toFixed(5);
          const rows = Array.from({ length: 400 }, (_, i) => `${x(i)},${value(i)},${Number(x(i)) > 0 ? 1 : 0}\n`);
          writeFileSync(`${folder}/data.csv`, `x,${name},y\n${rows.join("")}`);
          const condition = kind === "numbers" ? "< 25" : "== 'F'";
          writeFileSync(
            `${folder}/spec.json`,
            JSON.stringify({
              data: { file: "data.csv", label: { column: "y", classes: ["0", "1"] }, features: ["x"] },
              model: { kind: "logistic" },
              rates: "decided",
              constraints: [{ text: `(ER | ["${name}" ${condition}]) <= 0.5`, delta: 0.05 }],
              optimizer: { thetaRate: 0.1, epochs: 20 },
            }),
          );
          const { code, errors } = await command("train", `${folder}/spec.json`, "--out", `${folder}/run`, "--quiet");
          equal(code, 0, errors);
          const serving = await server(`${folder}/run`), own = JSON.stringify({ [name]: value(0) });
          const { json: [with_, without] } = await asked(serving, "/predict", `[{"x":0.3,${own.slice(1)},{"x":0.3}]`);
          equal((await asked(serving, "/outcomes", { id: without.id, label: "1" })).status, 422);
          deepEqual((await asked(serving, "/outcomes", { id: with_.id, label: "1" })).json.status, "counted");
          const { json } = await asked(serving, "/outcomes", `{"id":"${without.id}","label":"1","columns":${own}}`);
          equal(json.status, "counted");
          equal((await asked(serving, "/promises")).json.monitor.promises[0].measures[0].n, 2);
          await serving.close();
        }));
    }
  }
});

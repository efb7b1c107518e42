import { match } from "node:assert/strict";
import { test } from "node:test";
import { allDrawn, notebookProgress } from "../../../seldonian/report/notebook.ts";

test("a notebook shows the last step, whatever is done after training", async () => {
  const shown: string[] = [];
  const tell = notebookProgress({
    broadcast(_, { data }) {
      shown.push((data as Record<string, string>)["text/html"]);
      return Promise.resolve();
    },
  });
  const step = { doing: "training", steps: 9, epoch: 1, epochs: 9, seconds: 0.1, running: true } as const;
  for (const at of [1, 2]) tell({ ...step, step: at, f: 1 / at, g: [0.1 / at], lambda: [0.5], lagrangian: 1 });
  const choosing = { doing: "choosing", done: 1, of: 1, seconds: 0.1 } as const;
  tell({ ...choosing, running: true });
  tell({ ...choosing, running: false });
  await allDrawn();
  match(shown.at(-1) ?? "", /<progress .*step 2 of 9.*<svg/s);
});

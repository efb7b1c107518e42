import { deepEqual, equal, match, ok } from "node:assert/strict";
import { test } from "node:test";
import { type Contender, experiment, trialProgress } from "../../../seldonian/experiments/mod.ts";
import { onDeno } from "../../helpers/runs.ts";
import { small } from "../../helpers/small_experiment.ts";

const waiting: Contender = { settings: "waits", outputs: () => new Promise((resolve) => setTimeout(() => resolve(null), 800)) };
const asked = { ...small, contenders: { waiting }, sizes: [40], trials: 4 };

test("onTrial hears of every result, with those so far", async () => {
  const heard: [trials: number, done: number, all: number][] = [];
  const quick = { ...asked, contenders: { none: { settings: "none", outputs: () => Promise.resolve(null) } } };
  await experiment({ ...quick, onTrial: (_, done, all, soFar) => heard.push([soFar().trials.length, done, all]) });
  deepEqual(heard, [[1, 1, 4], [2, 2, 4], [3, 3, 4], [4, 4, 4]]);
});

test("in a notebook the figure grows in one place, and the results show themselves", { skip: !onDeno }, async () => {
  // A notebook's kernel, which keeps what it is told to show.
  const shown: { kind: string; id: string; text: string; html: string }[] = [];
  // deno-lint-ignore no-explicit-any
  (globalThis as any).Deno.jupyter = {
    // deno-lint-ignore no-explicit-any
    broadcast(kind: string, { data, transient }: any) {
      shown.push({ kind, id: transient.display_id, text: data["text/plain"], html: data["text/html"] });
      return Promise.resolve();
    },
  };
  const results = await experiment({ ...asked, onTrial: trialProgress() });
  // deno-lint-ignore no-explicit-any
  const last = await (results as any)[Symbol.for("Jupyter.display")]();
  ok(shown.length >= 2 && shown.length <= 4, `${shown.length}`);
  deepEqual(shown.map(({ kind }) => kind), ["display_data", ...shown.slice(1).map(() => "update_display_data")]);
  equal(new Set(shown.map(({ id }) => id)).size, 1);
  match(shown[0].text, /^[123] of 4 trials/);
  equal(shown.at(-1)!.text, "4 of 4 trials");
  for (const { html } of shown) match(html, /<progress value="\d" max="4"><\/progress> \d of 4 trials.*<svg.*rate of solutions/s);
  deepEqual(Object.keys(last), ["text/plain", "text/html"]);
  equal(last["text/plain"], `${results}`);
  match(last["text/html"], /<svg.*<table>.*waiting/s);
});

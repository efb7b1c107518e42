import { deepEqual, equal, ok } from "node:assert/strict";
import process from "node:process";
import { test } from "node:test";
import { server } from "../../../seldonian/serving/mod.ts";
import { Dice } from "../../adversary/dice.ts";
import { full } from "../../helpers/runs.ts";
import { person, sharedRun } from "../../helpers/served.ts";
import { inFolder, testsThatWrite } from "../../helpers/writing.ts";

/** The most bytes of a hostile body. */
const most = 24_000;

/** A body that nobody means, of up to 24 kB. */
function body(dice: Dice): Uint8Array | string {
  const row = JSON.stringify(person(dice.below(1000))),
    letters = '{}[]",:\\-0123456789.eE+tfn \0\u00e9\ud83d\u2028ajobincomesex_';
  const noise = (length: number) => Array.from({ length }, () => letters[dice.below(letters.length)]).join("");
  const length = 1 + dice.below(most / 2), kind = dice.below(12);
  if (kind === 0) return Uint8Array.from({ length }, () => dice.below(256));
  if (kind === 1) return noise(Math.min(length, 4000));
  if (kind === 2) return "[".repeat(length);
  if (kind === 3) return `${"[".repeat(length)}${"]".repeat(length)}`;
  if (kind === 4) return `${'{"age":'.repeat(length / 8)}1${"}".repeat(length / 8)}`;
  if (kind === 5) {
    return `{${Array.from({ length: length / 20 }, (_, i) => `"${["age", "job", "x"][i % 3]}${i}":${i}`).join(",")}}`;
  }
  if (kind === 6) return JSON.stringify({ ...person(1), job: "x".repeat(length) });
  if (kind === 7) return row.replace(/\d+/, `${"9".repeat(length)}e${dice.below(400)}`);
  if (kind === 8) {
    return `[${
      Array.from({ length: Math.min(300, length / 80) }, () => row.replace("age", noise(3).replace(/["\\\0\u2028]/g, "x"))).join(
        ",",
      )
    }]`;
  }
  if (kind === 9) {
    return JSON.stringify({
      id: ["1".repeat(length), "00000000-1", `0000000${dice.below(10)}-${dice.below(1e6)}`, null][dice.below(4)],
      label: "yes",
    });
  }
  if (kind === 10) {
    return JSON.stringify({ id: "__proto__", label: { toString: 1 }, columns: { ["__proto__"]: 1, sex: [noise(20)] } });
  }
  // A good row with one letter changed.
  const at = dice.below(row.length);
  return row.slice(0, at) + noise(1) + row.slice(at + 1);
}

testsThatWrite(import.meta.url, () => {
  test("hostile requests are answered or refused, never a failure, in bounded memory, and good ones beside them are decided", () =>
    inFolder(async (folder) => {
      const errors: unknown[] = [], dice = new Dice(7, 1), count = full ? 10_000 : 300;
      const serving = await server(await sharedRun(), {
        store: `${folder}/hostile.sqlite`,
        onError: (error) => errors.push(error),
      });
      const paths = [
        "/predict",
        "/outcomes",
        "/promises",
        "/metrics",
        "/",
        "//",
        "/predict/",
        "/%00",
        "/openapi.json?x=[",
        "/health",
      ];
      const send = (path: string, of: BodyInit, headers: Record<string, string>) =>
        serving.fetch(
          new Request(`http://server${path}`, {
            method: "POST",
            headers: { "content-type": "application/json", ...headers },
            body: of,
          }),
        );
      const statuses = new Map<number, number>();
      let longest = 0, least = Infinity;
      for (let i = 0; i < count; i += 10) {
        const good = send("/predict", JSON.stringify(person(i)), {});
        const answers = await Promise.all(Array.from({ length: 10 }, async () => {
          const begun = performance.now(),
            type = dice.below(20) === 0 ? "text/html" : "application/json",
            path = paths[dice.below(dice.below(4) === 0 ? paths.length : 2)];
          const answer = await send(path, body(dice) as BodyInit, {
            "content-type": type,
            authorization: `Bearer ${dice.below(9)}`,
          });
          const text = await answer.text();
          ok(text.length < 30_000, `${text.length} letters`);
          if (answer.status !== 200) equal(JSON.parse(text).status, answer.status);
          longest = Math.max(longest, performance.now() - begun);
          return answer.status;
        }));
        for (const status of answers) statuses.set(status, (statuses.get(status) ?? 0) + 1);
        equal((await good).status, 200);
        if (i > count / 2) least = Math.min(least, process.memoryUsage().rss);
      }
      deepEqual(errors, []);
      deepEqual([...statuses.keys()].filter((status) => status >= 500), []);
      for (const status of [400, 404, 405, 415, 422]) {
        ok(statuses.has(status), `${status}: ${JSON.stringify([...statuses])}`);
      }
      ok(longest < 5000, `${longest} ms`);
      const grown = (process.memoryUsage().rss - least) / 1e6;
      ok(grown < 300, `${grown} MB more than halfway`);
      if (full) {
        console.log(
          count,
          [...statuses].sort(),
          `slowest ten at once ${longest.toFixed(0)} ms, ${grown.toFixed(0)} MB more than halfway`,
        );
      }
      await serving.close();
    }));
});

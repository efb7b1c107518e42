import { equal, match, ok } from "node:assert/strict";
import { appendFileSync, existsSync, readFileSync, writeFileSync } from "node:fs";
import { test } from "node:test";
import { command, forged, writeSpec } from "../../helpers/small_run.ts";
import { inFolder, testsThatWrite } from "../../helpers/writing.ts";

/** Rows like those of the spec's table, of which a part is right as there. */
const lines = (from: number, n: number, wrong = 0) =>
  Array.from({ length: n }, (_, i) => {
    const k = 1000 + from + i, x = Math.sin(7.1 * k), right = x + 0.3 * Math.cos(3.7 * k) > 0;
    return `${x.toFixed(9)},${(i % 10 < wrong ? !right : right) ? 1 : 0}\n`;
  }).join("");

testsThatWrite(import.meta.url, () => {
  test("retest looks at new files until it passes, keeps the state beside the certificate, and verify repeats it", () =>
    inFolder(async (folder) => {
      const spec = writeSpec(folder), out = `${folder}/run`, [one, two] = ["one", "two"].map((name) => `${folder}/${name}.csv`);
      equal((await command("train", spec, "--out", out, "--quiet")).code, 0);
      writeFileSync(one, `x,y\n${lines(0, 40, 3)}`);
      const first = await command("retest", out, one);
      equal(first.errors, "");
      match(
        first.out,
        /^Not shown after 40 rows in 1 look: go on, [^]*Renewal: [^]*\n {2}Before: one test of 150 rows at delta 0\.05, which passed\n/,
      );
      equal(first.code, 1);
      const before = await command("verify", `${out}/retest.json`);
      match(before.out, /is not valid:\n {2}the test in sequence has not passed, so that nothing is promised yet\n/);
      writeFileSync(two, `x,y\n${lines(40, 200)}`);
      const second = await command("retest", out, two);
      match(second.out, /^Stop: passed after 240 rows in 2 looks\.\n/);
      equal(JSON.stringify(JSON.parse(readFileSync(`${out}/retest.json`, "utf8")).from), '["../one.csv","../two.csv"]');
      const verified = await command("verify", `${out}/retest.json`);
      equal(`${verified.code} ${verified.errors}`, "0 ");
      match(
        verified.out,
        /retest\.json is valid: repeated looks have the same figures\n {2}Promise: ACC >= 0\.6, with delta 0\.05 for all looks\n/,
      );
      equal((await command("verify", `${out}/retest.json`, "--promise", "ACC >= 0.9")).code, 1);
      equal((await command("verify", `${out}/certificate.json`)).code, 0);
      equal((await command("card", out)).errors, "");
      equal(JSON.parse(readFileSync(`${out}/card.json`, "utf8")).testedAgain.rows, 240);
      // The next run is of another model.
      equal((await command("train", spec, "--out", out, "--quiet")).code, 0);
      ok(!existsSync(`${out}/retest.json`));
    }));

  test("a test that is planned first looks at the safety part, and its model has the name of one only once it has passed", () =>
    inFolder(async (folder) => {
      const spec = writeSpec(folder, 0.82), out = `${folder}/run`, more = `${folder}/more.csv`;
      const first = await command("retest", out, "--plan", spec);
      equal(first.errors, "");
      match(first.out, /^Not shown after 150 rows in 1 look: go on, /);
      ok(first.out.endsWith(`Written to ${out}: encoder.json, candidate.safetensors, retest.json`) && !/Before:/.test(first.out));
      ok(!existsSync(`${out}/model.safetensors`));
      equal(JSON.parse(readFileSync(`${out}/retest.json`, "utf8")).plan.guesses.ACC[0], 150);
      writeFileSync(more, `x,y\n${lines(0, 600)}`);
      match((await command("retest", out, more)).out, /^Stop: passed after 750 rows in 2 looks\./);
      ok(existsSync(`${out}/model.safetensors`) && !existsSync(`${out}/candidate.safetensors`));
      const { code, out: said, errors } = await command("verify", `${out}/retest.json`);
      equal(`${code} ${errors}`, "0 ");
      match(said, /Assumed: the model was not tested before$/);
    }));

  test("retest refuses rows of training, of the first test and of earlier looks, and drops them from a file that grows", () =>
    inFolder(async (folder) => {
      const out = `${folder}/run`, [grown, more] = ["grown", "more"].map((name) => `${folder}/${name}.csv`);
      equal((await command("train", writeSpec(folder), "--out", out, "--quiet")).code, 0);
      const all = readFileSync(`${folder}/table.csv`, "utf8"), look = lines(0, 30, 3);
      writeFileSync(grown, all + look);
      const refused = await command("retest", out, grown);
      equal(refused.code, 2);
      match(
        refused.errors,
        /^Cannot look at these rows: 300 rows of 330 equal rows that were seen before, the first in line 2 of /,
      );
      match((await command("retest", out, grown, "--repeats", "drop")).out, /^Not shown after 30 rows in 1 look/);
      writeFileSync(more, all + look + lines(30, 200));
      match(
        (await command("retest", out, more, "--repeats", "drop")).out,
        /^Stop: passed after 230 rows in 2 looks\.[^]*Left out: 330 rows/,
      );
      equal((await command("verify", `${out}/retest.json`)).code, 0);
      // Of a file that has grown since, the rows of the look are still there.
      appendFileSync(grown, lines(500, 1));
      equal((await command("verify", `${out}/retest.json`)).code, 0);
      writeFileSync(grown, all + lines(0, 29, 3) + lines(500, 1));
      match(
        (await command("verify", `${out}/retest.json`)).errors,
        /^Cannot go on: look 1 was at \.\.\/grown\.csv, whose rows have changed since/,
      );
    }));

  test("retest needs a certificate, a right flag, and a state that nobody changed", () =>
    inFolder(async (folder) => {
      const out = `${folder}/run`, one = `${folder}/one.csv`;
      writeFileSync(one, `x,y\n${lines(0, 40, 3)}`);
      match(
        (await command("retest", out, one)).errors,
        /^Cannot test again: .*run has no certificate that names its spec; train with --out/,
      );
      equal((await command("train", writeSpec(folder), "--out", out, "--quiet")).code, 0);
      match(
        (await command("retest", out, one, "--repeats", "droop")).errors,
        /^Cannot test again: repeats is "droop"; the nearest is "drop"/,
      );
      match((await command("retest", out)).errors, /^usage: /);
      equal((await command("retest", out, one)).code, 1);
      const state = JSON.parse(readFileSync(`${out}/retest.json`, "utf8"));
      state.states[0][0][0].evidence.held[2] = 100;
      writeFileSync(`${out}/retest.json`, JSON.stringify(state));
      match((await command("retest", out, one)).errors, /^Cannot read the certificate: it was changed/);
      const other = JSON.parse(
        await forged(`${out}/certificate.json`, (certificate) => certificate.format = "seldonian retest 1"),
      );
      writeFileSync(`${out}/retest.json`, JSON.stringify({ ...other, from: [], ended: [] }));
      match((await command("retest", out, one)).errors, /^Cannot read the certificate: plan: /);
    }));

  test("a renewal of a file that grows goes on to be tested and verified, and rows of the test before it stay spent", () =>
    inFolder(async (folder) => {
      const out = `${folder}/run`, grown = `${folder}/grown.csv`;
      equal((await command("train", writeSpec(folder), "--out", out, "--quiet")).code, 0);
      // The first rows after 300 are so often wrong that the renewal takes two looks.
      const all = lines(0, 300) + lines(300, 30, 3) + lines(330, 270);
      const grow = (n: number) => {
        writeFileSync(grown, `x,y\n${all.split("\n").slice(0, n).join("\n")}\n`);
        return command("retest", out, grown, "--repeats", "drop");
      };
      match((await grow(300)).out, /^Stop: passed after 300 rows in 1 look\./);
      match((await grow(330)).out, /^Not shown after 30 rows in 1 look[^]*Renewal[^]*Left out: 300 rows/);
      match((await grow(600)).out, /^Stop: passed after 300 rows in 2 looks[^]*Left out: 330 rows/);
      equal((await command("verify", `${out}/retest.json`)).code, 0);
      const again = await command("retest", out, grown);
      match(again.errors, /^Cannot look at these rows: 600 rows of 600 equal rows that were seen before/);
    }));

  test("a test is not planned over an earlier one, which would be forgotten", () =>
    inFolder(async (folder) => {
      const spec = writeSpec(folder, 0.82), out = `${folder}/run`, at = `${out}/retest.json`;
      equal((await command("retest", out, "--plan", spec)).code, 1);
      const before = readFileSync(at, "utf8"), again = await command("retest", out, "--plan", spec);
      match(
        again.errors,
        /^Cannot plan a test in sequence in .*run: retest\.json there is of an earlier test, whose delta is spent; go on/,
      );
      equal(again.code, 2);
      equal(readFileSync(at, "utf8"), before);
      const trained = `${folder}/trained`;
      await command("train", spec, "--out", trained, "--quiet");
      match(
        (await command("retest", trained, "--plan", spec)).errors,
        /^Cannot plan a test .*: \w+\.json there is of an earlier test/,
      );
    }));
});

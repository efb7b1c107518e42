import { deepEqual, equal, rejects } from "node:assert/strict";
import { mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { test } from "node:test";
import { replaceFile } from "../../../mod.ts";
import { inFolder, testsThatWrite } from "../../helpers/writing.ts";

testsThatWrite(import.meta.url, () => {
  test("replaceFile() follows no link that somebody has put there, neither of the name nor of the file beside it", () =>
    inFolder(async (folder) => {
      const path = `${folder}/result.json`, victim = `${folder}/victim`;
      writeFileSync(victim, "untouched");
      for (const name of [path, `${path}.new`]) symlinkSync(victim, name);
      await replaceFile(path, "content");
      deepEqual([path, victim].map((name) => readFileSync(name, "utf8")), ["content", "untouched"]);
    }));

  test("of contents that are written at once, one is there as a whole, and nothing is left over", () =>
    inFolder(async (folder) => {
      const path = `${folder}/model`, contents = Array.from({ length: 20 }, (_, i) => `${i}`.repeat(50_000 + i));
      await Promise.all(contents.map((content) => replaceFile(path, content)));
      equal(contents.includes(readFileSync(path, "utf8")), true);
      deepEqual(readdirSync(folder), ["model"]);
      // What cannot be put in place is removed, too.
      mkdirSync(`${folder}/taken/full`, { recursive: true });
      await rejects(replaceFile(`${folder}/taken`, "content"));
      deepEqual(readdirSync(folder).sort(), ["model", "taken"]);
    }));
});

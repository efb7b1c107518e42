import { deepEqual, equal, match, ok } from "node:assert/strict";
import { existsSync, lstatSync, mkdirSync, readdirSync, readFileSync, realpathSync, symlinkSync, writeFileSync } from "node:fs";
import { test } from "node:test";
import { sha256 } from "../../../seldonian/data/digest.ts";
import { openRunFolder, runFiles } from "../../../seldonian/spec/run_folder.ts";
import { command, writeSpec } from "../../helpers/small_run.ts";
import { inFolder, ran, testsThatWrite } from "../../helpers/writing.ts";

/** What a reader finds: names and contents. */
const found = (folder: string) =>
  Object.fromEntries(
    runFiles.filter((name) => existsSync(`${folder}/${name}`)).map((name) => [name, readFileSync(`${folder}/${name}`, "utf8")]),
  );

const run = (of: string, names = runFiles) => Object.fromEntries(names.map((name) => [name, `${name} of ${of}`]));

testsThatWrite(import.meta.url, () => {
  test("a run replaces the run before, file by file, whether it has more files or fewer, and leaves nothing behind", () =>
    inFolder(async (folder) => {
      const failed = runFiles.slice(0, 2);
      for (const [i, names] of [runFiles, failed, runFiles, runFiles, failed].entries()) {
        const opened = await openRunFolder(folder), before = Object.keys(found(folder));
        const removed = await opened.replace(run(`run ${i}`, names));
        opened.close();
        deepEqual(found(folder), run(`run ${i}`, names));
        deepEqual(removed, before.filter((name) => !names.includes(name)));
        equal(readdirSync(folder).filter((name) => name.startsWith(".run-")).length, 1);
      }
    }));

  test("files of an older version, files that somebody put there, and planted links are replaced, and nothing is written through", () =>
    inFolder(async (folder) => {
      const victim = `${folder}/victim`, out = `${folder}/out`;
      writeFileSync(victim, "untouched");
      mkdirSync(out);
      for (const [name, content] of Object.entries(run("an older version"))) writeFileSync(`${out}/${name}`, content);
      for (const name of [".new", ".run.new", "result.json.new", "certificate.json.new"]) symlinkSync(victim, `${out}/${name}`);
      writeFileSync(`${out}/notes.txt`, "mine");
      for (const i of [1, 2]) {
        const opened = await openRunFolder(out);
        await opened.replace(run(`run ${i}`));
        opened.close();
        deepEqual(found(out), run(`run ${i}`));
        // For the next time, a file and a link in the place of links.
        await (await import("node:fs/promises")).rm(`${out}/model.safetensors`);
        await (await import("node:fs/promises")).rm(`${out}/result.json`);
        writeFileSync(`${out}/model.safetensors`, "of somebody");
        symlinkSync(victim, `${out}/result.json`);
      }
      deepEqual([readFileSync(victim, "utf8"), readFileSync(`${out}/notes.txt`, "utf8")], ["untouched", "mine"]);
    }));

  test("of two runs into one folder, the second is refused by name, and the folder is free when the first is killed", () =>
    inFolder(async (folder) => {
      const first = await openRunFolder(folder);
      const second = await ran("run_child.ts", [folder, "hold"]);
      match(
        second.lines[0],
        /^refused: RangeError: Cannot write a run to .*: another run is writing to it; wait for it, or name/,
      );
      first.close();
      const killed = await ran("run_child.ts", [folder, "die"]);
      deepEqual(killed.lines, ["opened"]);
      ok(killed.code !== 0);
      (await openRunFolder(folder)).close();
    }));

  test("where links cannot be made, files are replaced one by one, without a certificate meanwhile", async () => {
    if (!("Deno" in globalThis)) return;
    await inFolder(async (folder) => {
      const spec = writeSpec(folder), out = `${folder}/run`;
      for (let i = 0; i < 2; i++) {
        const args = ["run", "--no-check", "--no-prompt", "-R", `--allow-write=${out}`, "cli.ts", "train", spec, "--out", out];
        const { code, stderr } = await new Deno.Command(Deno.execPath(), { args, stdin: "null" }).output();
        equal(code, 0, new TextDecoder().decode(stderr));
      }
      ok(runFiles.every((name) => lstatSync(`${out}/${name}`).isFile()));
      equal((await command("verify", `${out}/certificate.json`)).code, 0);
      // With more permissions, the same folder changes in one step.
      equal((await command("train", spec, "--out", out, "--quiet")).code, 0);
      equal(realpathSync(`${out}/certificate.json`), realpathSync(`${out}/.run/certificate.json`));
      equal((await command("verify", `${out}/certificate.json`)).code, 0);
    });
  });

  test("a run that fails leaves no model and no certificate of the run before, and says so", () =>
    inFolder(async (folder) => {
      const out = `${folder}/run`;
      equal((await command("train", writeSpec(folder), "--out", out, "--quiet")).code, 0);
      const failed = await command("train", writeSpec(folder, 0.995), "--out", out, "--quiet");
      equal(failed.code, 1);
      match(failed.out, /\nRemoved from .*run, left by an earlier run: certificate\.json, model\.json, model\.safetensors$/);
      deepEqual(Object.keys(found(out)), ["encoder.json", "result.json"]);
      equal(JSON.parse(found(out)["result.json"]).passed, false);
      equal((await command("verify", `${out}/certificate.json`)).code, 2);
      // A run that cannot be finished leaves everything as it was.
      const before = found(out);
      writeFileSync(`${folder}/table.csv`, "x,y\n1,2,3\n");
      equal((await command("train", `${folder}/spec.json`, "--out", out, "--quiet")).code, 2);
      deepEqual(found(out), before);
    }));

  test("a certificate names the digests of all files beside it, and verify finds a changed, missing or added one", () =>
    inFolder(async (folder) => {
      const spec = writeSpec(folder), out = `${folder}/run`;
      equal((await command("train", spec, "--out", out, "--quiet")).code, 0);
      const beside = found(out), { files } = JSON.parse(beside["certificate.json"]);
      const contents = runFiles.slice(0, 4).map(async (name) => [name, await sha256(readFileSync(`${out}/${name}`))]);
      deepEqual(files, Object.fromEntries(await Promise.all(contents)));
      const verified = async (name: string, content: string | null) => {
        const copy = `${folder}/copy`;
        mkdirSync(copy, { recursive: true });
        for (const one of runFiles) writeFileSync(`${copy}/${one}`, readFileSync(`${out}/${one}`));
        if (content !== null) writeFileSync(`${copy}/${name}`, content);
        else await (await import("node:fs/promises")).rm(`${copy}/${name}`);
        return await command("verify", `${copy}/certificate.json`);
      };
      equal((await verified("notes.txt", "mine")).code, 0);
      for (const name of ["encoder.json", "model.json", "result.json"]) {
        const digest = `the SHA-256 of the file ${name} is`;
        for (const [content, found] of [[`${beside[name]} `, "[0-9a-f]{64}"], [null, "undefined"]] as const) {
          const { code, out } = await verified(name, content);
          equal(code, 1);
          match(out, new RegExp(`is not valid:\\n  ${digest} ${found}, and the certificate says [0-9a-f]{64}`));
        }
      }
      equal((await verified("model.safetensors", null)).code, 2);
    }));
});

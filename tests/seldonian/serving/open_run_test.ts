import { equal, match, ok, rejects } from "node:assert/strict";
import { once } from "node:events";
import { copyFileSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { test } from "node:test";
import { server } from "../../../seldonian/serving/mod.ts";
import { runFiles } from "../../../seldonian/spec/run_folder.ts";
import { asked, person, sharedRun, smallServedRun } from "../../helpers/served.ts";
import { command, forged } from "../../helpers/small_run.ts";
import { inFolder, testsThatWrite } from "../../helpers/writing.ts";

testsThatWrite(import.meta.url, () => {
  /** Tries to serve a copy of the small run after a change. */
  const tried = async (change: (copy: string) => Promise<void> | void, why: RegExp) =>
    await inFolder(async (folder) => {
      const run = await sharedRun();
      mkdirSync(`${folder}/run`);
      for (const name of runFiles) copyFileSync(`${run}/${name}`, `${folder}/run/${name}`);
      await change(`${folder}/run`);
      await rejects(() => server(`${folder}/run`), (error: Error) => {
        equal(error.name, "RangeError");
        match(error.message, why);
        return true;
      });
    });

  test("a model, an encoder or a description that is not the certificate's is refused", async () => {
    for (const name of ["encoder.json", "model.json", "model.safetensors"]) {
      await tried((run) => {
        const bytes = readFileSync(`${run}/${name}`), at = bytes.length - 6;
        bytes[at] ^= 1;
        writeFileSync(`${run}/${name}`, bytes);
      }, new RegExp(`^Cannot serve .*: ${name} is not the file that the certificate names; a server needs`));
      await tried((run) => rmSync(`${run}/${name}`), new RegExp(`^Cannot read .*${name}: there is no such file`));
    }
  });

  test("a certificate that was changed, that failed, or that does not name a file is refused, sealed or not", async () => {
    const file = (run: string) => `${run}/certificate.json`;
    await tried(
      (run) => writeFileSync(file(run), readFileSync(file(run), "utf8").replace('"delta": 0.05', '"delta": 0.01')),
      /: the certificate's SHA-256 is not its own/,
    );
    // deno-lint-ignore no-explicit-any
    const changed = (change: (certificate: any) => void, why: RegExp) =>
      tried(async (run) => writeFileSync(file(run), await forged(file(run), change)), why);
    await changed((certificate) => certificate.found.passed = false, /: its safety test failed, so that nothing is promised/);
    await changed((certificate) => delete certificate.files["model.json"], /: the certificate does not name model\.json/);
    await changed((certificate) => certificate.model.sha256 = "0".repeat(64), /: the model is not that of the certificate/);
    await tried((run) => writeFileSync(file(run), "{"), /^Cannot read .*certificate\.json: /);
  });

  test("a certificate without a signature is refused if a signer is expected", async () => {
    const { publicKey } = await crypto.subtle.generateKey("Ed25519", true, ["sign", "verify"]) as CryptoKeyPair;
    await rejects(
      async () => server(await sharedRun(), { publicKey }),
      /the certificate is not signed, and a public key is given/,
    );
  });

  const constraints = [{ text: "ACC >= 0.3", delta: 0.05 }];

  test("a promise of clusters, which the monitor cannot watch row by row, is refused", async () => {
    const run = await sharedRun({ constraints, groupBy: "age" });
    await rejects(() => server(run), (error: Error) => {
      match(
        error.message,
        /^Cannot serve .*of clusters, .*; decide in a program by model\.decide\(\), .*Monitor .*; or train again without/,
      );
      return error instanceof RangeError;
    });
  });

  test("a promise that cannot be watched for other populations is refused, before there is a store", async () => {
    const shift = { sex: { F: [0.3, 0.6], M: [0.4, 0.7] } };
    const run = await sharedRun({ constraints: [{ text: "PR * ER <= 0.9", delta: 0.05 }], shift });
    await rejects(() => server(run), /^RangeError: Cannot watch "PR \* ER <= 0\.9" for other populations: /);
    equal(existsSync(join(run, "serving.sqlite")), false);
  });

  test("a promise for other populations is watched for them, and an outcome of no group is refused", async () => {
    const serving = await server(await sharedRun({ constraints, shift: { sex: { F: [0.3, 0.6], M: [0.4, 0.7] } } }));
    const told = async (columns?: Record<string, unknown>) => {
      const { sex: _, ...row } = person(1), { json: { id } } = await asked(serving, "/predict", row);
      return await asked(serving, "/outcomes", { id, label: "no", columns });
    };
    equal((await told({ sex: "F" })).json.status, "counted");
    const { monitor } = (await asked(serving, "/promises")).json;
    equal(monitor.populations, "sex is F 0.3 to 0.6, M 0.4 to 0.7");
    equal(
      (await told()).json.errors[0].detail,
      '"sex" is missing: the promise names it, and it came neither with the row nor here',
    );
    const { status, json } = await told({ sex: "X" });
    equal(status, 422);
    match(JSON.stringify(json), /sex/);
    equal((await told({ sex: "M" })).json.status, "counted");
    await serving.close();
  });

  test("a store of another certificate, another program's file and another kind of place are refused", () =>
    inFolder(async (folder) => {
      const store = `${folder}/own.sqlite`, run = await sharedRun();
      const first = await server(run, { store, alpha: 0.1 }), { json: { id } } = await asked(first, "/predict", person(1));
      await asked(first, "/outcomes", { id, label: "no" });
      await first.close();
      await (await server(run, { store })).close();
      await rejects(
        () => server(run, { store, alpha: 0.05 }),
        /^RangeError: Cannot serve .* with alpha 0\.05: the store's monitor began with 0\.1/,
      );
      const other = await smallServedRun(folder, { seed: 1 });
      await rejects(
        () => server(other, { store }),
        /^RangeError: Cannot keep decisions in .*own\.sqlite: it has decisions of the certificate with/,
      );
      writeFileSync(`${folder}/text.sqlite`, "no database, but long enough to look like one".repeat(100));
      await rejects(
        () => server(run, { store: `${folder}/text.sqlite` }),
        /^RangeError: Cannot keep decisions in .*text\.sqlite: /,
      );
      await rejects(() => server(run, { store: `${folder}/a.txt` }), /wanted a name that ends with \.sqlite, or postgres:/);
      await rejects(() => server(run, { store: `${folder}/none/a.sqlite` }), /^RangeError: Cannot keep decisions in /);
    }));

  test("the command says what it cannot serve, with the place", async () => {
    const { code, errors } = await command("serve", "nowhere");
    equal(code, 2);
    match(errors, /^Cannot read nowhere\/certificate\.json: there is no such file$/);
    match((await command("serve", await sharedRun(), "--ports", "1")).errors, /the nearest is "--port"/);
  });

  test("a port that another program listens to is told, and the store is closed", () =>
    inFolder(async (folder) => {
      const other = createServer().listen(0, "127.0.0.1");
      await once(other, "listening");
      const { port } = other.address() as { port: number }, store = `${folder}/serving.sqlite`;
      const { code, errors } = await command("serve", await sharedRun(), "--port", `${port}`, "--store", store);
      equal(code, 2);
      equal(
        errors,
        `Cannot listen at 127.0.0.1, port ${port}: another program listens there; choose another by --port or --host`,
      );
      ok(!existsSync(`${store}-wal`));
      other.close();
    }));

  test("a key's file with more than a key is refused without showing it", () =>
    inFolder(async (folder) => {
      writeFileSync(`${folder}/key.txt`, "the first long secret\nthe second long secret\n");
      const { code, errors } = await command("serve", await sharedRun(), "--keyFile", `${folder}/key.txt`);
      equal(code, 2);
      match(errors, /^Cannot serve: the API key has lines, .*; wanted one line/);
      equal(/secret/.test(errors), false);
    }));
});

import { deepEqual, equal, match, ok, rejects } from "node:assert/strict";
import { test } from "node:test";
import { DataSet, split, train } from "../../../mod.ts";
import { planRetest, retest, type RetestCertificate, signRetest, verifyRetest } from "../../../seldonian/monitoring/mod.ts";
import { linear, options } from "../../helpers/line.ts";
import { delta, model } from "../../helpers/promises.ts";
import { resealed } from "../../helpers/small_run.ts";

const newKeys = async () => await crypto.subtle.generateKey("Ed25519", true, ["sign", "verify"]) as CryptoKeyPair;
const read = <T>(certificate: T): T => JSON.parse(JSON.stringify(certificate));
const planned = { model, constraints: [{ text: "ACC >= 0.1", delta }] }, xs = Array.from({ length: 40 }, (_, i) => 0.6 + i / 200);
const data = new DataSet({ features: xs.map((x) => [x]), labels: xs.map((_, i) => i % 2) });

test("a certificate whose report is of another promise than its test, sealed again, is not tested again", async () => {
  const result = await train(options({ data: split(linear(400)), rates: "decided" }));
  ok(result.passed);
  const certificate = read(await result.certificate()), fresh = linear(900).take(Array.from({ length: 300 }, (_, i) => 400 + i));
  // deno-lint-ignore no-explicit-any
  const edits: [edit: (one: any) => unknown, message: RegExp][] = [
    [
      (one) => one.test.constraints[0].text = "ACC >= 0.1",
      /found\.constraints\.0: it is of .*, and test\.constraints of ACC >= 0\.1/,
    ],
    [
      (one) => one.test.constraints[0].delta = 0.5,
      /found\.constraints\.0: it is of .*, and test\.constraints of .* with delta 0\.5/,
    ],
    [(one) => one.test.constraints.push(one.test.constraints[0]), /there are 1 reports, and test\.constraints has 2/],
    [(one) => one.found.passed = false, /found\.passed: it is false, and its constraints say otherwise/],
    [
      (one) => {
        // A digest is of fields in their order.
        const { constraints, ...rest } = one.test;
        one.test = { ...rest, shift: { M: { 0: 0.5, 1: 0.5 } }, constraints };
      },
      /found\.constraints\.0\.populations: it is undefined, and test\.shift says/,
    ],
  ];
  for (const [edit, message] of edits) {
    const forged = read(certificate);
    edit(forged);
    await rejects(retest(await resealed(forged as never) as never, { model: result.model, data: fresh }), message);
  }
});

test("a test in sequence is signed, and its signature is checked with the signer's key, or the one that it names", async () => {
  const keys = await newKeys(), plan = await planRetest(planned);
  const { certificate } = await retest(await signRetest(read(plan), keys), { model, data });
  equal(certificate.signature, undefined, "another look is another certificate");
  const signed = read(await signRetest(certificate, keys));
  deepEqual({ ...signed, signature: undefined }, { ...certificate, signature: undefined });
  const found = (one: RetestCertificate, publicKey?: CryptoKey) =>
    verifyRetest(one, model, [data], { ...(publicKey && { publicKey }) });
  deepEqual(await found(signed, keys.publicKey), await found(certificate));
  deepEqual(await found(signed), await found(certificate));
  const { valid, differences } = await found(signed, (await newKeys()).publicKey);
  ok(!valid);
  deepEqual(differences, ["the signature is not one of this key"]);
  match((await found(certificate, keys.publicKey)).differences[0], /^the certificate is not signed, and a public key is given/);
  const other = read(signed);
  other.signature!.value = `${"00".repeat(64)}`;
  deepEqual((await found(other)).differences, ["the signature is not one of the key that the certificate names"]);
  other.signature!.value = "short";
  await rejects(found(other), /^RangeError: Cannot read the certificate: signature\.value: wanted 128 hexadecimal digits/);
  const changed = read(signed);
  changed.spent = 0.5;
  await rejects(signRetest(changed, keys), /^RangeError: Cannot read the certificate: it was changed/);
});

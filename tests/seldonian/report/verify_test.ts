import { deepEqual, equal, ok, rejects } from "node:assert/strict";
import { test } from "node:test";
import { DataSet, nn, split, train, verify } from "../../../mod.ts";
import { delta, rows } from "../../helpers/promises.ts";

test("verify() refuses changed deltas and shares, and checks signatures", async () => {
  const features = rows(300, (i) => [Math.sin(7.1 * i)]),
    labels = features.map(([x]) => x > 0 ? 1 : 0),
    M = rows(300, (i) => i % 2);
  const data = split(new DataSet({ features, labels, columns: { M } }));
  const result = await train({
    data,
    model: new nn.Sequential(new nn.Linear(1, 1), new nn.Sigmoid()),
    objective: nn.logLoss,
    constraints: [{ text: "ACC * (PR | [M]) <= 0.9", delta }],
    optimizer: { thetaRate: 0.1, epochs: 30 },
  });
  ok(result.passed);
  const certificate = JSON.parse(JSON.stringify(await result.certificate()));
  equal((await verify(certificate, result.model, data.safety)).valid, true);
  // deno-lint-ignore no-explicit-any
  type Formula = any;
  const changes: ((formula: Formula) => void)[] = [
    (formula) => formula.delta = 0.9999,
    (formula) => formula.shares.forEach((share: Formula) => share.upper = 0.9999),
    (formula) => formula.shares[0].upper = -1,
    (formula) => delete formula.shares[0].upper,
    (formula) => formula.shares.pop(),
    (formula) => formula.asOne = true,
  ];
  for (const change of changes) {
    const other = structuredClone(certificate);
    change(other.test.constraints[0].formulas[0]);
    const { sha256: _, ...stated } = other,
      digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(JSON.stringify(stated)));
    other.sha256 = Array.from(new Uint8Array(digest), (byte) => byte.toString(16).padStart(2, "0")).join("");
    await rejects(
      verify(other, result.model, data.safety),
      /^RangeError: Cannot read the certificate: "ACC \* \(PR \| \[M\]\) - 0\.9"/,
    );
  }
  // A signature identifies the issuer.
  const { generateKey } = crypto.subtle,
    keys = async () => await generateKey.call(crypto.subtle, "Ed25519", true, ["sign", "verify"]) as CryptoKeyPair;
  const [own, other] = [await keys(), await keys()],
    signed = JSON.parse(JSON.stringify(await (await result.certificate()).sign(own)));
  const checked = async (certificate: unknown, publicKey?: CryptoKey) =>
    (await verify(certificate, result.model, data.safety, { publicKey })).differences;
  deepEqual(await checked(signed), []);
  deepEqual(await checked(signed, own.publicKey), []);
  deepEqual(await checked(signed, other.publicKey), ["the signature is not one of this key"]);
  deepEqual(
    await checked({
      ...signed,
      signature: { ...signed.signature, value: signed.signature.value.replace(/^./, (c: string) => c === "0" ? "1" : "0") },
    }),
    [
      "the signature is not one of the key that the certificate names",
    ],
  );
  deepEqual(await checked(certificate, own.publicKey), [
    "the certificate is not signed, and a public key is given to check its signature with",
  ]);
});

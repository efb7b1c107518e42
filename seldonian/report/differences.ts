import { arithmeticHere } from "../../autodiff/kernels/in_use.ts";
import { printable } from "../printable.ts";
import { version } from "../version.ts";
import { bytesIn, type Signature } from "./certificate.ts";
import type { Made } from "./made.ts";

/** Adds what differs to a list. */
export function comparing(differences: string[]): (what: string, found: unknown, wanted: unknown) => void {
  return (what, found, wanted) => {
    if (found !== wanted) differences.push(printable(`${what} is ${found}, and the certificate says ${wanted}`));
  };
}

/** Why last digits may differ. */
export function madeElsewhere(made: Made): string[] {
  const own = { version, arithmetic: arithmeticHere() };
  if (made.version === own.version && made.arithmetic === own.arithmetic) return [];
  return [
    printable(
      `figures may differ in their last digits: this is version ${own.version} with ${own.arithmetic}, and the certificate was ` +
        `made by version ${made.version} with ${made.arithmetic}; call useRelaxedSimd() and useConvolutions() as its author did`,
    ),
  ];
}

/** Compares numbers and texts at every place. */
export function compareParts(
  place: string,
  found: unknown,
  wanted: unknown,
  compare: (what: string, found: unknown, wanted: unknown) => void,
  between = ".",
): void {
  if (typeof found !== "object" || found === null || typeof wanted !== "object" || wanted === null) {
    compare(place, found, wanted);
    return;
  }
  const [a, b] = [found, wanted] as Record<string, unknown>[];
  for (const key of new Set([...Object.keys(a), ...Object.keys(b)])) {
    compareParts(place === "" ? key : `${place}${between}${key}`, a[key], b[key], compare);
  }
}

/** The faults of a signature. */
export async function signatureDifferences(
  seal: string,
  signature: Signature | undefined,
  publicKey: CryptoKey | undefined,
): Promise<string[]> {
  if (signature === undefined) return ["the certificate is not signed, and a public key is given to check its signature with"];
  const raw = bytesIn(signature.publicKey),
    key = publicKey ?? await crypto.subtle.importKey("raw", raw, "Ed25519", true, ["verify"]);
  const signed = await crypto.subtle.verify("Ed25519", key, bytesIn(signature.value), new TextEncoder().encode(seal));
  return signed
    ? []
    : [`the signature is not one of ${publicKey === undefined ? "the key that the certificate names" : "this key"}`];
}

/** Chains of operations on each number: which operations of a list are one, and which of them each reads. @module */
import type { Buffer, Step, Unit } from "./writer.ts";

/** Functions that a kernel computes in place. */
export const functions = ["exp", "log", "log1p", "tanh"] as const;

/** Operations on each number. */
const codes = new Set<string>(
  ("add sub mul div maximum minimum equal notEqual less lessEqual sigmoidSlope gate neg sqrt abs sign relu finite decay where " +
    "logistic widen narrow whole weightedSum").split(" ").concat(functions),
);

/** The numbers of each array of an operation on each number; 0 for another operation. */
export function lengthOf({ code, wide, n = 0, yStep, a, b = 0 }: Step): number {
  // Copies of four bytes may be of integers.
  return codes.has(code) ? n : code === "copy" && wide && a === 1 && yStep === 8 ? b : 0;
}

/** Where an operation on each number reads: a place, and whether it repeats one number. */
export function readsOf({ code, z, x, xStep, y, yStep, w, wStep, others }: Step): { place: number; repeats: boolean }[] {
  if (functions.includes(code as "exp")) return [{ place: z!, repeats: false }];
  if (code === "weightedSum") return others!.map((place) => ({ place, repeats: false }));
  const reads = [{ place: x!, repeats: xStep === 0 }];
  if (y) reads.push({ place: y, repeats: yStep === 0 });
  if (w) reads.push({ place: w, repeats: wStep === 0 });
  return reads;
}

/**
 * Groups the operations of a list. An operation that depends on no result of a chain may come before it, so that the chain goes on
 * after it.
 * @param most numbers of an array that is short
 */
export function unitsOf(
  operations: readonly Step[],
  bufferAt: (place: number) => Buffer | null,
  placesOf: (operation: Step) => number[],
  most: number,
): Unit[] {
  const units: Unit[] = [], written = new Set<Buffer>();
  let chain: Unit | null = null;
  const end = () => {
    if (chain !== null) units.push(chain.operations.length > 1 ? chain : { ...chain, n: 0 });
    chain = null;
    written.clear();
  };
  /** Whether an operation reads results of the chain only number by number. */
  const follows = (operation: Step) =>
    readsOf(operation).every(({ place, repeats }) => {
      const buffer = bufferAt(place);
      return buffer === null || !written.has(buffer) || (!repeats && place === buffer.start);
    });
  for (const operation of operations) {
    const n = lengthOf(operation), buffer = bufferAt(operation.z!);
    // A function changes numbers that the chain has copied.
    const isLong = n > most && buffer !== null && (written.has(buffer) || !functions.includes(operation.code as "exp"));
    if (chain !== null && isLong && n === (chain as Unit).n && follows(operation)) (chain as Unit).operations.push(operation);
    else {
      if (chain !== null && (isLong || placesOf(operation).some((place) => written.has(bufferAt(place)!)))) end();
      if (isLong) chain = { operations: [operation], n };
      else units.push({ operations: [operation], n: 0 });
    }
    if (isLong) written.add(buffer);
  }
  end();
  return units;
}

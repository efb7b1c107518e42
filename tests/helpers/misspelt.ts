/** Checks how functions refuse unknown options and values of a wrong type. */
import { equal, match, ok } from "node:assert/strict";
import { edits } from "../../autodiff/nearest.ts";
import { fc } from "../deps.ts";

/**
 * A function with options: its name, its options in order, and a call that passes some of them and all other arguments. Names that
 * are "" are those that its error lists.
 */
export type Reader = [what: string, names: string, call: (options: Record<string, unknown>) => unknown, of?: string];

/** A value that a program without types may pass. */
export const loose = (given: unknown): never => given as never;

/** The error that a call throws, or `undefined`. */
export async function errorOf(call: () => unknown): Promise<Error | undefined> {
  try {
    await call();
    return undefined;
  } catch (error) {
    return error as Error;
  }
}

/** Each reader lists its options for an unknown one, and suggests the right one for a name with one misspelling. */
export async function checkMisspelt(given: readonly Reader[]): Promise<void> {
  const readers: Reader[] = [];
  for (const [what, names, call, of = ""] of given) {
    const { name, message } = await errorOf(() => call({ zzzzzzzzzzzz: 1 })) ?? { name: "none", message: "" };
    const [, listed = ""] = /; wanted (?:some of )?(.*)$/.exec(message) ?? [], wanted = names || listed;
    const some = wanted.includes(", ") ? `some of ${wanted}` : wanted;
    equal(
      `${name}: ${message.replace(/^.*: there/, "there")}`,
      `TypeError: there is no option "${of}zzzzzzzzzzzz"; wanted ${some}`,
      what,
    );
    readers.push([what, wanted, call, of]);
  }
  const misspelt = fc.constantFrom(...readers).chain(([what, names, call, of = ""]) => {
    const known = names.split(", ");
    return fc.constantFrom(...known).chain((right) =>
      misspellings(right).filter((wrong) => !known.includes(wrong)).map((wrong) => ({ what, known, call, of, right, wrong }))
    );
  });
  const property = fc.asyncProperty(misspelt, async ({ what, known, call, of, right, wrong }) => {
    const error = await errorOf(() => call({ [wrong]: 1 }));
    ok(error instanceof TypeError, `${what} takes ${wrong} for ${right}: ${error}`);
    const [, named, cure] = /^Cannot .*: there is no option "(.*?)"; (.*)$/s.exec(error.message) ?? [];
    equal(named, `${of}${wrong}`, error.message);
    const [, offered = right] = /^the nearest is "(.*)"$/.exec(cure) ?? [];
    // If two names are equally near, either is right.
    ok(known.includes(offered) && edits(wrong, offered) <= 1 && cure.includes(offered), `${what}: ${error.message}`);
  });
  await fc.assert(property, { numRuns: 3000, seed: 1 });
}

/** A name with one letter removed, replaced or added, or with two swapped. */
function misspellings(name: string): fc.Arbitrary<string> {
  const letter = fc.constantFrom(..."abcdefghijklmnopqrstuvwxyz_");
  return fc.oneof(
    fc.nat(name.length - 1).map((i) => name.slice(0, i) + name.slice(i + 1)),
    fc.tuple(fc.nat(name.length - 1), letter).map(([i, other]) => name.slice(0, i) + other + name.slice(i + 1)),
    fc.tuple(fc.nat(name.length), letter).map(([i, more]) => name.slice(0, i) + more + name.slice(i)),
    fc.nat(name.length).map((i) => name.slice(0, i) + name.slice(i, i + 2).split("").reverse().join("") + name.slice(i + 2)),
  );
}

/** Values that a program without types may pass for any argument. */
const wrong: unknown[] = [
  null,
  "abc",
  0,
  -1.5,
  NaN,
  true,
  {},
  [],
  [1, 2],
  [["a"]],
  { a: 1 },
  () => 1,
  class Other {},
  Promise.resolve(1),
];

/** For every value of every option, an error comes from the kit and not from the engine. */
export async function checkForeign(readers: readonly Reader[]): Promise<void> {
  for (const [what, names, call] of readers) {
    for (const name of names.split(", ")) {
      for (const value of wrong) {
        const error = await errorOf(() => call({ [name]: value }));
        if (error !== undefined) checkOwn(error, `${what} with ${name}: ${String(value)}`);
      }
    }
  }
}

/** Checks that an error is the kit's. Errors of the engine name its own operation and no cure. */
export function checkOwn({ message, stack }: Error, what: string): void {
  match(message, /^Cannot /, `${what}: ${stack}`);
  ok(
    !/^Cannot (read propert|set propert|destructure|convert|use 'in'|access|assign|call|mix)/.test(message),
    `${what}: ${stack}`,
  );
}

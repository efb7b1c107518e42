/** What functions do with options that they do not know, and with values that are of another kind. */
import { equal, match, ok } from "node:assert/strict";
import { edits } from "../../autodiff/nearest.ts";
import { fc } from "../deps.ts";

/** A function that reads options: its name, those that it reads, in order, and a call with some of them and what else it needs. */
export type Reader = [what: string, names: string, call: (options: Record<string, unknown>) => unknown, of?: string];

/** What a program without types may write. */
export const loose = (given: unknown): never => given as never;

/** The error of a call; `undefined` if there is none. */
export async function errorOf(call: () => unknown): Promise<Error | undefined> {
  try {
    await call();
    return undefined;
  } catch (error) {
    return error as Error;
  }
}

/** Each reader says which options it knows, and of one that is misspelt by one edit which was meant. */
export async function checkMisspelt(readers: readonly Reader[]): Promise<void> {
  for (const [what, names, call, of = ""] of readers) {
    const { name, message } = await errorOf(() => call({ zzzzzzzzzzzz: 1 })) ?? { name: "none", message: "" };
    const some = names.includes(", ") ? `some of ${names}` : names;
    equal(
      `${name}: ${message.replace(/^.*: there/, "there")}`,
      `TypeError: there is no option "${of}zzzzzzzzzzzz"; wanted ${some}`,
      what,
    );
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
    // Of two names that are as near, either will do.
    ok(known.includes(offered) && edits(wrong, offered) <= 1 && cure.includes(offered), `${what}: ${error.message}`);
  });
  await fc.assert(property, { numRuns: 3000, seed: 1 });
}

/** A name with a letter left out, another one in its place, or one more. */
function misspellings(name: string): fc.Arbitrary<string> {
  const letter = fc.constantFrom(..."abcdefghijklmnopqrstuvwxyz_");
  return fc.oneof(
    fc.nat(name.length - 1).map((i) => name.slice(0, i) + name.slice(i + 1)),
    fc.tuple(fc.nat(name.length - 1), letter).map(([i, other]) => name.slice(0, i) + other + name.slice(i + 1)),
    fc.tuple(fc.nat(name.length), letter).map(([i, more]) => name.slice(0, i) + more + name.slice(i)),
  );
}

/** What a program without types may give in the place of anything. */
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

/** Whatever options are, and whatever one of them is, an error is the kit's and says what is wanted. */
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

/** An engine's errors are of what it was about to do, and name no cure. */
export function checkOwn({ message, stack }: Error, what: string): void {
  match(message, /^Cannot /, `${what}: ${stack}`);
  ok(
    !/^Cannot (read propert|set propert|destructure|convert|use 'in'|access|assign|call|mix)/.test(message),
    `${what}: ${stack}`,
  );
}

/** Programs that Deno runs beside the tests. */
import { onDeno } from "./runs.ts";

/** What a program printed, and how it ended. */
export interface Ended {
  code: number;
  out: string;
  errors: string;
}

/** Runs a program with the permissions among its arguments; standard input is a text, or closed. */
export async function printed(input: string | undefined, ...args: string[]): Promise<Ended> {
  const child = new Deno.Command(Deno.execPath(), {
    args: ["run", "--no-check", "--no-prompt", ...args],
    stdin: input === undefined ? "null" : "piped",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  if (input !== undefined) await new Blob([input]).stream().pipeTo(child.stdin);
  const { code, stdout, stderr } = await child.output(), text = new TextDecoder();
  return { code, out: text.decode(stdout), errors: text.decode(stderr) };
}

/** The same, without white space around what it printed. */
export async function fed(input: string | undefined, ...args: string[]): Promise<Ended> {
  const ended = await printed(input, ...args);
  return { ...ended, out: ended.out.trim() };
}

/** The same with standard input closed. */
export function run(...args: string[]): Promise<Ended> {
  return fed(undefined, ...args);
}

/** Why a test of an example is left out, or `false`. */
export const skip: string | false = !onDeno && "examples are run by Deno";

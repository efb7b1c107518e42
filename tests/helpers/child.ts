/** Runs programs in a second Deno process. */
import { onDeno } from "./runs.ts";

/** A program's output and exit code. */
export interface Ended {
  code: number;
  out: string;
  errors: string;
}

/** Runs a program; its permissions are among the arguments, and its standard input is a text or closed. */
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

/** As `printed`, with the output trimmed. */
export async function fed(input: string | undefined, ...args: string[]): Promise<Ended> {
  const ended = await printed(input, ...args);
  return { ...ended, out: ended.out.trim() };
}

/** As `fed`, with standard input closed. */
export function run(...args: string[]): Promise<Ended> {
  return fed(undefined, ...args);
}

/** The reason to skip a test of an example, or `false`. */
export const skip: string | false = !onDeno && "examples are run by Deno";

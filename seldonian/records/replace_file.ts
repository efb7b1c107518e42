import { checkArgument, type Kind } from "../../autodiff/options.ts";
import { builtin } from "../builtin.ts";
import { checkPath } from "./path.ts";

const contentKind: Kind = {
  wanted: "a text or bytes",
  holds: (value) => typeof value === "string" || value instanceof Uint8Array,
};

/**
 * Writes a file as a whole: a reader finds the old content or the new, never a part, even if the program is killed. The content
 * is written to a new file beside it, which then takes the file's name; where permissions are by path, its folder needs one. A
 * link of that name is replaced, not followed.
 */
export async function replaceFile(path: string, content: string | Uint8Array): Promise<void> {
  checkPath("replace a file", path);
  checkArgument("replace a file", "the content", content, contentKind);
  const { rename, rm } = await builtin("node:fs/promises");
  const aside = `${path}.${crypto.randomUUID().slice(0, 8)}.new`;
  try {
    await newFile(aside, content);
    await rename(aside, path);
  } catch (error) {
    await rm(aside, { force: true });
    throw error;
  }
}

/**
 * Writes a file that does not exist yet, and waits until the disk has it.
 * @throws the runtime's error if it exists
 */
export async function newFile(path: string, content: string | Uint8Array): Promise<void> {
  const { open } = await builtin("node:fs/promises");
  // "wx" follows no link that somebody has put there.
  const file = await open(path, "wx");
  try {
    await file.writeFile(content);
    await file.sync();
  } finally {
    await file.close();
  }
}

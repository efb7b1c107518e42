import { checkArgument, type Kind } from "../../autodiff/options.ts";
import { checkPath } from "./path.ts";

const contentKind: Kind = {
  wanted: "a text or bytes",
  holds: (value) => typeof value === "string" || value instanceof Uint8Array,
};

/**
 * Writes a file as a whole: a reader finds the old content or the new, never a part, even if the program is killed. The content
 * is written to `path.new`, which then takes the file's name; where permissions are by path, both need one.
 */
export async function replaceFile(path: string, content: string | Uint8Array): Promise<void> {
  checkPath("replace a file", path);
  checkArgument("replace a file", "the content", content, contentKind);
  const { open, rename } = await import("node:fs/promises");
  const file = await open(`${path}.new`, "w");
  try {
    await file.writeFile(content);
    // The content must reach the disk before the name.
    await file.sync();
  } finally {
    await file.close();
  }
  await rename(`${path}.new`, path);
}

import { checkArgument, type Kind } from "../../autodiff/options.ts";
import { checkPath } from "./path.ts";

const contentKind: Kind = {
  wanted: "a text or bytes",
  holds: (value) => typeof value === "string" || value instanceof Uint8Array,
};

/**
 * Writes a file as a whole: whoever reads it finds the old one or the new one, never a part, even if the program is killed. It is
 * written beside the old one, as `path.new`, and then takes its name; where permissions are given by path, both need one.
 */
export async function replaceFile(path: string, content: string | Uint8Array): Promise<void> {
  checkPath("replace a file", path);
  checkArgument("replace a file", "the content", content, contentKind);
  const { open, rename } = await import("node:fs/promises");
  const file = await open(`${path}.new`, "w");
  try {
    await file.writeFile(content);
    // The name must not arrive on the disk before the content.
    await file.sync();
  } finally {
    await file.close();
  }
  await rename(`${path}.new`, path);
}

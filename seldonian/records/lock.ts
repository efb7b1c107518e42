import { builtin } from "../builtin.ts";

/**
 * Takes a lock that ends with this process, however it ends.
 * @param path a file for it, which others must not use
 * @returns a function that gives it back; `null` if another process has it
 */
export async function lockedHere(path: string): Promise<(() => void) | null> {
  const { Deno } = globalThis as { Deno?: { open(path: string, options: object): Promise<LockedFile> } };
  // Another name, because Deno leaves an empty file.
  if (Deno === undefined) return await lockedByNumber(`${path}.process`);
  // A link that leads nowhere is an error, and makes no file.
  const file = await Deno.open(path, { write: true }).catch((error) => {
    if (error.code !== "ENOENT") throw error;
    return Deno.open(path, { createNew: true, write: true });
  });
  if (await file.tryLock(true)) return () => file.close();
  file.close();
  return null;
}

interface LockedFile {
  tryLock(exclusive: boolean): Promise<boolean>;
  close(): void;
}

/** Other runtimes have no locks on files: the file names a process, and counts while that one lives. */
async function lockedByNumber(path: string): Promise<(() => void) | null> {
  const { linkSync, readFileSync, renameSync, rmSync, writeFileSync } = await builtin("node:fs");
  const process = await builtin("node:process"), own = `${path}.${process.pid}`;
  const take = () => {
    try {
      // A link comes with its content.
      linkSync(own, path);
      return true;
    } catch (error) {
      if ((error as { code?: string }).code === "EEXIST") return false;
      throw error;
    }
  };
  rmSync(own, { force: true });
  writeFileSync(own, `${process.pid}`, { flag: "wx" });
  try {
    if (take()) return () => rmSync(path);
    const other = readFileSync(path, "utf8");
    if (isAlive(process, Number(other))) return null;
    // Of several that find a dead process, one gets its file.
    renameSync(path, `${own}.dead`);
    const mine = readFileSync(`${own}.dead`, "utf8") === other;
    if (!mine) renameSync(`${own}.dead`, path);
    else rmSync(`${own}.dead`);
    return mine && take() ? () => rmSync(path) : null;
  } catch (error) {
    // It was given back, or taken by another, just now.
    if ((error as { code?: string }).code === "ENOENT") return null;
    throw error;
  } finally {
    rmSync(own, { force: true });
  }
}

function isAlive(process: { kill(pid: number, signal: 0): boolean }, pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return (error as { code?: string }).code !== "ESRCH";
  }
}

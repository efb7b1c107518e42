import { copyFile, mkdir, readdir, readFile, readlink, rename, rm, stat, symlink } from "node:fs/promises";
import { join } from "node:path";
import { lockedHere } from "../records/lock.ts";
import { newFile, replaceFile } from "../records/replace_file.ts";

/** The files of a run; the certificate vouches for those before it. */
export const runFiles: readonly string[] = ["encoder.json", "result.json", "model.json", "model.safetensors", "certificate.json"];

/** The same, with the file of a model that was exported. */
const allFiles: readonly string[] = runFiles.toSpliced(-1, 0, "model.onnx");

/** The model card of a run. */
export const cardFiles: readonly string[] = ["card.html", "card.json"];

/** The test in sequence of a run's model on new rows. */
export const retestFile = "retest.json";

/** The model of a test in sequence that has not passed yet. */
export const candidateFile = "candidate.safetensors";

/** What another run makes void. */
const derived: readonly string[] = [...cardFiles, retestFile, candidateFile];

/** A folder that holds one run. */
export interface RunFolder {
  /** Puts a run in the place of the one before. Returns the names of files that the new one does not have. */
  replace(files: Readonly<Record<string, string | Uint8Array>>): Promise<string[]>;
  /** Changes files of the run, with which what was made of it stays true. */
  change(files: Readonly<Record<string, string | Uint8Array>>): Promise<void>;
  /** Lets other runs write to it. */
  close(): void;
}

/**
 * Opens a folder for a run, and makes it if needed. Its files all change in one step, so that a reader finds the old run or the
 * new one, also if a program is killed: their names are links into `.run`, which is a link to the files of one run, and is
 * replaced. Where links cannot be made, as in Deno with permissions by path, the old certificate goes first and the new one comes
 * last: meanwhile nothing vouches for what is there.
 * @throws {RangeError} if another run is writing to it
 */
export async function openRunFolder(folder: string): Promise<RunFolder> {
  await mkdir(folder, { recursive: true });
  const close = await lockedHere(join(folder, ".lock"));
  if (close === null) {
    throw new RangeError(`Cannot write a run to ${folder}: another run is writing to it; wait for it, or name another folder`);
  }
  const write = async (files: Files) => await (await linked(join(folder, ".new"), ".run") ? byLinks : inOrder)(folder, files);
  return {
    close,
    async replace(files) {
      const before = await namesIn(folder, [...allFiles, ...derived]);
      for (const name of derived) await rm(join(folder, name), { force: true });
      await write(files);
      return before.filter((name) => !(name in files));
    },
    async change(files) {
      const kept = await Promise.all(
        (await namesIn(folder)).map(async (name) => [name, await readFile(join(folder, name))] as const),
      );
      await write({ ...Object.fromEntries(kept), ...files });
    },
  };
}

type Files = Readonly<Record<string, string | Uint8Array>>;

async function byLinks(folder: string, files: Files): Promise<void> {
  const at = (...names: string[]) => join(folder, ...names), current = (await target(at(".run")))?.match(/^\.run-\d+$/)?.[0];
  await removeOthers(folder, current);
  const number = Number(current?.slice(5) ?? 0), next = `.run-${number + 2}`;
  await mkdir(at(next));
  for (const [name, content] of Object.entries(files)) await newFile(at(next, name), content);
  await adopt(folder, `.run-${number + 1}`);
  await place(at(".run"), next);
  for (const name of allFiles) if (!(name in files)) await rm(at(name), { force: true });
  await removeOthers(folder, next);
}

/** Makes every name a link into `.run`, with the same content as before: files of an older version, or that somebody put there. */
async function adopt(folder: string, as: string): Promise<void> {
  const at = (...names: string[]) => join(folder, ...names), own = (name: string) => join(".run", name), other: string[] = [];
  for (const name of allFiles) if (await target(at(name)) !== own(name)) other.push(name);
  const readable = await namesIn(folder);
  if (other.some((name) => readable.includes(name))) {
    await mkdir(at(as));
    for (const name of readable) await copyFile(at(name), at(as, name));
    await place(at(".run"), as);
  }
  // A link to what is not there yet is as good as no file.
  for (const name of other) await place(at(name), own(name));
}

/** Where a link leads; none, if it is no link. */
async function target(path: string): Promise<string | undefined> {
  return await readlink(path).catch(() => undefined);
}

async function inOrder(folder: string, files: Files): Promise<void> {
  for (const name of allFiles.toReversed()) await rm(join(folder, name), { force: true });
  for (const name of allFiles) if (name in files) await replaceFile(join(folder, name), files[name]);
  await rm(join(folder, ".run"), { force: true });
  await removeOthers(folder);
}

/** Puts a link in the place of what has its name, in one step. */
async function place(path: string, target: string): Promise<void> {
  await rm(`${path}.new`, { force: true });
  await symlink(target, `${path}.new`);
  await rename(`${path}.new`, path);
}

/** Whether links can be made. */
async function linked(path: string, target: string): Promise<boolean> {
  await rm(path, { force: true });
  const made = await symlink(target, path).then(() => true, () => false);
  await rm(path, { force: true });
  return made;
}

/** What a killed program leaves. */
const left = /^\.run-\d+$|^(encoder|result|model|certificate)\.\w+\.[0-9a-f]{8}\.new$/;

/** Removes the runs that killed programs have left. */
async function removeOthers(folder: string, current?: string): Promise<void> {
  const old = (await readdir(folder)).filter((name) => left.test(name) && name !== current);
  for (const name of old) await rm(join(folder, name), { recursive: true });
}

/** The files of a run that can be read. */
export async function namesIn(folder: string, names: readonly string[] = allFiles): Promise<string[]> {
  const found = await Promise.all(names.map(async (name) => await stat(join(folder, name)).then(() => [name], () => [])));
  return found.flat();
}

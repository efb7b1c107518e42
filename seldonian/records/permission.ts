import { checkPath } from "./path.ts";

/** Whether a file may be written without a prompt: always, except in Deno without the permission; never in a browser. */
export function mayWrite(path: string): boolean {
  checkPath("tell whether a file may be written", path);
  const runtime = globalThis as {
    Deno?: { permissions: { querySync(wanted: { name: "write"; path: string }): { state: string } } };
    process?: unknown;
  };
  if (runtime.Deno !== undefined) return runtime.Deno.permissions.querySync({ name: "write", path }).state === "granted";
  return runtime.process !== undefined;
}

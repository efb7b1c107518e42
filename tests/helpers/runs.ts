/** The runtime of the tests, and whether proofs run in their long form. */
import process from "node:process";

/** Whether proofs run in their long form. */
export const full: boolean = process.env.PROOFS === "full";

/** Whether Deno runs the tests. */
export const onDeno: boolean = "Deno" in globalThis;

/** The reason to skip a test that writes files, or `false`. */
export const skipWriting: string | false = onDeno && "needs the permission to write files; Bun runs it";

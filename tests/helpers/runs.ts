/** How the tests are run: in which runtime, and whether proofs are made in full. */
import process from "node:process";

/** Whether proofs are made in their long form. */
export const full: boolean = process.env.PROOFS === "full";

/** Whether Deno runs the tests. */
export const onDeno: boolean = "Deno" in globalThis;

/** Why a test that writes files is left out, or `false`. */
export const skipWriting: string | false = onDeno && "needs the permission to write files; Bun runs it";

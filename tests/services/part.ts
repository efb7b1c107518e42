/** Stands for the command line: `part.ts <store> --part i/n` runs a part of an experiment into a store. */
import { experiment } from "../../seldonian/experiments/mod.ts";
import { asked } from "./slurm_question.ts";

const [store, , part] = Deno.args, [index, count] = part.split("/").map(Number);
await experiment({ ...asked, store, part: { index, count } });

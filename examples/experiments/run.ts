/** Runs an example's experiments as the command line asks. */
import { writeFile } from "node:fs/promises";
import { parseArgs } from "node:util";
import { Tensor } from "../../mod.ts";
import {
  experiment,
  type Question,
  type Results,
  resultsPage,
  serveExperiment,
  trialProgress,
} from "../../seldonian/experiments/mod.ts";

/** What an example asks. */
export interface Asked {
  /** The names of its experiments. */
  names: readonly string[];
  /** Numbers of rows. */
  sizes: readonly number[];
  /** The question of one of them; `file` is the first argument, if any. */
  question(name: string, file?: string): Question | Promise<Question>;
}

/**
 * Runs all of them, or `--only NAME`, with `--trials N` at `--sizes N,N,…`, in `--workers N` threads (0: in this one). With
 * `--store FILE`, results are kept, and a killed run goes on; `--page FILE` writes a page, `--figures FOLDER` a figure of each.
 * @param url the example's module, which the threads load again
 */
export async function run(url: string, { names, sizes, question }: Asked): Promise<void> {
  const told = new URL(url).searchParams.get("question");
  if (told !== null) return serveExperiment(Promise.resolve(JSON.parse(told)).then(({ name, file }) => question(name, file)));
  const text = { type: "string" } as const;
  const { values, positionals: [file] } = parseArgs({
    allowPositionals: true,
    options: {
      trials: { ...text, default: "5" },
      workers: { ...text, default: "2" },
      sizes: { ...text, default: sizes.join() },
      only: text,
      store: text,
      page: text,
      figures: text,
    },
  });
  const found: Record<string, Results> = {}, count = Number(values.workers);
  for (const name of names.filter((name) => name === (values.only ?? name))) {
    const module = new URL(url);
    module.searchParams.set("question", JSON.stringify({ name, file }));
    found[name] = await experiment({
      ...await question(name, file),
      sizes: values.sizes.split(",").map(Number),
      trials: Number(values.trials),
      store: values.store,
      workers: count === 0 ? undefined : { count, start: () => new Worker(module, { type: "module" }) },
      onTrial: trialProgress(),
    });
    console.log(`${name}: ${found[name]}\n`);
    if (values.figures !== undefined) {
      await writeFile(`${values.figures}/${name.replaceAll(" ", "_")}.svg`, await found[name].plot());
    }
  }
  if (values.page !== undefined) await writeFile(values.page, await resultsPage(found));
}

/** The part of wrong decisions, where 0.5 is the threshold. */
export function errors({ data: predictions }: Tensor, { data: labels }: Tensor): Tensor {
  let wrong = 0;
  for (let i = 0; i < labels.length; i++) if (Number(predictions[i] > 0.5) !== labels[i]) wrong++;
  return Tensor.scalar(wrong / labels.length);
}

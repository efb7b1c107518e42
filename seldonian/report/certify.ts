import { save } from "../../nn/safetensors.ts";
import type { Module } from "../../nn/module.ts";
import type { Bound } from "../bounds/bound.ts";
import type { Source } from "../data/data_set.ts";
import { digestOf, sha256 } from "../data/digest.ts";
import type { PromiseOptions } from "../problem/stated.ts";
import { nonFiniteAsText } from "../records/log.ts";
import { Certificate, type CertificateParts, type CertifiedData, type Evidence, type Files } from "./certificate.ts";
import { plannedAgain } from "./planned_again.ts";

/** The order of rows, as certificates describe it; `data/test_order.ts` computes it. */
export const orderedBy =
  "rows sorted by a hash of each row and of how many equal ones come before it, under a key that is a hash of all rows in the order given";

/**
 * The certificate of a safety test.
 * @throws {TypeError} for a custom bound
 * @throws {ConstraintError} for a measure that is not in `measures`
 */
export async function certify(
  model: Module,
  { options, problem, seed, report, made }: Evidence,
  files: Files = {},
): Promise<Certificate> {
  const { analysis = "conjunctive", rates = "expected", bound = "auto", ranges = {}, independent = [], paired = [], shift } =
    options;
  const named = namesOf(bound), { main, others } = await problem.sets.mapInTurn(({ data }) => certified(data));
  const stated = {
    format: "seldonian certificate 3" as const,
    made,
    model: { sha256: await sha256(save(model)) },
    files: await digestsOf(files),
    data: main,
    others,
    test: {
      seed,
      order: { by: orderedBy, key: report.constraints[0].order },
      analysis,
      rates,
      bound: named,
      ranges: Object.fromEntries(
        Object.entries(ranges).map(([name, [low, high]]): [string, [number, number]] => [name, [low, high]]),
      ),
      independent: [...independent],
      paired: [...paired],
      ...(shift !== undefined && { shift }),
      constraints: problem.promises.map(({ constraint, delta, ways: [way] }, i) => ({
        text: `${constraint}`,
        delta,
        ...(options.constraints[i].bound !== undefined && { bound: namesOf(options.constraints[i].bound!) }),
        formulas: way.map(({ g, delta, asOne, shares }) => ({
          text: `${g}`,
          delta,
          asOne,
          shares: shares.map(({ leaf, lower, upper }) => ({
            measure: `${leaf}`,
            ...(lower !== undefined && { lower }),
            ...(upper !== undefined && { upper }),
          })),
        })),
      })),
    },
  };
  // A constraint built in code may have a measure that no text can name.
  plannedAgain(stated.test, options.measures);
  const { passed, constraints } = report, found = plainly({ passed, constraints }) as CertificateParts["found"];
  return new Certificate({ ...stated, found, sha256: await sha256(JSON.stringify({ ...stated, found })) });
}

/** SHA-256 of files, by name. */
export async function digestsOf(files: Files): Promise<Record<string, string>> {
  const names = Object.keys(files).sort();
  return Object.fromEntries(await Promise.all(names.map(async (name) => [name, await sha256(files[name])] as const)));
}

async function certified(data: Source): Promise<CertifiedData> {
  return { rows: data.size, sha256: await digestOf(data) };
}

/** The names of families of bounds. @throws {TypeError} for a custom one */
function namesOf(bound: NonNullable<PromiseOptions["bound"]>): string | Record<string, string> {
  if (typeof bound === "string") return bound;
  const own = "upper" in bound ? bound : Object.values(bound).find((choice) => typeof choice !== "string");
  if (own === undefined) return { ...bound as Record<string, string> };
  throw new TypeError(`Cannot certify a test by a custom Bound, "${(own as Bound).name}": use a family by its name`);
}

/** The value as JSON represents it. */
export function plainly(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value, nonFiniteAsText));
}

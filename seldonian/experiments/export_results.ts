import { loadParquetWriter, type WrittenColumn } from "../../deps.ts";
import type { Results } from "./results.ts";
import type { TrialResult } from "./trial.ts";

/** Results as CSV, one line for each trial. */
export function csvOf(results: Results): string {
  const columns = columnsOf(results), cell = (value: unknown) => typeof value === "boolean" ? Number(value) : value ?? "";
  const lines = results.trials.map((_, i) => columns.map(({ data }) => cell(data[i])));
  return [columns.map(({ name }) => name), ...lines].map((line) => line.map((one) => quoted(`${one}`)).join(",") + "\n").join("");
}

/** Results as a Parquet file, one row for each trial. */
export async function parquetOf(results: Results): Promise<Uint8Array<ArrayBuffer>> {
  return new Uint8Array((await loadParquetWriter())({ columnData: columnsOf(results) }));
}

/** A column for each part of a result, and for g of each constraint. */
function columnsOf({ trials, constraints }: Results): WrittenColumn[] {
  const column = (name: string, type: WrittenColumn["type"], of: (one: TrialResult) => unknown, nullable = false) => ({
    name,
    type,
    nullable,
    data: trials.map((one) => of(one) ?? null),
  });
  return [
    column("contender", "STRING", ({ contender }) => contender),
    column("n", "INT32", ({ size }) => size),
    column("trial", "INT32", ({ trial }) => trial),
    column("solution", "BOOLEAN", ({ solution }) => solution),
    column("performance", "DOUBLE", ({ performance }) => performance, true),
    column("broken", "BOOLEAN", ({ broken }) => broken),
    column("seconds", "DOUBLE", ({ seconds }) => seconds),
    column("error", "STRING", ({ error }) => error, true),
    ...constraints.map(({ text }, i) => column(`g: ${text}`, "DOUBLE", ({ values }) => values[i], true)),
  ];
}

function quoted(text: string): string {
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

/** A small run to serve, its rows, and requests without a network. */
import { equal } from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import type { Server } from "../../seldonian/serving/mod.ts";
import { command } from "./small_run.ts";

/** A row of the small run; the model sees age, job and income, and the promise names sex. */
export interface Person {
  age: number;
  job: string;
  income: number | null;
  sex: string;
}

const jobs = ["clerk", "cook", "nurse"];

/** The person with a number, the same at every call. */
export function person(i: number): Person {
  const noise = Math.sin(12.9898 * i) * 43758.5453, u = noise - Math.floor(noise);
  return {
    age: 20 + (i * 7) % 50,
    job: jobs[i % 3],
    income: i % 11 === 5 ? null : Math.round(1000 * u) / 10,
    sex: i % 2 === 0 ? "F" : "M",
  };
}

/** What came true for a person. */
export function truth(i: number): string {
  const { age, income } = person(i);
  return (income ?? 50) + age / 5 + 8 * Math.sin(3.7 * i) > 58 ? "yes" : "no";
}

/** Trains the small run into `folder/run`, and returns its path. */
export async function smallServedRun(folder: string, more: Record<string, unknown> = {}): Promise<string> {
  const rows = Array.from(
    { length: 600 },
    (_, i) => `${Object.values(person(i)).map((value) => value ?? "").join(",")},${truth(i)}`,
  );
  writeFileSync(`${folder}/people.csv`, `age,job,income,sex,paid\n${rows.join("\n")}\n`);
  const spec = {
    data: {
      file: "people.csv",
      label: { column: "paid", classes: ["no", "yes"] },
      groups: { women: { column: "sex", is: "F" }, men: { column: "sex", is: "M" } },
      missing: { impute: { income: "mean" } },
    },
    model: { kind: "logistic" },
    constraints: [{ text: "abs((PR | [women]) - (PR | [men])) <= 0.5", delta: 0.05 }, { text: "ACC >= 0.6", delta: 0.05 }],
    rates: "decided",
    optimizer: { thetaRate: 0.1, epochs: 60 },
    ...more,
  };
  writeFileSync(`${folder}/spec.json`, JSON.stringify(spec));
  const { code, out, errors } = await command("train", `${folder}/spec.json`, "--out", `${folder}/run`, "--quiet");
  equal(code, 0, out + errors);
  return `${folder}/run`;
}

const trained = new Map<string, Promise<string>>();

/** The path of a small run that tests share, and do not write to; it is removed when the process ends. */
export function sharedRun(more: Record<string, unknown> = {}): Promise<string> {
  const key = JSON.stringify(more);
  if (!trained.has(key)) {
    const folder = mkdtempSync(join(tmpdir(), "served"));
    process.once("exit", () => rmSync(folder, { recursive: true, force: true }));
    trained.set(key, smallServedRun(folder, more));
  }
  return trained.get(key)!;
}

// deno-lint-ignore no-explicit-any
type Json = any;

/** Sends JSON, or a text as it is, to a server: status, answer and headers. */
export async function asked(
  server: Pick<Server, "fetch">,
  path: string,
  body?: unknown,
  headers: Record<string, string> = {},
): Promise<{ status: number; json: Json; text: string; headers: Headers }> {
  const init = body === undefined ? { headers } : {
    method: "POST",
    headers: { "content-type": "application/json", ...headers },
    body: typeof body === "string" || body instanceof Uint8Array || body instanceof ReadableStream
      ? body as BodyInit
      : JSON.stringify(body),
  };
  const answer = await server.fetch(new Request(`http://server${path}`, init)), text = await answer.text();
  const isJson = /json/.test(answer.headers.get("content-type") ?? "");
  return { status: answer.status, json: isJson ? JSON.parse(text) : undefined, text, headers: answer.headers };
}

/** Servers that are killed while decisions are asked for and outcomes told: nothing acknowledged is lost or counted twice. */
import { spawn } from "node:child_process";
import process from "node:process";
import { DatabaseSync } from "node:sqlite";
import { person, smallServedRun, truth } from "../helpers/served.ts";
import type { Attack, Field } from "./chaos.ts";

/** A server in a process of its own. */
interface Served {
  url: string;
  /** Whether it ended in order. */
  kill(signal: "SIGKILL" | "SIGTERM"): Promise<boolean>;
}

async function served(root: string, run: string, store: string, durable = "all"): Promise<Served> {
  const own = [process.execPath, ...("Deno" in globalThis ? ["run", "--no-check", "-A"] : [])];
  const args = [...own.slice(1), `${root}/cli.ts`, "serve", run, "--port", "0", "--store", store, "--durable", durable];
  const child = spawn(own[0], args, { stdio: ["ignore", "pipe", "inherit"] });
  let out = "";
  const ended = new Promise<boolean>((resolve) => child.on("close", () => resolve(/^Ended: /m.test(out))));
  const url = await new Promise<string>((resolve, reject) => {
    child.stdout.on("data", (data) => {
      const [found] = /http:\/\/[\d.:]+(?=\/)/.exec(out += data) ?? [];
      if (found !== undefined) resolve(found);
    });
    child.on("close", () => reject(new Error("the server ended before it listened")));
  });
  return { url, kill: (signal) => (child.kill(signal), ended) };
}

/** What clients were told. */
interface Course {
  /** What the model gave, by row. */
  outputs: unknown[];
  /** What the server refused, or answered wrongly. */
  wrong: string[];
  requests: number;
}

/** What comes true, in order: the rows' labels, and now and then a correction and its own. */
function events(rows: number): { row: number; label: string }[] {
  return Array.from({ length: rows }, (_, row) => {
    const own = [{ row, label: truth(row) }], old = row - 20;
    if (row % 50 !== 49) return own;
    return [...own, { row: old, label: truth(old) === "yes" ? "no" : "yes" }, { row: old, label: truth(old) }];
  }).flat();
}

/**
 * Asks for decisions on some rows, several requests at once, and tells what comes true in its order, each request again until it is
 * acknowledged; tells some that are known again.
 * @param url the server's, which changes
 * @param size the sizes of requests: rows, and the most outcomes
 * @param asked is called before each request
 */
async function course(
  rows: number,
  url: () => string,
  size: { rows: number; outcomes(): number },
  asked: () => void,
): Promise<Course> {
  const found: Course = { outputs: [], wrong: [], requests: 0 }, ids: string[] = [], all = events(rows);
  // deno-lint-ignore no-explicit-any
  const post = async (path: string, body: unknown): Promise<any> => {
    asked();
    found.requests++;
    for (const began = Date.now(); Date.now() - began < 60_000;) {
      try {
        const answer = await fetch(`${url()}${path}`, {
          method: "POST",
          headers: { "content-type": "application/json" },
          body: JSON.stringify(body),
        });
        const json = await answer.json();
        if (answer.ok) return json;
        if (answer.status !== 503) throw new RangeError(`${path}: ${answer.status} ${JSON.stringify(json).slice(0, 300)}`);
      } catch (error) {
        if (error instanceof RangeError) throw error;
        // It was killed: the next one is asked again.
      }
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    throw new Error("no server answers");
  };
  let told = 0, next = 0;
  const decide = async () => {
    while (next < rows) {
      // Decisions are not far ahead of outcomes.
      if (next > told + 64 + 10 * size.rows) {
        await new Promise((resolve) => setTimeout(resolve, 1));
        continue;
      }
      const from = next, some = Array.from({ length: Math.min(size.rows, rows - from) }, (_, i) => person(from + i));
      next += some.length;
      const answers = await post("/predict", some);
      for (const [i, { id, output }] of answers.entries()) [ids[from + i], found.outputs[from + i]] = [id, output];
    }
  };
  const tell = async () => {
    for (let at = 0, count = 0; at < all.length;) {
      const most = size.outcomes(), some: typeof all = [];
      // An id is in a list once, so that the list may be sent again.
      while (some.length < most && at + some.length < all.length && !some.some(({ row }) => row === all[at + some.length].row)) {
        some.push(all[at + some.length]);
      }
      const last = Math.max(...some.map(({ row }) => row));
      while (some.some(({ row }) => ids[row] === undefined)) await new Promise((resolve) => setTimeout(resolve, 1));
      const list = some.map(({ row, label }) => ({ id: ids[row], label })), old = last - 30;
      const again = count++ % 10 === 9 && old >= 0 && old % 50 !== 29
        ? post("/outcomes", { id: ids[old], label: truth(old) })
        : undefined;
      const answers = await post("/outcomes", list), repeated = await again;
      if (repeated !== undefined && repeated.status !== "repeated") found.wrong.push(`row ${old}, again: ${repeated.status}`);
      const odd = answers.find(({ status }: { status: string }) => !["counted", "corrected", "repeated"].includes(status));
      if (odd !== undefined) found.wrong.push(`rows to ${last}: ${odd.status}`);
      at += some.length;
      told = last;
    }
  };
  await Promise.all([tell(), ...Array.from({ length: 16 }, decide)]);
  return found;
}

/** The numbers of outcomes and of decisions with one, and the monitor's state. */
function kept(store: string): { outcomes: number; decisions: number; state: string } {
  const database = new DatabaseSync(store, { readOnly: true });
  try {
    const [{ outcomes, decisions }] = database.prepare(
      "SELECT count(*) AS outcomes, count(DISTINCT decision) AS decisions FROM outcomes",
    ).all();
    return {
      outcomes: Number(outcomes),
      decisions: Number(decisions),
      state: `${database.prepare("SELECT state FROM monitor").get()!.state}`,
    };
  } finally {
    database.close();
  }
}

/** Kills a server again and again, and compares what is left with a server that was left alone. */
export const killedServers = (durable: "all" | "outcomes"): Attack["attempts"] =>
  async function* ({ kit, dice, folder, dear }: Field) {
    const kills = dear > 1 ? 50 : 2, rows = dear > 1 ? 76_000 : 200, run = await smallServedRun(folder);
    const stores = { killed: `${folder}/killed.sqlite`, alone: `${folder}/alone.sqlite` };
    let server = await served(kit.root, run, stores.killed, durable),
      requests = 0,
      killed = 0,
      restarting: Promise<void> | undefined;
    // About 1.3 requests a row.
    const every = Math.floor(1.3 * rows / (kills + 1));
    let at = Math.floor(every * (0.5 + dice.uniform()));
    const killing = () => {
      requests++;
      if (requests < at || killed === kills || restarting !== undefined) return;
      killed++;
      at = every * killed + Math.floor(every * (0.5 + dice.uniform()));
      restarting = new Promise((resolve) => setTimeout(resolve, 20 * dice.uniform()))
        .then(() => server.kill("SIGKILL"))
        .then(async () => {
          server = await served(kit.root, run, stores.killed, durable);
          restarting = undefined;
        });
    };
    const disturbed = await course(rows, () => server.url, { rows: 1, outcomes: () => 1 + dice.below(6) }, killing);
    await restarting;
    const end = await server.kill("SIGTERM");
    yield {
      what: `${requests} requests, ${killed} kills`,
      found: killed === kills ? disturbed.wrong[0] : `only ${killed} of ${kills}`,
    };
    yield { what: "an end in order", found: end ? undefined : "it ended before it was done" };
    // Whatever the sizes of requests: the same outcomes in the same order.
    const alone = await served(kit.root, run, stores.alone);
    const calm = await course(rows, () => alone.url, { rows: 100, outcomes: () => 40 }, () => {});
    await alone.kill("SIGTERM");
    const [left, wanted] = [kept(stores.killed), kept(stores.alone)];
    yield { what: "a server that is left alone", found: calm.wrong[0] };
    const different = calm.outputs.findIndex((output, i) => JSON.stringify(output) !== JSON.stringify(disturbed.outputs[i]));
    yield {
      what: "decisions",
      found: different < 0 ? undefined : `row ${different}: ${disturbed.outputs[different]}, alone ${calm.outputs[different]}`,
    };
    for (const what of ["outcomes", "decisions", "state"] as const) {
      yield {
        what: `${what} kept`,
        found: left[what] === wanted[what] ? undefined : `${left[what]}, and alone ${wanted[what]}`.slice(0, 300),
      };
    }
  };
